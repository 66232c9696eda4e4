"""Insert a row, or leave or count up the one that is there: the one way in which the product writes something once."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


def insert_or_ignore(table: sa.Table, index_elements: Sequence[str] | None = None) -> postgresql.Insert:
    """Return an insert that leaves alone a row which is already there; `.returning(…)` then yields only new rows.

    `index_elements` names the columns of the unique index on which a conflict is expected: any other conflict still
    raises IntegrityError. Without it every unique index counts. Both databases take the same clause, and SQLAlchemy
    writes this one statement for either, so it may be built once per module.
    """
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=index_elements)


def insert_or_add(table: sa.Table, index_elements: Sequence[str], column: str) -> postgresql.Insert:
    """Return an insert that adds its value of one column to the row that is there with the same `index_elements`."""
    insert = postgresql.insert(table)
    total = table.c[column] + insert.excluded[column]
    return insert.on_conflict_do_update(index_elements=index_elements, set_={column: total})
