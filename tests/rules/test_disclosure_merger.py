"""Read as a department's account while its offices merge: no integer solver finds what few people of one said."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import NotFound
from survey.models import Agency, Channel, Level, Procedure, Response
from survey.periods import Period, parse
from survey.results import closing, counts
from survey.results.figures import figures
from survey.results.scope import Reader, Scope, Standard, closed_period, scope_asked
from survey.results.trends import trend
from tests.support import factories
from tests.support.changed_rates import rates_before
from tests.support.solver import Printed, printed_in, solved

STANDARD, DAY = Standard("0.90", 0.95), dt.timedelta(days=1)
FIRST, LAST = dt.date(2026, 9, 1), dt.date(2026, 12, 4)
ABOVE = "H61.1"
# How many answer in a day on average. The second becomes part of the first when September ends, the fourth a new office
# when October does: that one is entered when it begins.
OFFICES = {"H61.1.1": 1.2, "H61.1.2": 0.2, "H61.1.3": 0.7, "H61.1.4": 0.4, "H61.1.5": 0.6}
MERGERS = {dt.date(2026, 10, 1): ("H61.1.2", "H61.1.1"), dt.date(2026, 11, 1): ("H61.1.4", "H61.1.5")}
PROCEDURES = {"2.000815": 0.8, "1.001193": 0.2}
RATINGS = itertools.cycle([5, 2, 4, 1, 3, 5, 4, 2])
CLOSINGS = {
    dt.date(2026, 9, 17): parse("2026-09", "administrative"),
    dt.date(2026, 10, 3): parse("2026-09"),
    dt.date(2026, 10, 4): parse("2026-Q3"),
    dt.date(2026, 10, 18): parse("2026-10", "administrative"),
    dt.date(2026, 11, 3): parse("2026-10"),
    dt.date(2026, 11, 18): parse("2026-11", "administrative"),
    dt.date(2026, 12, 3): parse("2026-11"),
}
LOOKS = {dt.date(2026, 10, 4), dt.date(2026, 11, 3), dt.date(2026, 11, 18)}  # of the short form, at what runs
PERIODS = [*CLOSINGS.values(), parse("2026-12", "administrative"), parse("2026-Q4"), parse("2026")]


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(5), dt.UTC)


def begin(session: Session, code: str, day: dt.date) -> None:
    row = factories.agency(session, code, Level.OFFICE, f"Phòng {code}", f"Office {code}", above(session))
    row.valid_from = day
    session.flush()


def above(session: Session) -> int:
    return factories.agency_id(session, ABOVE)


def merge(session: Session, day: dt.date) -> None:
    """Let an office end with a month; its successor, perhaps one that begins then, goes on with the next."""
    gone, into = MERGERS[day]
    if session.scalar(sa.select(Agency.id).where(Agency.code == into)) is None:
        begin(session, into, day)
    ended = session.scalars(sa.select(Agency).where(Agency.code == gone)).one()
    ended.valid_to, ended.successor_id = day - DAY, factories.agency_id(session, into)
    session.flush()


def answer_on(session: Session, day: dt.date) -> None:
    """Let some people answer about the offices that there are on a day."""
    chance = np.random.default_rng([11, day.toordinal()])
    there = session.scalars(sa.select(Agency).where(Agency.code.in_(OFFICES), Agency.valid_from <= day)).all()
    for office in sorted(there, key=lambda one: one.code):
        if office.valid_to is None or day <= office.valid_to:
            for procedure, share in PROCEDURES.items():
                for _ in range(chance.poisson(OFFICES[office.code] * share)):
                    factories.response(session, next(RATINGS), office.code, procedure, noon(day))


def scopes(session: Session, period: Period, reader: Reader) -> Iterator[Scope]:
    """Yield the scopes of a period that pages show to the department: its own, and each of its offices."""
    for code in (None, *OFFICES):
        try:
            yield scope_asked(session, period, code, above(session), reader)
        except NotFound:
            assert code == "H61.1.5", "which is not entered yet"


def shown_in(session: Session, scope: Scope, today: dt.date) -> Iterator[Printed]:
    """Yield the numbers that the pages of a scope show: total and rows, how they have moved, and the trend.

    The department's pages show its units, those of an office its procedures.
    """
    columns = (Response.id, Response.channel, Response.agency_id, Response.procedure_id)

    def there(one: Scope) -> list[tuple[int, Channel, int, int]]:
        readings = [sa.select(*columns).where(*those) for those in counts.standing(one)]
        return [tuple(row) for reading in readings for row in session.execute(reading)]

    procedures = {row.code: row.id for row in session.scalars(sa.select(Procedure))}
    agencies = {agency.code: key for key, agency in scope.tree.agencies.items() if key in set(scope.unit_of.values())}
    answers = there(scope)
    by: Literal["unit", "procedure"] = "unit" if scope.agency_id == above(session) else "procedure"
    listed = figures(session, scope, STANDARD, today, by)
    yield from itertools.starmap(Printed, rates_before(session, listed))
    for channel, part in listed.channels.items():
        own = [row for row in answers if row[1] == channel]
        yield from printed_in(part.total, frozenset(row[0] for row in own))
        for row in (one for one in part.rows if not one.pooled):  # which is the total minus the other rows
            key = agencies[row.code] if by == "unit" else procedures[row.code]
            of = [one[0] for one in own if key == (scope.unit_of[one[2]] if by == "unit" else one[3])]
            yield from printed_in(row, frozenset(of))
    for past in trend(session, scope, STANDARD, today).rows:
        period = parse(past.code, scope.period.basis)
        then = replace(scope, period=period, closing=closed_period(session, period))
        of_then = frozenset(row[0] for row in there(then) if row[1] == Channel.INVITATION)
        assert len(of_then) == past.answered
        if past.satisfied is not None and of_then:
            yield Printed(of_then, past.satisfied)


def looked_at(session: Session, periods: list[Period], today: dt.date, reader: Reader = Reader.UNIT) -> set[Printed]:
    """Return what these periods show; what a closed one does is as it was when it was closed."""
    there = [scope for period in periods if period.first <= today for scope in scopes(session, period, reader)]
    return {one for scope in there for one in shown_in(session, scope, today)}


def small_groups(session: Session) -> dict[object, frozenset[int]]:
    """Return what nobody may find: single answers, and of an office what comes to fewer than ten in a period."""
    columns = (Response.id, Response.day, Response.agency_id, Response.procedure_id)
    there = [tuple(row) for row in session.execute(sa.select(*columns).where(Response.counted))]
    groups: dict[object, frozenset[int]] = {("answer", row[0]): frozenset({row[0]}) for row in there[::9]}
    for period, kept in itertools.product(PERIODS, (slice(2, 3), slice(2, 4))):
        cells: dict[object, set[int]] = {}
        for row in there:
            if period.first <= row[1] <= period.last:
                cells.setdefault(row[kept], set()).add(row[0])
        groups |= {
            (period.code, str(period.basis), cell): frozenset(ids)
            for cell, ids in cells.items()
            if len(ids) < STANDARD.fewest
        }
    return groups


@pytest.fixture
def merging(session: Session, campaign: bool, vietnamese: None) -> tuple[Session, set[Printed], set[Printed]]:
    """Three months in which four offices become two: what was shown to the department, and what to the province."""
    for code in list(OFFICES)[:4]:
        begin(session, code, factories.START)
    own, day = set[Printed](), FIRST
    while day <= LAST:
        if day in MERGERS:
            merge(session, day)
        answer_on(session, day)
        day += DAY
        if day in CLOSINGS:
            closing.close(session, CLOSINGS[day], noon(day), STANDARD)
        if campaign or day in LOOKS:
            session.flush()
            own |= looked_at(session, [one for one in PERIODS if closed_period(session, one) is None], day)
    own |= looked_at(session, PERIODS, day)
    return session, own, looked_at(session, PERIODS, day, Reader.PROVINCE)


# A minute of figures for each database; that both keep the same from a reader, tests/rules/test_disclosure.py shows.
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_solver_finds_no_small_cell_of_an_office_that_was_merged(
    merging: tuple[Session, set[Printed], set[Printed]], campaign: bool
) -> None:
    session, own, others = merging
    groups = dict(list(small_groups(session).items())[:: 1 if campaign else 3])
    assert len(groups) > 20
    assert max(len(one.answers) for one in own) > 100, "it was shown figures at all"
    assert solved(own, groups) == set()
    assert solved(own | others, groups), "the same eyes find some in what is not guarded"
