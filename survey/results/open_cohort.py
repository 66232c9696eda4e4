"""What became of the cases of an open period: told by the answers that name them, and by what was kept of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from survey.collection.withdrawn_cases import answered_case, left_out, withdrawal_of
from survey.models import Case, Invitation, Response, UnlinkedCohort, Withdrawal
from survey.periods import Period

WITHDRAWN = ("withdrawn", "withdrawn_rated", "withdrawn_satisfied")
COHORT = ("finished", "invited", "rated", "rated_satisfied", *WITHDRAWN)
COLUMNS = {"agency": "agency_id", "unit": "agency_id", "procedure": "procedure_id", "respondent": "respondent"}
_CASES: dict[str, Any] = {
    "agency": Case.resolving_agency_id,
    "unit": Case.resolving_agency_id,
    "procedure": Case.procedure_id,
    "respondent": Case.respondent,
}


def live_cohort(period: Period, agencies: list[int], by: Sequence[str]) -> sa.Select[*tuple[int, ...]]:
    """Return the counts of the cases of an open period, and of the answers that name one."""
    keys = [_CASES[name] for name in by]
    rated = sa.and_(Response.invitation_id == Invitation.id, Response.counted)
    satisfied, withdrawn, belongs = Response.overall >= 4, Withdrawal.id.is_not(None), sa.not_(left_out())
    return (
        sa.select(
            *[number(column) for column in keys],
            sa.func.count().filter(belongs),
            sa.func.count(Invitation.id).filter(belongs),
            sa.func.count().filter(answered_case()),
            sa.func.count().filter(satisfied),
            sa.func.count().filter(withdrawn),
            sa.func.count().filter(withdrawn, answered_case()),
            sa.func.count().filter(withdrawn, satisfied),
        )
        .select_from(Case)
        .outerjoin(Withdrawal, withdrawal_of(Case.id))
        .outerjoin(Invitation, Invitation.case_id == Case.id)
        .outerjoin(Response, rated)
        .where(Case.finished_day.between(period.first, period.last))
        .where(Case.resolving_agency_id.in_(agencies))
        .group_by(*keys)
    )


def unlinked_cohort(period: Period, agencies: list[int], by: Sequence[str]) -> sa.Select[*tuple[int, ...]]:
    """Return what the answers said that name no case any more: their cases are among those of `live_cohort`."""
    keys = [number(getattr(UnlinkedCohort, COLUMNS[name])) for name in by]
    kept = ("rated_satisfied", "withdrawn_satisfied")
    sums = [sa.func.sum(getattr(UnlinkedCohort, name)) if name in kept else sa.literal(0) for name in COHORT]
    return (
        sa.select(*keys, *sums)
        .where(UnlinkedCohort.half.between(period.first, period.last), UnlinkedCohort.agency_id.in_(agencies))
        .group_by(*keys)
    )


def number(column: sa.ColumnExpressionArgument[int]) -> sa.ColumnElement[int]:
    """Return the stored number of a key, so that the two databases and a frozen cell give the same value."""
    return sa.type_coerce(column, sa.Integer)
