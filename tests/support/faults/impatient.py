"""The product as our server calls it, with little patience for bodies that do not come."""

from __future__ import annotations

from survey.operations.serving import THREADS
from survey.operations.whole_requests import WholeRequests
from survey.web.upload_limits import longest
from survey.wsgi import application

served = WholeRequests(application, THREADS, longest, patience=1.0)
