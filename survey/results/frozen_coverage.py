"""What invitation coverage keeps of messages, for when the links between answers and cases are cut."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import ClosedPeriod, FrozenCoverage

COVERED = ("messages", "sent", "delivered")  # what no closed period can tell once its links are cut


def covered(session: Session, closing: ClosedPeriod, subtree: list[int]) -> pd.DataFrame:
    """Return what was frozen with a closing of `COVERED`, per agency; nothing where its answers still name cases."""
    columns = ["agency_id", *COVERED]
    query = sa.select(*(getattr(FrozenCoverage, name) for name in columns))
    query = query.where(FrozenCoverage.period_id == closing.id, FrozenCoverage.agency_id.in_(subtree))
    return pd.DataFrame([tuple(row) for row in session.execute(query)], columns=["agency", *COVERED])


def with_more(cases: pd.DataFrame, more: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the counts with more of some of them, which are of no one delay."""
    rows = more[["agency", *columns]].assign(delay=-1)
    return pd.concat([cases, rows]).fillna(0).astype("int64") if len(rows) else cases
