"""What became of the cases of an open period, and how many of its answers rate other cases.

It is told by the answers that name their cases, and by what was counted of others when they lost that name. Each SELECT
tells some of the counts, and those of days that are over are kept (`daily_counts`): all of them are added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.corrected_cases import left_behind
from survey.collection.withdrawn_cases import answered_case, withdrawal_of
from survey.models import (
    Case,
    CountedPart,
    DailyCohort,
    DailyRating,
    Invitation,
    Response,
    UnlinkedCrossing,
    Withdrawal,
)
from survey.periods import Period, halves_of
from survey.results.counted_spans import EVER, DayRange, counted_days, nothing_counted
from survey.results.daily_cuts import cut_of, kept_key
from survey.results.live_counts import number

WITHDRAWN = ("withdrawn", "withdrawn_rated")
COHORT_SHOWN = ("finished", "invited", "rated", *WITHDRAWN)
COHORT = (*COHORT_SHOWN, "carried")
COLUMNS = {"agency": "agency_id", "unit": "agency_id", "procedure": "procedure_id", "respondent": "respondent"}
Counting: TypeAlias = "sa.Select[*tuple[object, ...]]"
_CASES: dict[str, Any] = {
    "agency": Case.resolving_agency_id,
    "unit": Case.resolving_agency_id,
    "procedure": Case.procedure_id,
    "respondent": Case.respondent,
}


def open_cohort(session: Session, period: Period, agencies: list[int], by: Sequence[str]) -> Iterator[Counting]:
    """Yield the SELECTs whose rows, the keys and the counts of a cohort, add up to it."""
    cut = cut_of(by)
    days = (period.first, period.last)
    cases, given, ever = nothing_counted(*days), nothing_counted(*days), nothing_counted(*EVER)
    if cut is not None:
        cases = counted_days(session, CountedPart.CASES, *days)
        given = counted_days(session, CountedPart.ANSWERS, *days)
        ever = counted_days(session, CountedPart.ANSWERS, *EVER)
        halves = [first for first, _last in halves_of(period)]
        yield _kept(DailyCohort, cut, by, agencies, cases.ids, finished="finished", invited="invited", rated="used")
        of_them, others = DailyRating.half.in_(halves), DailyRating.half.not_in(halves)
        yield _kept(DailyRating, cut, by, agencies, ever.ids, rated="rated").where(of_them)
        yield _kept(DailyRating, cut, by, agencies, given.ids, carried="answers").where(others)
    for live in cases.live:
        yield _finished(live, agencies, by)
    for live in ever.live:
        yield _rated(period, live, agencies, by)
    for live in given.live:
        yield _carried(period, live, agencies, by)
    yield _withdrawn(period, agencies, by)
    yield _unlinked_carried(period, agencies, by)


def _kept(
    table: type[DailyCohort | DailyRating],
    cut: str,
    by: Sequence[str],
    agencies: list[int],
    spans: Sequence[int],
    **measures: str,
) -> Counting:
    keys = [kept_key(table, name) for name in by]
    sums = {name: sa.func.sum(getattr(table, column)) for name, column in measures.items()}
    query = sa.select(*keys, *_only(**sums)).where(table.span_id.in_(spans), table.cut == cut)
    return query.where(table.agency_id.in_(agencies)).group_by(*keys)


def _finished(days: DayRange, agencies: list[int], by: Sequence[str]) -> Counting:
    """Return how many cases were finished, and invited; of these those whose link is used up, as rated."""
    keys = [number(_CASES[name]) for name in by]
    used = sa.func.count().filter(Invitation.used)
    counted = _only(finished=sa.func.count(), invited=sa.func.count(Invitation.id), rated=used)
    query = sa.select(*keys, *counted).select_from(Case).outerjoin(Invitation, Invitation.case_id == Case.id)
    query = query.where(Case.finished_day.between(*days), Case.resolving_agency_id.in_(agencies))
    return query.group_by(*keys)


def _rated(period: Period, days: DayRange, agencies: list[int], by: Sequence[str]) -> Counting:
    """Return how many cases of a period the answers of some days name, but for those whose link is used up."""
    keys = [number(_CASES[name]) for name in by]
    query = linked_answers(sa.select(*keys, *_only(rated=sa.func.count())), days)
    query = query.where(sa.not_(Invitation.used), Case.finished_day.between(period.first, period.last))
    return query.where(Case.resolving_agency_id.in_(agencies)).group_by(*keys)


def _carried(period: Period, days: DayRange, agencies: list[int], by: Sequence[str]) -> Counting:
    """Return how many answers of some days name a case that was finished in another period, or is elsewhere now.

    They are counted where the answers are: a case that the portal corrected may have left its answer behind.
    """
    keys = [number(getattr(Response, COLUMNS[name])) for name in by]
    query = linked_answers(sa.select(*keys, *_only(carried=sa.func.count())), days)
    within = Case.finished_day.between(period.first, period.last)
    return query.where(Response.agency_id.in_(agencies), sa.or_(left_behind(), sa.not_(within))).group_by(*keys)


def linked_answers(query: Counting, days: DayRange) -> Counting:
    """Return a SELECT from the counted answers of some days that name their cases, joined with these."""
    query = query.join_from(Response, Invitation, Invitation.id == Response.invitation_id)
    query = query.join(Case, Case.id == Invitation.case_id)
    query = query.where(Response.counted, Response.invitation_id.is_not(None))
    return query if days == EVER else query.where(Response.day.between(*days))


def _withdrawn(period: Period, agencies: list[int], by: Sequence[str]) -> Counting:
    """Return how many cases were withdrawn: of the finished ones they are only if they were rated."""
    keys = [number(_CASES[name]) for name in by]
    unrated = sa.func.count().filter(sa.not_(answered_case()))
    counted = _only(
        finished=-unrated,
        invited=-sa.func.count(Invitation.id).filter(sa.not_(answered_case())),
        withdrawn=sa.func.count(),
        withdrawn_rated=sa.func.count().filter(answered_case()),
    )
    rated = sa.and_(Response.invitation_id == Invitation.id, Response.counted)
    return (
        sa.select(*keys, *counted)
        .select_from(Case)
        .join(Withdrawal, withdrawal_of(Case.id))
        .outerjoin(Invitation, Invitation.case_id == Case.id)
        .outerjoin(Response, rated)
        .where(Case.finished_day.between(period.first, period.last))
        .where(Case.resolving_agency_id.in_(agencies))
        .group_by(*keys)
    )


def _unlinked_carried(period: Period, agencies: list[int], by: Sequence[str]) -> Counting:
    """Return how many answers that name no case may have been carried over the edges of a period.

    An answer that came after the whole period, to a case of before it, is among them: nothing tells them apart.
    """
    keys = [number(getattr(UnlinkedCrossing, COLUMNS[name])) for name in by]
    after = period.last + dt.timedelta(days=1)
    crossed = sa.case((UnlinkedCrossing.half == period.first, UnlinkedCrossing.later), else_=UnlinkedCrossing.ahead)
    return (
        sa.select(*keys, *_only(carried=sa.func.sum(crossed)))
        .where(UnlinkedCrossing.half.in_((period.first, after)), UnlinkedCrossing.agency_id.in_(agencies))
        .group_by(*keys)
    )


def _only(**measures: sa.ColumnElement[int]) -> list[sa.ColumnElement[int]]:
    """Return a column for each count of a cohort, of which there are only some."""
    return [measures.get(name, sa.literal(0)) for name in COHORT]
