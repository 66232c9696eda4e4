"""Much at once, in slices: a statement takes a bounded number of parameters, and nobody waits long for a writer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey.db.turn import giving_way

VALUES = 500  # in one IN list
ROWS = 500  # in one transaction: people who answer on SQLite wait for no longer than it takes


@contextmanager
def sharing_time() -> Iterator[None]:
    """Wait afterwards for as long as this took: whoever answers meanwhile has as long on the store."""
    began = time.monotonic()
    yield
    with giving_way():
        time.sleep(time.monotonic() - began)


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
