"""The way from an empty installation to the first report: where each step stands, worked out from what is stored.

No step is ticked off by anybody: what was done on another page, by a command or by somebody else counts as well, and
what was undone is open again.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import ClosedPeriod
from survey.operations import start_collection, start_set_up
from survey.operations.start_step import StartStep
from survey.periods import local_day
from survey.settings import Settings


def steps(session: Session, settings: Settings, at: dt.datetime) -> list[StartStep]:
    """Return every step in its order, in the language in use.

    Raises:
        NotFound: nobody has said whose survey this is.
    """
    today = local_day(at)
    return [
        start_set_up.province_step(session),
        start_set_up.agencies_step(session, today),
        start_set_up.procedures_step(session, today),
        start_set_up.accounts_step(session, at),
        start_set_up.questionnaire_step(session, settings),
        start_collection.sending_step(session, settings),
        start_collection.trial_step(session),
        start_collection.poster_step(session, today),
        start_collection.cases_step(session),
        start_collection.closing_step(session, today),
        start_collection.report_step(session),
    ]


def is_under_way(session: Session) -> bool:
    """Return whether no period has been closed yet, so that the list of steps is what somebody needs first."""
    return session.scalar(sa.select(ClosedPeriod.id).limit(1)) is None
