"""What notes a change of a day sees all of which a count is made, and finds its rows by an index.

Else a page would go on telling what is no longer so, or whoever changes many rows would hold up all who answer.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import ChangedDay, CountedPart, CountedSpan, Response
from survey.results.live_counts import KEY_COLUMNS
from tests.support import factories

NOON = dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ON, AFTER = NOON.date(), NOON.date() + DAY
ANSWERS, CASES = CountedPart.ANSWERS, CountedPart.CASES
SLOTS = [column.key for column in Response.__table__.columns if re.fullmatch(r"r\d+", column.key)]
OF_ANSWERS = sorted({column.key for column in KEY_COLUMNS.values()} | {"overall", "other", "counted", "invitation_id"})
OF_CASES = ("finished_day", "resolving_agency_id", "procedure_id", "respondent")


def noted(session: Session, *statements: str) -> set[tuple[CountedPart, dt.date]]:
    """Return which days are noted once these were done, and undo them."""
    whole = session.begin_nested()
    for statement in statements:
        session.execute(sa.text(statement))
    days = {(row.part, row.day) for row in session.execute(sa.select(ChangedDay.part, ChangedDay.day))}
    whole.rollback()
    return days


def announced(session: Session, first: dt.date, last: dt.date) -> None:
    session.add_all(CountedSpan(part=part, first=first, last=last) for part in CountedPart)
    session.flush()


def test_whatever_a_count_is_made_of_is_noted_when_it_changes_and_nothing_else(session: Session) -> None:
    factories.response(session, 4, when=NOON)
    factories.invitation(session, when=NOON)
    session.flush()
    announced(session, ON, AFTER)
    assert len(SLOTS) == 24
    for column in (*OF_ANSWERS, *SLOTS):
        assert noted(session, f"UPDATE response SET {column} = {column}") == {(ANSWERS, ON)}, column
    assert noted(session, "UPDATE response SET entry = entry, receipt = receipt") == set()
    for column in OF_CASES:
        assert noted(session, f'UPDATE "case" SET {column} = {column}') == {(CASES, ON), (ANSWERS, ON)}, column
    for column in ("case_id", "used"):
        both = {(CASES, ON), (ANSWERS, ON)}
        assert noted(session, f"UPDATE invitation SET {column} = {column}") == both, column


def test_a_row_that_comes_goes_or_moves_is_noted_on_the_day_that_it_leaves_and_that_it_comes_to(
    session: Session,
) -> None:
    factories.response(session, 4, when=NOON)
    factories.case(session, finished=AFTER)
    announced(session, ON, AFTER)
    moved = {(ANSWERS, ON), (ANSWERS, AFTER)}
    assert noted(session, "UPDATE response SET day = day + 1") == moved
    assert noted(session, "UPDATE response SET counted = NOT counted") == {(ANSWERS, ON)}
    assert noted(session, "DELETE FROM response") == {(ANSWERS, ON)}
    number = (ON - dt.date(1970, 1, 1)).days
    of_first = f"WHERE finished_day = {number}"
    assert (CASES, AFTER) in noted(session, f'UPDATE "case" SET finished_day = finished_day + 1 {of_first}')
    assert (CASES, ON) in noted(session, f'UPDATE "case" SET finished_day = finished_day + 1 {of_first}')
    other = f'(SELECT id FROM "case" WHERE finished_day = {number + 1})'
    assert {(CASES, ON), (CASES, AFTER)} <= noted(session, f"UPDATE invitation SET case_id = {other}")
    assert noted(session, f'DELETE FROM "case" WHERE finished_day = {number + 1}') == {(CASES, AFTER)}
    gone = ("DELETE FROM response", "DELETE FROM changed_day", "DELETE FROM invitation")
    assert noted(session, *gone) == {(CASES, ON)}
    assert noted(session) == set()
    factories.case(session, finished=ON)
    assert noted(session) == {(CASES, ON)}
    session.execute(sa.delete(ChangedDay))
    session.execute(sa.text("UPDATE response SET counted = NOT counted"))
    session.execute(sa.delete(ChangedDay))
    assert noted(session, "DELETE FROM response") == set(), "what does not count is in no count"
    factories.response(session, 4, when=NOON + DAY)
    assert noted(session) >= {(ANSWERS, AFTER), (CASES, AFTER)}


def test_days_are_noted_from_the_first_to_the_last_that_is_announced_each_for_itself(session: Session) -> None:
    announced(session, ON, ON)
    announced(session, AFTER, AFTER)
    for ahead in (-1, 0, 1, 2):
        factories.response(session, 5, when=NOON + ahead * DAY)
    every = {(part, day) for part in CountedPart for day in (ON, AFTER)}
    assert noted(session) == every


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # PostgreSQL takes an index by its statistics
def test_no_trigger_reads_a_whole_table(session: Session) -> None:
    named = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_noted' ESCAPE '\\'")
    triggers = session.execute(named).all()
    assert len(triggers) == 9
    for name, written in triggers:
        body = re.search(r"BEGIN (.*) END", written, re.DOTALL)
        assert body is not None
        for statement in filter(None, map(str.strip, body[1].split(";"))):
            steps = session.connection().exec_driver_sql(
                "EXPLAIN QUERY PLAN " + re.sub(r"\b(?:NEW|OLD)\.\w+", "1", statement)
            )
            read = [
                step
                for *_numbers, step in steps
                if re.match(r"SCAN (?:response|case|invitation|counted|changed)", step)
            ]
            assert read == [], (name, statement)
