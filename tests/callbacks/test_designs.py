"""Plans: one for each period, sealed once it is over; until then they can be dropped, with the numbers kept."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks import designs
from survey.callbacks.designs import SamplePlan
from survey.callbacks.frame import CohortCounts
from survey.errors import Conflict, NotFound
from survey.models import AuditEntry, CallBackDesign, CallBackNumber
from survey.periods import parse
from tests.support.callbacks import AFTER, BEFORE, FINISHED, SAMPLE, SEPTEMBER, finish_cases, planned, planner

DAY = dt.timedelta(days=1)
MIDNIGHT = dt.datetime(2026, 9, 30, 17, tzinfo=dt.UTC)  # in Viet Nam October begins


@pytest.mark.usefixtures("vietnamese")
def test_a_period_has_one_call_back_and_none_long_afterwards(session: Session) -> None:
    planned(session)
    with pytest.raises(Conflict, match="already"):
        planned(session)
    with pytest.raises(Conflict, match="too long ago"):
        designs.plan(session, parse("2026-06"), SAMPLE, planner(session), AFTER)
    last = dt.datetime(2026, 10, 30, 16, 59, tzinfo=dt.UTC)  # sixty days after August, a minute before midnight
    with pytest.raises(Conflict, match="too long ago"):
        designs.plan(session, parse("2026-08"), SAMPLE, planner(session), last + dt.timedelta(minutes=1))
    designs.plan(session, parse("2026-08"), SAMPLE, planner(session), last)
    with pytest.raises(Conflict, match="at least one"):
        designs.plan(session, parse("2026-10"), SamplePlan(0, 0, 3), planner(session), AFTER)


@pytest.mark.parametrize(
    ("sample", "when", "why"),
    [
        (SAMPLE, MIDNIGHT - dt.timedelta(minutes=1), "not over yet"),
        (SamplePlan(31, 10, 3), AFTER, "Only 30 cases are silent and 10 have answered"),
        (SamplePlan(12, 11, 3), AFTER, "Only 30 cases are silent"),
        (SamplePlan(0, 0, 3), AFTER, "at least one"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # conditions of Python
@pytest.mark.usefixtures("vietnamese")
def test_a_design_is_refused_that_cannot_be_drawn(
    session: Session, sample: SamplePlan, when: dt.datetime, why: str
) -> None:
    number = planned(session).id
    finish_cases(session, 40, 10, 9)
    with pytest.raises(Conflict, match=why):
        designs.seal(session, number, sample, planner(session), when)


@pytest.mark.usefixtures("vietnamese")
def test_a_plan_is_dropped_with_its_numbers_and_a_sealed_design_is_not(session: Session) -> None:
    number = planned(session).id
    finish_cases(session, 4, 0, 0)
    assert session.scalar(sa.select(sa.func.count()).select_from(CallBackNumber)) == 4
    designs.drop(session, number, planner(session), FINISHED)
    for model in (CallBackNumber, CallBackDesign):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    with pytest.raises(NotFound):
        designs.drop(session, number, planner(session), FINISHED)
    number = planned(session).id
    designs.seal(session, number, SamplePlan(2, 0, 3), planner(session), MIDNIGHT)
    with pytest.raises(Conflict, match="moved on"):
        designs.drop(session, number, planner(session), AFTER)
    with pytest.raises(Conflict, match="moved on"):
        designs.seal(session, number, SamplePlan(2, 0, 3), planner(session), AFTER)
    acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert [act for act in acts if act.startswith("call_back")] == [
        "call_back.planned",
        "call_back.dropped",
        "call_back.planned",
        "call_back.sealed",
    ]


@pytest.mark.usefixtures("vietnamese")
def test_what_to_reckon_with_is_the_period_once_it_is_over_and_the_one_before_until_then(session: Session) -> None:
    finish_cases(session, 10, 4, 3)
    own, before = SEPTEMBER, parse("2026-08")
    assert designs.expected(session, own, before, AFTER.date()) == (CohortCounts(10, 4, 3), True)
    assert designs.expected(session, parse("2026-10"), own, AFTER.date()) == (CohortCounts(10, 4, 3), False)
    assert designs.expected(session, own, before, BEFORE.date()) is None


def test_more_are_drawn_than_must_be_reached_and_never_more_than_are_silent() -> None:
    assert designs.calls_needed(CohortCounts(1000, 190, 169), 0.1, 0.5) == (63, 126)
    assert designs.calls_needed(CohortCounts(40, 10, 9), 0.1, 0.3)[1] == 30
    assert designs.calls_needed(CohortCounts(100, 95, 90), 0.1, 0.7) == (0, 0)
