"""Published results of the small province: what a month had, closed and published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.orm import Session

from survey.models import Publication
from survey.periods import parse
from survey.results import closing, publication
from survey.results.scope import Standard
from tests.support import factories

STANDARD = Standard("0.90", 0.95)
OCTOBER = parse("2026-10")
GIVEN = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 4, 5, tzinfo=dt.UTC)
PUBLISHED = dt.datetime(2026, 11, 9, 5, tzinfo=dt.UTC)
# By unit: how many answer, of whom two in three are satisfied. One has few, one few enough to need company.
MONTH = {"H61.1": 60, "H61.2": 45, "H61.50": 40, "H61.51": 12, "H61.52": 4}


def answers(session: Session, numbers: Mapping[str, int] = MONTH, when: dt.datetime = GIVEN) -> None:
    """Let people answer about units."""
    for unit, number in numbers.items():
        for place in range(number):
            factories.response(session, 5 if place % 3 else 2, unit, when=when)


def publish_october(session: Session, numbers: Mapping[str, int] = MONTH) -> Publication:
    """Let October have these answers, close it and publish it."""
    answers(session, numbers)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    publication.switch(session, True, None, PUBLISHED)
    published = publication.publish(session, OCTOBER, STANDARD, PUBLISHED)
    session.commit()
    return published
