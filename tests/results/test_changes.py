"""How each row has moved since the period before: what its own trend says, and nothing that one table hides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from sqlalchemy.orm import Session

from survey.periods import parse
from survey.results import closing
from survey.results.caveats import moved_by
from survey.results.changes import RowChange, changes
from survey.results.figures import By, figures
from survey.results.scope import Reader, Standard, scope_for
from survey.results.trends import RateChange, trend
from tests.support import factories

STANDARD = Standard("0.90", 0.95)
TODAY = dt.date(2026, 11, 20)
BIRTH, MARRIAGE = "1.001193", "1.000894"


def answer(session: Session, month: int, satisfied: int, others: int, agency: str, procedure: str = BIRTH) -> None:
    for rating in [5] * satisfied + [2] * others:
        factories.response(session, rating, agency, procedure, dt.datetime(2026, month, 10, 5, tzinfo=dt.UTC))


@pytest.fixture
def autumn(session: Session) -> Session:
    answer(session, 9, 40, 10, "H61.1")
    answer(session, 10, 20, 40, "H61.1")
    answer(session, 9, 30, 10, "H61.2")
    answer(session, 10, 31, 9, "H61.2")
    answer(session, 9, 4, 4, "H61.50")
    answer(session, 9, 6, 2, "H61.51")
    answer(session, 10, 30, 5, "H61.50")
    return session


def of(
    session: Session, agency: str, month: str = "2026-10", reader: Reader = Reader.PROVINCE, by: By = "unit"
) -> Mapping[int, RowChange]:
    scope = scope_for(session, parse(month), factories.agency_id(session, agency), reader=reader)
    return changes(session, figures(session, scope, STANDARD, TODAY, by))


@pytest.mark.parametrize("closed", [(), ("2026-09",), ("2026-09", "2026-10")])
def test_a_row_moves_as_the_trend_of_its_own_page(autumn: Session, closed: tuple[str, ...]) -> None:
    for month in closed:
        closing.close(autumn, parse(month), dt.datetime(2026, 11, 3, tzinfo=dt.UTC), STANDARD)
    moved = of(autumn, "H61")
    for code in ("H61.1", "H61.2"):
        unit = factories.agency_id(autumn, code)
        scope = scope_for(autumn, parse("2026-10"), unit)
        row, page = moved[unit], trend(autumn, scope, STANDARD, TODAY).change
        assert page is not None
        assert (row.difference, row.lower, row.upper) == (page.difference, page.lower, page.upper)
    assert moved[factories.agency_id(autumn, "H61.1")].clear
    assert not moved[factories.agency_id(autumn, "H61.2")].clear


def test_a_row_that_either_table_hides_has_no_change(autumn: Session) -> None:
    answer(autumn, 9, 30, 5, "H61.52")
    answer(autumn, 10, 3, 3, "H61.52")
    moved = of(autumn, "H61")
    assert factories.agency_id(autumn, "H61.50") not in moved, "8 answers in September"
    assert factories.agency_id(autumn, "H61.52") not in moved, "6 answers in October"


def test_nothing_is_said_of_a_period_that_is_running(autumn: Session) -> None:
    answer(autumn, 11, 20, 40, "H61.1")
    assert of(autumn, "H61", "2026-11") == {}


def test_procedures_move_too_and_to_their_own_unit_only_between_closed_periods(autumn: Session) -> None:
    answer(autumn, 9, 20, 20, "H61.50")
    answer(autumn, 9, 20, 0, "H61.50", MARRIAGE)
    answer(autumn, 10, 20, 0, "H61.50", MARRIAGE)
    assert len(of(autumn, "H61.50", by="procedure")) == 2
    assert of(autumn, "H61.50", reader=Reader.UNIT, by="procedure") == {}
    for month in ("2026-09", "2026-10"):
        closing.close(autumn, parse(month), dt.datetime(2026, 11, 3, tzinfo=dt.UTC), STANDARD)
    assert len(of(autumn, "H61.50", reader=Reader.UNIT, by="procedure")) == 2


@pytest.mark.parametrize(
    ("difference", "printed"), [(0.0384, "+3,8"), (-0.0515, "−5,2"), (0.0, "0,0"), (0.0002, "+0,02")]
)
def test_a_change_is_printed_in_percentage_points_with_its_sign(
    difference: float, printed: str, vietnamese: None
) -> None:
    assert moved_by(RateChange(difference, -1.0, 1.0)) == printed
