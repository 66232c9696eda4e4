"""How many answers each unit is to bring in a period, how many came, and how many more people are to be invited.

By the official formula, by its exact form, or by what proves the target among the unit's own cases. The province may
fix the numbers as a plan; from then on progress is held against them, whatever becomes of the number of cases.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.planning import sample_size, sample_size_to_prove, sample_size_to_prove_among, yamane
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict
from survey.models import Agency, Quota
from survey.organisation.dated_tree import valid
from survey.periods import Period, local_day, previous
from survey.results import counts
from survey.results.scope import Scope, closed_period

LEAST_INVITED = 30  # from which on a unit's own share of answers says how many are to be invited
MARGIN = 0.05


class QuotaRule(enum.StrEnum):
    """By which formula a number of answers is worked out, as addresses and the stored plan spell it."""

    OFFICIAL = "official"  # n = N/(1 + N·e²)
    PRECISE = "precise"  # Cochran's, with the finite population
    PROVING = "proving"  # proves the target among the unit's cases, four times in five


@dataclass(frozen=True)
class SampleSizes:
    """What each formula asks for of so many cases; `proving` is None where the target would not be reached.

    `without_end` is what proves it where the cases are without number.
    """

    cases: int
    margin: float
    supposed: str
    official: int
    precise: int
    proving: int | None
    without_end: int | None

    def by(self, rule: QuotaRule) -> int | None:
        """Return the number of one formula."""
        return {
            QuotaRule.OFFICIAL: self.official,
            QuotaRule.PRECISE: self.precise,
            QuotaRule.PROVING: self.proving,
        }[rule]


@dataclass(frozen=True)
class QuotaLine:
    """One unit: its cases, what the formula asks for or the plan fixed, what came, and how many are still to be asked.

    `before`: the cases are those of the period before, because this one has not ended and has fewer. `wanted` is None
    where no number of answers will do, `to_invite` where nobody knows what share of people answer; `reachable` is False
    where even asking in every case would not bring as many as wanted: `to_invite` is then everybody who is left.
    """

    agency: Agency
    cases: int
    before: bool
    wanted: int | None
    fixed: bool
    invited: int
    rated: int
    to_invite: int | None
    reachable: bool

    @property
    def left(self) -> int | None:
        """Return how many answers are still missing."""
        return None if self.wanted is None else max(0, self.wanted - self.rated)


@dataclass(frozen=True)
class QuotaPlan:
    """The units of an agency and all of them together, with the plan that was fixed for the period, if one was."""

    period: Period
    rule: QuotaRule
    supposed: str
    fixed_at: dt.datetime | None
    lines: tuple[QuotaLine, ...]
    total: QuotaLine


def sample_sizes(cases: int, supposed: str, target: str, margin: float = MARGIN) -> SampleSizes:
    """Return what each formula asks for of so many cases, if a share `supposed` ("0.95") of them is satisfied.

    >>> sizes = sample_sizes(1000, "0.95", "0.90")
    >>> sizes.official, sizes.precise, sizes.proving, sizes.without_end
    (286, 278, 206, 255)
    """
    share = float(supposed)
    endless = sample_size_to_prove(share, target).n_safe
    return SampleSizes(
        cases,
        margin,
        supposed,
        int(yamane(cases, margin)),
        int(sample_size(margin, population=cases)),
        sample_size_to_prove_among(cases, share, target),
        None if endless is None else int(np.asarray(endless)),
    )


def quota_plan(
    session: Session, scope: Scope, today: dt.date, target: str, rule: QuotaRule, supposed: str
) -> QuotaPlan:
    """Return how the units of an agency stand; a plan that was fixed takes the place of rule and share asked for."""
    fixed = _fixed(session, scope)
    if fixed:
        newest = max(fixed.values(), key=lambda row: row.fixed_at)
        rule, supposed = QuotaRule(newest.rule), newest.supposed
    now, then = _cohort(session, scope), _cohort(session, _before(session, scope))
    units = [*scope.tree.children.get(scope.agency_id, ())] or [scope.agency_id]
    shown = [
        key
        for key in units
        if key in now or key in then or valid(scope.tree.agencies[key], scope.period.first, scope.period.last)
    ]
    every = _sum(now, shown), _sum(then, shown)
    lines = []
    for key in shown:
        mine = now.get(key, NOBODY), then.get(key, NOBODY)
        before = not scope.period.ended(today) and mine[1]["finished"] > mine[0]["finished"]
        cases = mine[1 if before else 0]["finished"]
        row = fixed.get(key)
        wanted = row.answers if row else _wanted(cases, rule, supposed, target)
        lines.append(
            _line(scope.tree.agencies[key], row.cases if row else cases, before, wanted, row is not None, mine, every)
        )
    total = _total(scope.agency, lines, every)
    fixed_at = max((row.fixed_at for row in fixed.values()), default=None)
    return QuotaPlan(scope.period, rule, supposed, fixed_at, tuple(lines), total)


def fix(session: Session, plan: QuotaPlan, when: dt.datetime, staff_id: int) -> int:
    """Fix the numbers of a plan for its period, on record, and return of how many units.

    Raises:
        Conflict: the period has ended, or the numbers were fixed already.
    """
    if plan.period.ended(local_day(when)):
        raise Conflict("The period has ended: a plan for it comes too late.")
    if plan.fixed_at is not None:
        raise Conflict("Quotas for this period were fixed already.")
    rows = [line for line in plan.lines if line.wanted is not None and line.cases]
    for line in rows:
        session.add(
            Quota(
                agency_id=line.agency.id,
                period=plan.period.code,
                basis=str(plan.period.basis),
                rule=plan.rule.value,
                supposed=plan.supposed,
                cases=line.cases,
                answers=line.wanted,
                fixed_at=when,
                staff_id=staff_id,
            )
        )
    about = {"period": plan.period.code, "basis": str(plan.period.basis), "rule": plan.rule.value}
    trail.append(session, staff_id, Act.QUOTAS_FIXED, when, **about, units=len(rows), answers=plan.total.wanted or 0)
    session.flush()
    return len(rows)


Cohort = Mapping[str, int]
NOBODY: Cohort = {"finished": 0, "invited": 0, "rated": 0}


def _fixed(session: Session, scope: Scope) -> dict[int, Quota]:
    query = sa.select(Quota).where(Quota.period == scope.period.code, Quota.basis == str(scope.period.basis))
    rows = session.scalars(query.where(Quota.agency_id.in_(scope.subtree)))
    return {row.agency_id: row for row in rows}


def _before(session: Session, scope: Scope) -> Scope:
    """Return the same agency and tree in the period before."""
    period = previous(scope.period)
    return replace(scope, period=period, closing=closed_period(session, period))


def _cohort(session: Session, scope: Scope) -> dict[int, Cohort]:
    frame = counts.cohort(session, scope)
    return {int(row["unit"]): {name: int(row[name]) for name in NOBODY} for row in frame.to_dict("records")}


def _sum(cohort: Mapping[int, Cohort], units: Sequence[int]) -> Cohort:
    return {name: sum(cohort.get(key, NOBODY)[name] for key in units) for name in NOBODY}


def _wanted(cases: int, rule: QuotaRule, supposed: str, target: str) -> int | None:
    return sample_sizes(cases, supposed, target).by(rule) if cases else 0


def _line(
    agency: Agency,
    cases: int,
    before: bool,
    wanted: int | None,
    fixed: bool,
    mine: tuple[Cohort, Cohort],
    every: tuple[Cohort, Cohort],
) -> QuotaLine:
    """Work out how many are to be invited: as many as bring what is wanted at the share that answers, less the invited.

    That share is the unit's own in both periods together, or of all units where it has invited few.
    """
    now = mine[0]
    invited, rated = (sum(one[name] for one in mine) for name in ("invited", "rated"))
    if invited < LEAST_INVITED or not rated:
        invited, rated = (sum(one[name] for one in every) for name in ("invited", "rated"))
    asked: Any = {"invited": now["invited"], "rated": now["rated"], "fixed": fixed}
    if wanted is None:
        return QuotaLine(agency, cases, before, None, to_invite=None, reachable=False, **asked)
    if now["rated"] >= wanted:
        return QuotaLine(agency, cases, before, wanted, to_invite=0, reachable=True, **asked)
    if not rated:
        return QuotaLine(agency, cases, before, wanted, to_invite=None, reachable=True, **asked)
    needed = -(-wanted * invited // rated)
    to_invite = max(0, min(needed, cases) - now["invited"])
    return QuotaLine(agency, cases, before, wanted, to_invite=to_invite, reachable=needed <= cases, **asked)


def _total(agency: Agency, lines: Sequence[QuotaLine], every: tuple[Cohort, Cohort]) -> QuotaLine:
    wanted = [line.wanted for line in lines if line.wanted is not None]
    asked = [line.to_invite for line in lines if line.to_invite is not None]
    return QuotaLine(
        agency,
        sum(line.cases for line in lines),
        any(line.before for line in lines),
        sum(wanted) if wanted else None,
        any(line.fixed for line in lines),
        every[0]["invited"],
        every[0]["rated"],
        sum(asked) if len(asked) == len(lines) else None,
        all(line.reachable for line in lines),
    )
