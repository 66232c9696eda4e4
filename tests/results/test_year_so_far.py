"""The year so far: the sum of its months, and of no month that is not shown."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from survey.periods import parse
from survey.results.scope import Standard, scope_for
from survey.results.year_so_far import YearSoFar, year_so_far
from tests.support import factories

TODAY = dt.date(2026, 11, 20)


def told(session: Session, code: str, fewest: int = 10, basis: str = "calendar") -> YearSoFar:
    scope = scope_for(session, parse(code, basis), factories.agency_id(session))
    return year_so_far(session, scope, Standard("0.90", 0.95, fewest), TODAY)


def answer(session: Session, month: int, number: int, satisfied: int) -> None:
    for place in range(number):
        rating = 5 if place < satisfied else 1
        factories.response(session, rating, when=dt.datetime(2026, month, 10, 5, tzinfo=dt.UTC))


def test_it_adds_up_the_months_from_the_first_with_answers(session: Session) -> None:
    answer(session, 4, 20, 15)
    answer(session, 5, 10, 10)
    answer(session, 7, 40, 30)
    year = told(session, "2026-06")
    assert [row.code for row in year.months] == ["2026-04", "2026-05", "2026-06"]
    assert year.total is not None
    assert (year.total.answered, year.total.satisfied, year.left_out) == (30, 25, 0)
    assert year.total.rate == pytest.approx(25 / 30)
    assert (year.total.lower, year.total.upper) == pytest.approx((0.6528, 0.9436), abs=0.0005)  # Clopper-Pearson


def test_a_month_that_is_not_shown_is_not_in_the_sum(session: Session) -> None:
    answer(session, 4, 20, 15)
    answer(session, 5, 4, 0)
    answer(session, 6, 30, 30)
    year = told(session, "2026-06")
    assert year.total is not None
    assert (year.total.answered, year.total.satisfied, year.left_out) == (50, 45, 1)
    assert year.months[1].rate is None


def test_one_month_and_the_year_itself_have_no_sum(session: Session) -> None:
    answer(session, 4, 20, 15)
    assert told(session, "2026-04").total is None
    answer(session, 5, 20, 15)
    assert told(session, "2026").total is None
    assert len(told(session, "2026").months) == 9, "from April on"


def test_months_of_the_administrative_year_begin_on_the_15th(session: Session) -> None:
    answer(session, 4, 20, 15)
    answer(session, 5, 20, 15)
    year = told(session, "2026-Q2", basis="administrative")
    assert [str(row.first) for row in year.months] == ["2026-03-15", "2026-04-15", "2026-05-15"]
