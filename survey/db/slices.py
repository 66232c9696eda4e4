"""Search for many values: in slices, because a statement takes a bounded number of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

VALUES = 500  # in one IN list


def rows_in(
    session: Session,
    statement: sa.Select[*tuple[Any, ...]],
    column: sa.ColumnElement[Any] | InstrumentedAttribute[Any],
    values: Iterable[object],
) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    """Yield the rows of `statement` in which `column` has one of these values, slice after slice.

    Each value is sought once; an order or limit of the statement holds only within a slice.
    """
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), VALUES):
        yield from session.execute(statement.where(column.in_(distinct[start : start + VALUES])))
