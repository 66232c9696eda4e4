"""Read as everybody, and as one unit's own people beside it: no solver finds what few said from all that is public."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Channel, ClosedPeriod, Level, Response
from survey.periods import Period, parse
from survey.results import closing, counts, publication, publishable_periods, published
from survey.results.figures import figures
from survey.results.scope import Reader, Standard, scope_for
from survey.results.trends import trend
from tests.support import factories
from tests.support.solver import Printed, printed_in, solved

STANDARD, DAY = Standard("0.90", 0.95), dt.timedelta(days=1)
FIRST, LAST = dt.date(2026, 8, 1), dt.date(2026, 10, 31)
# How many answer in a day on average: two units have so few that others must stand before them.
UNITS = {"H61.1": 1.0, "H61.2": 0.6, "H61.50": 0.5, "H61.51": 0.35, "H61.52": 0.12, "H61.3": 0.05}
PROCEDURES = {"2.000815": 0.7, "1.001193": 0.3}
RATINGS = itertools.cycle([5, 2, 4, 1, 3, 5, 4, 2])
CLOSINGS = {
    dt.date(2026, 9, 3): parse("2026-08"),
    dt.date(2026, 9, 17): parse("2026-09", "administrative"),
    dt.date(2026, 10, 3): parse("2026-09"),
    dt.date(2026, 10, 4): parse("2026-Q3"),
    dt.date(2026, 10, 18): parse("2026-10", "administrative"),
    dt.date(2026, 11, 3): parse("2026-10"),
}


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(5), dt.UTC)


@pytest.fixture
def autumn(session: Session, vietnamese: None) -> Session:
    """A province's three months, of which each is closed and published, calendar and administrative."""
    factories.agency(session, "H61.3", Level.DEPARTMENT, "Sở Y tế", "Health", factories.agency_id(session, "H61"))
    publication.switch(session, True, None, noon(FIRST))
    day = FIRST
    while day <= max(CLOSINGS):
        chance = np.random.default_rng([7, day.toordinal()])
        for unit, often in UNITS.items():
            for procedure, share in PROCEDURES.items():
                for _ in range(chance.poisson(often * share) if day <= LAST else 0):
                    factories.response(session, next(RATINGS), unit, procedure, noon(day))
        day += DAY
        if day in CLOSINGS:
            closing.close(session, CLOSINGS[day], noon(day), STANDARD)
            publication.publish(session, CLOSINGS[day], STANDARD, noon(day))
    return session


def answers_of(session: Session, period: Period) -> list[tuple[int, str, int]]:
    """Return the judged answers of a closed period: number, unit and procedure of each."""
    scope = scope_for(session, period, factories.agency_id(session, "H61"))
    columns = (Response.id, Response.agency_id, Response.procedure_id)
    codes = {key: agency.code for key, agency in scope.tree.agencies.items()}
    judged = sa.select(*columns).where(Response.channel == Channel.INVITATION)
    rows = [row for those in counts.standing(scope) for row in session.execute(judged.where(*those))]
    return [(key, codes[agency], procedure) for key, agency, procedure in rows]


def public_numbers(session: Session) -> Iterator[Printed]:
    """Yield all numbers that are published: pages and open data, and the public edition of each unit's report."""
    for of in publication.current(session):
        shown, there = of.figures, answers_of(session, of.figures.period)
        yield from printed_in(shown.total, frozenset(key for key, *_ in there))
        for row in shown.rows:
            yield from printed_in(row, frozenset(key for key, unit, _ in there if unit == row.code))
        for code in UNITS:
            scope = scope_for(session, shown.period, factories.agency_id(session, code), reader=Reader.PUBLIC)
            report = figures(session, scope, STANDARD, LAST, "procedure")
            own = [(key, procedure) for key, unit, procedure in there if unit == code]
            yield from printed_in(report.judged.total, frozenset(key for key, _ in own))
            for row in report.judged.rows:
                if not row.pooled:
                    its = factories.procedure_id(session, row.code)
                    yield from printed_in(row, frozenset(key for key, procedure in own if procedure == its))
            for past in trend(session, scope, STANDARD, LAST).rows:
                before = parse(past.code, shown.period.basis)
                if past.satisfied is not None and past.answered:
                    of_then = frozenset(key for key, unit, _ in answers_of(session, before) if unit == code)
                    assert len(of_then) == past.answered
                    yield Printed(of_then, past.satisfied)


