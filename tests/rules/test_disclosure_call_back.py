"""A published call-back counts answers a second time: no solver finds in it, and all that is public, what few said."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks import designs, drawing, finishing, frame, publishing
from survey.callbacks.designs import SamplePlan
from survey.cases import intake
from survey.cases.intake import IncomingCase, Terms
from survey.models import Case, Invitation, Level, Respondent, Response
from survey.periods import Period, parse
from survey.reports import frozen_beside
from survey.results import closing, publication
from tests.rules.test_disclosure_public import (
    DAY,
    PROCEDURES,
    RATINGS,
    STANDARD,
    UNITS,
    answers_of,
    noon,
    public_numbers,
    said_by,
    small_groups,
)
from tests.support import factories
from tests.support.callbacks import call_everybody, phone, planner
from tests.support.cases import answer
from tests.support.ledgers import Ledger, ledger
from tests.support.solver import Printed, solved

__all__ = ["ledger"]
FIRST, LAST = dt.date(2026, 8, 12), dt.date(2026, 10, 16)
CLOSINGS = {
    dt.date(2026, 9, 1): parse("2026-08"),
    dt.date(2026, 9, 16): parse("2026-09", "administrative"),
    dt.date(2026, 10, 2): parse("2026-09"),
    dt.date(2026, 10, 16): parse("2026-10", "administrative"),
}
AUGUST, SEPTEMBER = parse("2026-08"), parse("2026-09")
OVERLAPPING = parse("2026-10", "administrative")  # half of its days are September's
CALLED = (AUGUST, SEPTEMBER, OVERLAPPING)
OFTEN = 2.8  # times as many cases as `UNITS` has answers
DELAYS = (0, 3, 5, 6, 6, 6)  # days after which people answer: most are reminded
SAMPLE = SamplePlan(20, 0, 3)


@dataclass
class Autumn:
    """A province whose people answer days after their case was finished, and which calls back those who do not."""

    ledger: Ledger
    counted: dict[Period, frozenset[int]] = field(default_factory=dict)  # the answers that each call-back counts
    mixed: dict[Period, int] = field(default_factory=dict)

    def live(self) -> None:
        """Let it live until all is closed and published that is to be."""
        due: dict[dt.date, list[str]] = {}
        numbers, delays = itertools.count(1), itertools.cycle(DELAYS)
        with self.ledger.writing() as session:
            for period in CALLED:  # so that the numbers to call are kept
                designs.plan(session, period, SAMPLE, planner(session), noon(FIRST))
            factories.agency(
                session, "H61.3", Level.DEPARTMENT, "Sở Y tế", "Health", factories.agency_id(session, "H61")
            )
            publication.switch(session, True, None, noon(FIRST))
        for place in range((LAST - FIRST).days + 1):
            day = FIRST + place * DAY
            with self.ledger.writing() as session:
                for delay, token in zip(delays, self._finish(session, day, numbers), strict=False):
                    due.setdefault(day + delay * DAY, []).append(token)
                for token in due.pop(day, ()):
                    answer(session, token, next(RATINGS), noon(day) + dt.timedelta(hours=1))
            if day in CLOSINGS:
                self._publish(CLOSINGS[day], noon(day) + dt.timedelta(hours=2))

    def _finish(self, session: Session, day: dt.date, numbers: Iterator[int]) -> list[str]:
        """Finish the cases of a day; return the links of three in four, who will answer."""
        chance = np.random.default_rng([11, day.toordinal()])
        cases = [
            IncomingCase(
                f"{unit}-{number}", procedure, unit, unit, Respondent.CITIZEN, day, contact=phone(number), language="vi"
            )
            for unit, often in UNITS.items()
            for procedure, share in PROCEDURES.items()
            for number in itertools.islice(numbers, int(chance.poisson(OFTEN * often * share)))
        ]
        terms = Terms(factories.SECRET, factories.agency_id(session, "H61"), 1, noon(day), 30, 3, None)
        tokens = [result.token for result in intake.take(session, cases, terms) if result.token]
        assert len(tokens) == len(cases)
        return [token for place, token in enumerate(tokens) if place % 4]

    def _publish(self, period: Period, at: dt.datetime) -> None:
        """Close a period and publish it, with its call-back where it has one."""
        with self.ledger.writing() as session:
            design = designs.of_period(session, period)
            number = 0 if design is None else design.id
            if number:
                designs.seal(session, number, SAMPLE, planner(session), at)
                self.counted[period] = frozenset(session.scalars(_answers_to_cases(period)))
                self.mixed[period] = frame.mixed(session, period)
        self.ledger.seal(at)
        with self.ledger.writing() as session:
            if number:
                assert drawing.draw_due(session, at) == 1
                call_everybody(session, planner(session), at, satisfied=11)
                finishing.finish(session, number, planner(session), at)
            closing.begin_closing(session)
            frozen_beside.close(session, period, at, STANDARD)
            publishing.publish(session, period, STANDARD, at)


def _answers_to_cases(period: Period) -> sa.Select[int]:
    """Return the answers that a call-back of a period counts, worked out apart from it."""
    joined = sa.select(Response.id).join(Invitation, Invitation.id == Response.invitation_id)
    own = Case.finished_day.between(period.first, period.last)
    return joined.join(Case, Case.id == Invitation.case_id).where(Response.counted, own)


def _few(session: Session, autumn: Autumn) -> dict[object, frozenset[int]]:
    """Return what nobody may find beside that: fewer than ten who answered late or early, of all or of one unit."""
    groups: dict[object, set[int]] = {}
    for period, counted in autumn.counted.items():
        within = {key: unit for key, unit, _ in answers_of(session, period)}
        units = dict(session.execute(sa.select(Response.id, Response.agency_id)).all())
        for name, keys in (("late", counted - within.keys()), ("early", within.keys() - counted)):
            for key in keys:
                groups.setdefault((period, name), set()).add(key)
                groups.setdefault((period, name, units[key]), set()).add(key)
    return {name: frozenset(keys) for name, keys in groups.items() if len(keys) < STANDARD.fewest}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # arithmetic on what is published
@pytest.mark.usefixtures("vietnamese")
def test_a_solver_finds_nothing_of_few_beside_a_published_call_back(ledger: Ledger, campaign: bool) -> None:
    autumn = Autumn(ledger)
    autumn.live()
    with ledger.store.session(writes=False) as session:
        called = {one.figures.period: one.figures.called for one in publication.current(session)}
        told = {period: one["satisfied"] for period, one in called.items() if one is not None}
        assert told.keys() == set(CALLED) and autumn.mixed[SEPTEMBER] >= STANDARD.fewest
        assert told[AUGUST] is None and autumn.mixed[AUGUST] == 0, "nobody answered in August about an earlier month"
        assert told[OVERLAPPING] is None, "its days were told of before"
        liking = set(session.scalars(sa.select(Response.id).where(Response.overall >= 4)))
        assert told[SEPTEMBER] == len(liking & autumn.counted[SEPTEMBER]), "it is the number that it is taken for"
        public = set(public_numbers(session))
        beside = {Printed(autumn.counted[SEPTEMBER], told[SEPTEMBER])}
        step = 1 if campaign else 7
        groups = _few(session, autumn) | dict(list(small_groups(session, closed=CLOSINGS.values()).items())[::step])
        assert len(_few(session, autumn)) > 5
        assert solved(public | beside, groups) == set()
        # Nor do the people of a unit find any, who know what each of theirs said.
        others = {name: keys for name, keys in groups.items() if not keys & _own(session, "H61.1")}
        assert others and solved(public | beside | said_by(session, "H61.1"), others) == set()
        # The same eyes find those who answered late in the number that is withheld: the solver can.
        withheld = Printed(autumn.counted[AUGUST], len(liking & autumn.counted[AUGUST]))
        assert solved(public | {withheld}, _few(session, autumn))


def _own(session: Session, unit: str) -> set[int]:
    return set(session.scalars(sa.select(Response.id).where(Response.agency_id == factories.agency_id(session, unit))))
