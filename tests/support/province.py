"""The province that the pages of officials are tried on: a verdict of each kind, and a unit that is silent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.models import Channel
from tests.support import factories
from tests.support.officials import official

TODAY = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)


def noon(day: int, month: int = 10) -> dt.datetime:
    return dt.datetime(2026, month, day, 5, tzinfo=dt.UTC)


def answers(
    session: Session, agency: str, satisfied: int, others: int = 0, channel: Channel = Channel.INVITATION
) -> None:
    """Add answers, and as many finished cases that nobody rated, so that nothing is certain."""
    for rating in [5] * satisfied + [2] * others:
        factories.response(session, rating, agency, when=noon(5), channel=channel)
        factories.case(session, agency, finished=noon(5).date())


def furnish(session: Session) -> None:
    """One unit meets the target, one does not, one is open and one is silent; somebody has an account."""
    answers(session, "H61.1", 40)
    answers(session, "H61.2", 10, 20)
    answers(session, "H61.50", 9, 1)
    answers(session, "H61.50", 7, 0, Channel.OPEN)
    answers(session, "H61.50", 0, 3, Channel.KIOSK)
    official(session)