def small_groups(
    session: Session, without: str = "", closed: Iterable[Period] = CLOSINGS.values()
) -> dict[object, frozenset[int]]:
    """Return what nobody may find: single answers, and fewer than ten of one unit, of two, or of a procedure."""
    groups: dict[object, frozenset[int]] = {}
    for period in closed:
        cells: dict[tuple[object, ...], set[int]] = {}
        for key, unit, procedure in answers_of(session, period):
            if unit != without:
                cells.setdefault((unit,), set()).add(key)
                cells.setdefault((unit, procedure), set()).add(key)
                if key % 11 == 0:
                    groups["answer", key] = frozenset({key})
        for one, other in itertools.combinations([name for name in cells if len(name) == 1], 2):
            cells[one, other] = cells[one] | cells[other]
        small = {name: cell for name, cell in cells.items() if len(cell) < STANDARD.fewest}
        groups |= {(period.code, str(period.basis), name): frozenset(cell) for name, cell in small.items()}
    return groups


def said_by(session: Session, unit: str) -> set[Printed]:
    """Return what the people of a unit know at the very worst: what each of those whom they served said."""
    own = sa.select(Response.id, Response.overall).where(Response.agency_id == factories.agency_id(session, unit))
    return {Printed(frozenset({key}), int(rating >= 4)) for key, rating in session.execute(own)}


def told_at_home(session: Session, unit: str) -> Iterator[Printed]:
    """Yield what the people of a unit are shown of it in closed periods: its total, and its procedures."""
    for period in CLOSINGS.values():
        scope = scope_for(session, period, factories.agency_id(session, unit), reader=Reader.UNIT)
        own = [(key, procedure) for key, of, procedure in answers_of(session, period) if of == unit]
        judged = figures(session, scope, STANDARD, LAST, "procedure").judged
        yield from printed_in(judged.total, frozenset(key for key, _ in own))
        for row in (one for one in judged.rows if not one.pooled):
            its = factories.procedure_id(session, row.code)
            yield from printed_in(row, frozenset(key for key, procedure in own if procedure == its))


def tables(session: Session) -> Iterator[Printed]:
    """Yield what the province's public tables tell, worked out now."""
    for closed in session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.id)).all():
        shown = published.public_figures(session, closed, STANDARD)
        there = answers_of(session, shown.period)
        yield from printed_in(shown.judged.total, frozenset(key for key, *_ in there))
        for row in shown.judged.rows:
            if not row.pooled:
                yield from printed_in(row, frozenset(key for key, unit, _ in there if unit == row.code))


# Arithmetic on what is published; that both databases publish the same, tests/results/test_publication.py shows.
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_solver_finds_nothing_of_few_in_all_that_is_public_nor_do_a_units_own_people(
    autumn: Session, campaign: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = set(public_numbers(autumn))
    assert len(public) > 25 and max(len(one.answers) for one in public) > 150, "much is published"
    few = [row for one in publication.current(autumn) for row in one.figures.rows if row.answered and not row.shown]
    assert {row.code for row in few} >= {"H61.52", "H61.3"}
    step = 1 if campaign else 5
    groups = dict(list(small_groups(autumn).items())[::step])
    assert len(groups) > 10
    assert solved(public, groups) == set()
    for unit in UNITS if campaign else ("H61.51",):
        others = dict(list(small_groups(autumn, without=unit).items())[::step])
        assert solved(public | said_by(autumn, unit), others) == set(), unit
    its = {key for period in CLOSINGS.values() for key, unit, _ in answers_of(autumn, period) if unit == "H61.51"}
    own = {name: cell for name, cell in small_groups(autumn).items() if cell <= its}
    assert own and solved(public | set(told_at_home(autumn, "H61.51")), own) == set(), "nor of their own unit"
    # The same eyes find some in tables that do not reckon with a unit's own people: the solver can.
    monkeypatch.setattr(publishable_periods, "_read_by_insiders", lambda _scope: False)
    pairs = {name: cell for name, cell in small_groups(autumn, without="H61.51").items() if "answer" not in str(name)}
    assert solved(set(tables(autumn)) | said_by(autumn, "H61.51"), pairs)
