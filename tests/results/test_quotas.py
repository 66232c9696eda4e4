"""Quotas: what each formula asks for by hand, what is left, whom to invite, and a plan that stays as it was fixed."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.models import AuditEntry, Quota, Role
from survey.periods import parse
from survey.results import quotas
from survey.results.quotas import QuotaPlan, QuotaRule, sample_sizes
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.officials import official

OCTOBER = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
AFTER = dt.date(2026, 11, 5)
pytestmark = pytest.mark.usefixtures("vietnamese")


def cases(session: Session, agency: str, silent: int, rated: int = 0, when: dt.datetime = OCTOBER) -> None:
    for _ in range(rated):
        factories.response(session, 5, agency, when=when)
    for _ in range(silent):
        factories.invitation(session, agency, when=when)


def plan(session: Session, today: dt.date = AFTER, rule: QuotaRule = QuotaRule.OFFICIAL) -> QuotaPlan:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
    return quotas.quota_plan(session, scope, today, "0.90", rule, "0.95")


def test_the_formulas_side_by_side() -> None:
    """1000/(1 + 1000·0.0025) = 285.7; 384.1/(1 + 383.1/1000) = 277.7; the others by brute force."""
    sizes = sample_sizes(1000, "0.95", "0.90")
    assert (sizes.official, sizes.precise, sizes.proving, sizes.without_end) == (286, 278, 206, 255)
    assert sample_sizes(200, "0.95", "0.90").proving == 112
    assert sample_sizes(100, "0.93", "0.95").proving is None


def test_what_is_left_and_whom_to_invite(session: Session) -> None:
    """Of 80 cases 67 answers are wanted (80/1.2 = 66.7); 20 of 40 invited answered, so 134 would have to be asked."""
    cases(session, "H61.1", silent=20, rated=20)
    for _ in range(40):
        factories.case(session, "H61.1", finished=OCTOBER.date())
    cases(session, "H61.2", silent=6, rated=4)
    shown = plan(session)
    line = {one.agency.code: one for one in shown.lines}
    department = line["H61.1"]
    assert (department.cases, department.wanted, department.rated, department.left) == (80, 67, 20, 47)
    assert (department.to_invite, department.reachable) == (80 - 40, False)  # everybody who is left
    few = line["H61.2"]  # invited fewer than 30: the share of all units is taken, 24 of 50; 10 of 10 are wanted
    assert (few.cases, few.wanted, few.left, few.to_invite, few.reachable) == (10, 10, 6, 0, False)
    assert (line["H61.50"].wanted, line["H61.50"].left) == (0, 0)
    assert (shown.total.cases, shown.total.wanted, shown.total.rated, shown.total.left) == (90, 77, 24, 53)


def test_a_running_period_is_planned_by_the_one_before(session: Session) -> None:
    cases(session, "H61.1", silent=0, rated=30, when=OCTOBER - dt.timedelta(days=30))
    cases(session, "H61.1", silent=0, rated=5)
    running, ended = plan(session, OCTOBER.date()), plan(session)
    [before] = [line for line in running.lines if line.agency.code == "H61.1"]
    [own] = [line for line in ended.lines if line.agency.code == "H61.1"]
    assert (before.cases, before.before, before.rated, before.to_invite) == (30, True, 5, 23)  # 28 wanted, all answer
    assert (own.cases, own.before, own.left) == (5, False, 0)


def test_a_plan_stays_as_it_was_fixed_and_is_on_record(session: Session) -> None:
    cases(session, "H61.1", silent=0, rated=30, when=OCTOBER - dt.timedelta(days=30))
    staff = official(session, role=Role.MANAGER)
    assert quotas.fix(session, plan(session, OCTOBER.date()), OCTOBER, staff.id) == 1
    cases(session, "H61.1", silent=100)
    later = plan(session, OCTOBER.date(), QuotaRule.PRECISE)
    [line] = [one for one in later.lines if one.agency.code == "H61.1"]
    assert (later.rule, line.fixed, line.cases, line.wanted) == (QuotaRule.OFFICIAL, True, 30, 28)
    assert session.scalars(sa.select(Quota.answers)).all() == [28]
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "quotas.fixed")).one()
    assert (entry.staff_id, entry.about["units"], entry.about["answers"]) == (staff.id, 1, 28)
    with pytest.raises(Conflict, match="already"):
        quotas.fix(session, later, OCTOBER, staff.id)


def test_after_its_end_no_plan_is_fixed(session: Session) -> None:
    cases(session, "H61.1", silent=5)
    with pytest.raises(Conflict, match="too late"):
        quotas.fix(session, plan(session), OCTOBER + dt.timedelta(days=40), official(session).id)
