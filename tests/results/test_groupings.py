"""Where agencies stand together otherwise than when a month was closed, its guarded readers are told nothing anew."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Agency, Level
from survey.periods import parse
from survey.results import closing
from survey.results.changes import changes
from survey.results.figures import figures
from survey.results.scope import Reader, Standard, scope_for
from survey.results.trends import trend
from tests.support import factories
from tests.support.dated import rename

STANDARD, TODAY = Standard("0.90", 0.95), dt.date(2026, 11, 20)
OFFICES = {"H61.1.1": (40, 35), "H61.1.2": (6, 2), "H61.1.3": (30, 20)}


def answered(session: Session, code: str, month: int, answers: int, satisfied: int) -> None:
    for number in range(answers):
        rating = 5 if number < satisfied else 2
        factories.response(session, rating, code, when=dt.datetime(2026, month, 10, 5, tzinfo=dt.UTC))


@pytest.fixture
def department(session: Session) -> int:
    """A department with three offices that were answered in September, the second by few."""
    above = factories.agency_id(session, "H61.1")
    for code, (answers, satisfied) in OFFICES.items():
        factories.agency(session, code, Level.OFFICE, f"Phòng {code}", f"Office {code}", above)
        answered(session, code, 9, answers, satisfied)
    return above


def close(session: Session, month: int) -> None:
    closed_at = dt.datetime(2026, month + 1, 3, tzinfo=dt.UTC)
    closing.close(session, parse(f"2026-{month:02}"), closed_at, STANDARD)


def merge(session: Session, gone: str, into: str) -> None:
    """Let an office end with September, its work going to another."""
    ended = session.scalars(sa.select(Agency).where(Agency.code == gone)).one()
    ended.valid_to, ended.successor_id = dt.date(2026, 9, 30), factories.agency_id(session, into)
    session.flush()


def earlier(session: Session, agency: int, reader: Reader = Reader.UNIT) -> tuple[int | None, bool]:
    """Return how many were satisfied in September by the trend of October, and whether October tells any change."""
    scope = scope_for(session, parse("2026-10"), agency, reader=reader)
    rows = {row.code: row for row in trend(session, scope, STANDARD, TODAY).rows}
    before = rows.get("2026-09")
    return before.satisfied if before else None, bool(changes(session, figures(session, scope, STANDARD, TODAY)))


def test_after_a_merger_no_month_of_before_is_told_in_which_an_office_was_hidden(
    session: Session, department: int
) -> None:
    close(session, 9)
    table = figures(session, scope_for(session, parse("2026-09"), department, reader=Reader.UNIT), STANDARD, TODAY)
    assert {row.code: row.satisfied for row in table.judged.rows if row.shown and not row.pooled} == {"H61.1.1": 35}
    merge(session, "H61.1.2", into="H61.1.1")
    for code, answers in (("H61.1.1", 45), ("H61.1.3", 35)):
        answered(session, code, 10, answers, answers - 5)
    close(session, 10)
    office = factories.agency_id(session, "H61.1.1")
    assert earlier(session, department) == (57, False), (
        "its total as it was told; of rows, 37 less 35 would tell two of six"
    )
    assert earlier(session, office) == (None, False)
    assert earlier(session, office, Reader.PROVINCE)[0] == 37


def test_a_total_that_its_own_table_did_not_tell_is_not_told_after_a_merger_either(
    session: Session, department: int
) -> None:
    """Its half year beside six months that are told would tell a month of few: no table shows that, under any tree."""
    close(session, 9)
    answered(session, "H61.1.3", 8, 4, 1)
    closing.close(session, parse("2026-Q3"), dt.datetime(2026, 10, 4, tzinfo=dt.UTC), STANDARD)
    quarter = scope_for(session, parse("2026-Q3"), department, reader=Reader.UNIT)
    before = figures(session, quarter, STANDARD, TODAY).judged.total
    merge(session, "H61.1.2", into="H61.1.1")
    answered(session, "H61.1.1", 10, 45, 40)
    closing.close(session, parse("2026-Q4"), dt.datetime(2027, 1, 3, tzinfo=dt.UTC), STANDARD)
    scope = scope_for(session, parse("2026-Q4"), department, reader=Reader.UNIT)
    rows = {row.code: row for row in trend(session, scope, STANDARD, dt.date(2027, 1, 5)).rows}
    assert before.satisfied is None and before.answered == 80
    assert (rows["2026-Q3"].answered, rows["2026-Q3"].satisfied) == (80, None)


def test_a_new_name_alone_hides_nothing(session: Session, department: int) -> None:
    close(session, 9)
    rename(session, "H61.1.1", dt.date(2026, 10, 1), "Phòng Mới")
    for code, answers in (("H61.1.1", 45), ("H61.1.3", 35)):
        answered(session, code, 10, answers, answers - 5)
    close(session, 10)
    assert earlier(session, department)[1]
    assert earlier(session, factories.agency_id(session, "H61.1.1"))[0] == 35


def test_a_longer_period_closed_under_other_groupings_tells_no_row_of_days_that_were_told(
    session: Session, department: int
) -> None:
    close(session, 9)
    merge(session, "H61.1.2", into="H61.1.1")
    answered(session, "H61.1.1", 10, 45, 40)
    new_year = dt.date(2027, 1, 5)
    closing.close(session, parse("2026"), dt.datetime(2027, 1, 3, tzinfo=dt.UTC), STANDARD)
    year = figures(session, scope_for(session, parse("2026"), department, reader=Reader.UNIT), STANDARD, new_year)
    assert [row.code for row in year.judged.rows if row.shown] == [], "91 less what September and October tell"
    september = scope_for(session, parse("2026-09"), department, reader=Reader.UNIT)
    table = figures(session, september, STANDARD, new_year)
    assert [row.code for row in table.judged.rows if row.shown and not row.pooled] == ["H61.1.1"], "told as before"
