"""What invitation coverage keeps of answers and messages, for when the links between answers and cases are cut."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import ClosedPeriod, FrozenCoverage, UnlinkedCohort
from survey.periods import Period

COVERED = ("messages", "sent", "delivered", "completed")  # what no closed period can tell once its links are cut
UNLINKED = ("completed", "withdrawn_satisfied")


def covered(session: Session, closing: ClosedPeriod, subtree: list[int]) -> pd.DataFrame:
    """Return what was frozen with a closing of `COVERED`, per agency; nothing where its answers still name cases."""
    columns = ["agency_id", *COVERED]
    query = sa.select(*(getattr(FrozenCoverage, name) for name in columns))
    query = query.where(FrozenCoverage.period_id == closing.id, FrozenCoverage.agency_id.in_(subtree))
    return pd.DataFrame([tuple(row) for row in session.execute(query)], columns=["agency", *COVERED])


def unlinked(session: Session, period: Period, subtree: list[int]) -> pd.DataFrame:
    """Return how many of the answers that name no case any more were complete, or of withdrawn cases, per agency."""
    sums = [sa.func.sum(getattr(UnlinkedCohort, name)) for name in UNLINKED]
    query = (
        sa.select(UnlinkedCohort.agency_id, *sums)
        .group_by(UnlinkedCohort.agency_id)
        .where(UnlinkedCohort.half.between(period.first, period.last), UnlinkedCohort.agency_id.in_(subtree))
    )
    return pd.DataFrame([tuple(row) for row in session.execute(query)], columns=["agency", *UNLINKED]).astype("int64")


def with_more(cases: pd.DataFrame, more: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the counts with more of some of them, which are of no one delay."""
    rows = more[["agency", *columns]].assign(delay=-1)
    return pd.concat([cases, rows]).fillna(0).astype("int64") if len(rows) else cases
