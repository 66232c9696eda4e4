"""What the demonstration's province shows to everybody: the results of its closed months."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.callbacks import publishing
from survey.periods import Basis
from survey.results import publication
from survey.results.scope import Standard


def publish_months(session: Session, now: dt.datetime, standard: Standard) -> None:
    """Switch publication on, and publish every closed calendar month, the first one first."""
    publication.switch(session, True, None, now)
    for period in reversed(publication.closed_unpublished(session)):
        if period.basis is Basis.CALENDAR and period.code[5:].isdigit():
            publishing.publish(session, period, standard, now)
