"""The application for WSGI servers, and as our own server calls it; importing it never migrates."""

from survey.app import create_app
from survey.operations import allocator
from survey.operations.serving import TURNS
from survey.operations.turns import TakingTurns

allocator.keep_little()
application = create_app()
served = TakingTurns(application, TURNS, at_once=frozenset({"/healthz"}))
application.test_client().get("/readyz")  # done once, before the first visitor comes: what a first request does
