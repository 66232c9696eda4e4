"""What became of the cases of an open period, and how many of its answers rate other cases.

It is told by the answers that name their cases, and by what was counted of others when they lost that name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from survey.collection.corrected_cases import left_behind
from survey.collection.withdrawn_cases import answered_case, left_out, withdrawal_of
from survey.models import Case, Invitation, Response, UnlinkedCrossing, Withdrawal
from survey.periods import Period

WITHDRAWN = ("withdrawn", "withdrawn_rated")
COHORT_SHOWN = ("finished", "invited", "rated", *WITHDRAWN)
COHORT = (*COHORT_SHOWN, "carried")
COLUMNS = {"agency": "agency_id", "unit": "agency_id", "procedure": "procedure_id", "respondent": "respondent"}
_CASES: dict[str, Any] = {
    "agency": Case.resolving_agency_id,
    "unit": Case.resolving_agency_id,
    "procedure": Case.procedure_id,
    "respondent": Case.respondent,
}


def live_cohort(period: Period, agencies: list[int], by: Sequence[str]) -> sa.Select[*tuple[int, ...]]:
    """Return the counts of the cases of an open period; what is `carried` over its edges tell the two others."""
    keys = [_CASES[name] for name in by]
    rated = sa.and_(Response.invitation_id == Invitation.id, Response.counted)
    withdrawn, belongs = Withdrawal.id.is_not(None), sa.not_(left_out())
    return (
        sa.select(
            *[number(column) for column in keys],
            sa.func.count().filter(belongs),
            sa.func.count(Invitation.id).filter(belongs),
            sa.func.count().filter(answered_case()),
            sa.func.count().filter(withdrawn),
            sa.func.count().filter(withdrawn, answered_case()),
            sa.literal(0),
        )
        .select_from(Case)
        .outerjoin(Withdrawal, withdrawal_of(Case.id))
        .outerjoin(Invitation, Invitation.case_id == Case.id)
        .outerjoin(Response, rated)
        .where(Case.finished_day.between(period.first, period.last))
        .where(Case.resolving_agency_id.in_(agencies))
        .group_by(*keys)
    )


def carried(period: Period, agencies: list[int], by: Sequence[str]) -> sa.Select[*tuple[int, ...]]:
    """Return how many answers of an open period name a case that was finished before or after it, or is elsewhere now.

    They are counted where the answers are: a case that the portal corrected may have left its answer behind.
    """
    keys = [number(getattr(Response, COLUMNS[name])) for name in by]
    return (
        sa.select(*keys, *_only("carried", sa.func.count()))
        .join_from(Response, Invitation, Invitation.id == Response.invitation_id)
        .join(Case, Case.id == Invitation.case_id)
        .where(Response.counted, Response.invitation_id.is_not(None))
        .where(Response.day.between(period.first, period.last), Response.agency_id.in_(agencies))
        .where(sa.or_(left_behind(), sa.not_(Case.finished_day.between(period.first, period.last))))
        .group_by(*keys)
    )


def unlinked_carried(period: Period, agencies: list[int], by: Sequence[str]) -> sa.Select[*tuple[int, ...]]:
    """Return how many answers that name no case may have been carried over the edges of a period.

    An answer that came after the whole period, to a case of before it, is among them: nothing tells them apart.
    """
    keys = [number(getattr(UnlinkedCrossing, COLUMNS[name])) for name in by]
    after = period.last + dt.timedelta(days=1)
    crossed = sa.case((UnlinkedCrossing.half == period.first, UnlinkedCrossing.later), else_=UnlinkedCrossing.ahead)
    return (
        sa.select(*keys, *_only("carried", sa.func.sum(crossed)))
        .where(UnlinkedCrossing.half.in_((period.first, after)), UnlinkedCrossing.agency_id.in_(agencies))
        .group_by(*keys)
    )


def _only(name: str, measure: sa.ColumnElement[int]) -> list[sa.ColumnElement[int]]:
    """Return a column for each count of a cohort, of which there is one only."""
    return [measure if one == name else sa.literal(0) for one in COHORT]


def number(column: sa.ColumnExpressionArgument[int]) -> sa.ColumnElement[int]:
    """Return the stored number of a key, so that the two databases and a frozen cell give the same value."""
    return sa.type_coerce(column, sa.Integer)
