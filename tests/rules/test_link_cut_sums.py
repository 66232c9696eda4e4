"""Once links are cut nothing tells who said what in a cell: had they said each other's words, all would be alike."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.ledger.numbering import number_all
from survey.models import Base
from survey.periods import half_month, local_day, parse
from survey.results import closing, link_cut
from tests.support.cases import answer, finish, tell
from tests.support.figures import STANDARD

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
FIRST = dt.datetime(2026, 10, 1, 2, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 2, 2, tzinfo=dt.UTC)
# Each by its month and basis, and when its turn comes: some answers come after it.
CLOSINGS = (
    (parse("2026-10", "administrative"), CLOSED - 14 * DAY),
    (parse("2026-10"), CLOSED),
    (parse("2026-11", "administrative"), CLOSED + 14 * DAY),
    (parse("2026-11"), CLOSED + 30 * DAY),
    (parse("2026-Q4"), CLOSED + 70 * DAY),
)
OTHER = {"H61.50": "H61.51", "H61.51": "H61.50"}
PLACES = {"agency", "procedure", "questionnaire", "closed_period", "staff"}  # whose numbers stand for no person
BY_CHANCE = {"newest_response_id", "submitted_at"}


class Sheet(NamedTuple):
    """What somebody said: it tells two answers apart."""

    rating: int
    complete: bool


@dataclass(frozen=True)
class Person:
    """Somebody whose case was finished on a day of October, and who answered some days later."""

    agency: str
    finished: int
    after: int
    withdrawn: bool
    corrected: int | None = None  # days after the answer, when the portal says that the other agency had the case

    @property
    def corrected_at(self) -> dt.datetime | None:
        """Return when the case was corrected."""
        return None if self.corrected is None else self.answered_at + self.corrected * DAY + 2 * HOUR

    @property
    def agency_at_last(self) -> str:
        """Return the agency for which the answer counts: the corrected one, unless its day was closed by then."""
        if self.corrected_at is None or _closed(local_day(self.answered_at), self.corrected_at):
            return self.agency
        return OTHER[self.agency]

    @property
    def answered_at(self) -> dt.datetime:
        """Return when the answer came."""
        return FIRST + (self.finished + self.after) * DAY + HOUR

    @property
    def cell(self) -> tuple[object, ...]:
        """Return what the answer itself goes on saying: where, in which half of a month, before which closings."""
        sides = [self.answered_at <= when for _period, when in CLOSINGS]
        return self.agency_at_last, half_month(local_day(self.answered_at)), tuple(sides)


def _closed(day: dt.date, when: dt.datetime) -> bool:
    return any(period.first <= day <= period.last and closed <= when for period, closed in CLOSINGS)


PEOPLE = st.builds(
    Person,
    agency=st.sampled_from(("H61.50", "H61.51")),
    finished=st.integers(8, 33),
    after=st.integers(0, 6),
    withdrawn=st.booleans(),
    corrected=st.none() | st.integers(0, 40),
)
SHEETS = st.builds(Sheet, st.integers(1, 5), st.booleans())


def exchanged(people: list[tuple[Person, Sheet]]) -> list[tuple[Person, Sheet]]:
    """Return the same people, each with the sheet of the next one of the same cell."""
    cells: dict[tuple[object, ...], list[Sheet]] = defaultdict(list)
    for person, sheet in people:
        cells[person.cell].append(sheet)
    turned = {cell: iter([*sheets[1:], sheets[0]]) for cell, sheets in cells.items()}
    return [(person, next(turned[person.cell])) for person, _sheet in people]


def told(session: Session, people: list[tuple[Person, Sheet]]) -> dict[str, Counter[str]]:
    """Let it all happen, close and cut, and return the rows of each table without what chance made of them."""
    try:
        _happen(session, people)
        number_all(session)
        session.flush()
        rows = {table.name: Counter(_row(table, row) for row in _rows(session, table)) for table in _tables()}
        linked = session.scalar(sa.text("SELECT count(*) FROM response WHERE invitation_id IS NOT NULL"))
        assert linked == 0 and len(people) == sum(rows["response"].values())
        return rows
    finally:
        session.rollback()
        session.expunge_all()


def _happen(session: Session, people: list[tuple[Person, Sheet]]) -> None:
    codes = {place: f"H61.50-261003-{place:04}" for place in range(len(people))}
    steps: list[tuple[dt.datetime, str, int]] = [(when, "close", place) for place, (_, when) in enumerate(CLOSINGS)]
    steps += [(when + cut * DAY, "cut", 0) for _period, when in CLOSINGS for cut in (1, 20)]
    for place, (person, _sheet) in enumerate(people):
        steps += [(FIRST + person.finished * DAY, "finish", place), (person.answered_at, "answer", place)]
        if person.corrected_at is not None:
            steps.append((person.corrected_at, "correct", place))
        if person.withdrawn:
            steps.append((person.answered_at + HOUR, "withdraw", place))
    tokens: dict[int, str] = {}
    for when, step, place in sorted(steps):
        if step == "close":
            closing.close(session, CLOSINGS[place][0], when, STANDARD)
        elif step == "cut":
            link_cut.mark(session, when)
            for half in list(link_cut.due(session, when)):
                link_cut.cut(session, half, when)
        elif step == "finish":
            tokens[place] = finish(session, codes[place], people[place][0].agency, when)
        elif step in ("withdraw", "correct"):
            person = people[place][0]
            corrected = person.corrected_at is not None and when >= person.corrected_at
            agency = OTHER[person.agency] if corrected else person.agency
            gone = (person.withdrawn and when > person.answered_at + HOUR) or step == "withdraw"
            tell(session, [codes[place]], agency, FIRST + person.finished * DAY, withdrawn=gone)
        else:
            sheet = people[place][1]
            others = dict.fromkeys(("r2", "r3", "r4", "r5") if sheet.complete else (), sheet.rating)
            answer(session, tokens[place], sheet.rating, when, **others)


def _tables() -> list[sa.Table]:
    return list(Base.metadata.sorted_tables)


def _rows(session: Session, table: sa.Table) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(sa.select(table)).mappings()]


def _row(table: sa.Table, row: dict[str, Any]) -> str:
    """Return the values of a row by name, without numbers of rows, what is random, and a digest of all of them."""
    kept = {}
    for column in table.columns:
        others = {key.column.table.name for key in column.foreign_keys} - PLACES
        if not (column.primary_key or others or isinstance(row[column.name], bytes) or column.name in BY_CHANCE):
            kept[column.name] = row[column.name]
    if table.name == "response":
        kept["day"] = half_month(row["day"])
    if table.name == "ledger_entry":  # commitments are random, and digests of all
        told = json.loads(row["content"])
        kept["content"] = {name: value for name, value in told.items() if name not in ("commitment", "digest")}
    kept.pop("entry", None)  # in the order of the numbers of rows, which are random
    if table.name in ("audit_entry", "ledger_event"):
        kept["about"] = {name: value for name, value in row["about"].items() if name not in ("digest", "case")}
    kept.pop("period_id", None)
    return repr(kept)


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make an example smaller would take minutes
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(people=st.lists(st.tuples(PEOPLE, SHEETS), min_size=2, max_size=6))
@example(  # each alone in the half in which the case was finished, together in that of the answers
    people=[
        (Person("H61.50", finished=11, after=5, withdrawn=False), Sheet(5, complete=True)),
        (Person("H61.50", finished=15, after=1, withdrawn=False), Sheet(1, complete=False)),
    ]
)
@example(  # the case of one of them alone was corrected: before the cut, and after it
    people=[
        (Person("H61.51", finished=16, after=2, withdrawn=False, corrected=1), Sheet(2, complete=True)),
        (Person("H61.50", finished=16, after=2, withdrawn=False), Sheet(4, complete=True)),
        (Person("H61.50", finished=16, after=2, withdrawn=False, corrected=30), Sheet(5, complete=False)),
    ]
)
@example(  # one of them alone was withdrawn
    people=[
        (Person("H61.50", finished=16, after=2, withdrawn=True), Sheet(2, complete=True)),
        (Person("H61.50", finished=16, after=1, withdrawn=False), Sheet(4, complete=True)),
    ]
)
def test_had_two_people_of_a_cell_said_each_others_words_every_table_would_be_the_same(
    session: Session, people: list[tuple[Person, Sheet]]
) -> None:
    assert told(session, people) == told(session, exchanged(people))
