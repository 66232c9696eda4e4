"""The application for WSGI servers, and as our own server calls it; importing it never migrates."""

from survey.app import create_app
from survey.operations import allocator, child_processes
from survey.operations.request_figures import TimedRequests
from survey.operations.serving import TURNS_OF_OFFICIALS, turns_of_citizens
from survey.operations.turns import TakingTurns
from survey.web.front_door import PATIENT
from survey.web.survey import survey_of

child_processes.end_with_parent()
allocator.keep_little()
application = create_app()
taking_turns = TakingTurns(
    application,
    turns_of_citizens(survey_of(application).database),
    apart=PATIENT,
    turns_apart=TURNS_OF_OFFICIALS,
    at_once=frozenset({"/healthz"}),
)
# Counted and timed where somebody reads it; a citizen's request gets no slower where nobody does.
served = TimedRequests(taking_turns) if survey_of(application).settings.metrics_token else taking_turns
application.test_client().get("/readyz")  # done once, before the first visitor comes: what a first request does
