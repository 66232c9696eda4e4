"""Figures for whoever watches the installation (Prometheus): to the bearer of the token, and to nobody else.

The proxy does not pass this address on: it is read on the machine itself, or over a line of its own.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST

from survey.operations import metrics
from survey.web.survey import this_survey

pages = Blueprint("metrics", __name__)


@pages.get("/metrics")
def show() -> Response:
    """Return all figures; without a token set there is no such page, with a wrong one it is refused."""
    survey = this_survey()
    token = survey.settings.metrics_token
    if not token:
        abort(404)
    kind, _, presented = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not hmac.compare_digest(presented.strip().encode(), token.encode()):
        return Response("Authorization: Bearer …\n", 401, {"WWW-Authenticate": 'Bearer realm="metrics"'}, "text/plain")
    return Response(metrics.exposition(survey.database, survey.settings), content_type=CONTENT_TYPE_LATEST)
