"""Tell the ledger of an event, in the transaction in which it happens; it has a number as soon as it is sealed.

An answer that comes is told by its own row: nothing else is written for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.ledger.entries import Kind
from survey.models import LedgerEvent

TABLE = cast("sa.Table", LedgerEvent.__table__)
_INSERT = sa.insert(TABLE)


def tell(store: Session | sa.Connection, kind: Kind, day: dt.date, **about: str | int | bool) -> None:
    """Tell of something that is about no single answer."""
    store.execute(_INSERT, [{"kind": kind.value, "day": day, "about": about}])


def tell_of_answer(store: Session | sa.Connection, kind: Kind, day: dt.date, response_id: int) -> None:
    """Tell of something that happens to one answer."""
    store.execute(_INSERT, [{"kind": kind.value, "day": day, "about": {}, "response_id": response_id}])


def tell_of_answers(
    store: Session | sa.Connection,
    kind: Kind,
    day: dt.date,
    answers: sa.Select[int],
    about: Mapping[str, str | int | bool] | None = None,
) -> None:
    """Tell of something that happens to each of these answers, before it happens."""
    column = answers.subquery().c[0]
    values = (
        sa.literal(kind.value, TABLE.c.kind.type),
        sa.literal(day, TABLE.c.day.type),
        sa.literal(dict(about or {}), TABLE.c.about.type),
        column,
    )
    told = sa.select(*values).order_by(column)
    store.execute(sa.insert(TABLE).from_select(["kind", "day", "about", "response_id"], told))
