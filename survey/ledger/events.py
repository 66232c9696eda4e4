"""Tell the ledger of an event, in the transaction in which it happens; it has a number as soon as it is sealed.

An answer that comes is history by its own row: nothing else is written for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.ledger.entries import EntryKind
from survey.models import LedgerEvent

TABLE = cast("sa.Table", LedgerEvent.__table__)
_INSERT = sa.insert(TABLE)


def tell(store: Session | sa.Connection, kind: EntryKind, day: dt.date, **about: str | int | bool) -> None:
    """Tell of something that is about no single answer."""
    store.execute(_INSERT, [{"kind": kind.value, "day": day, "about": about, "response_id": None}])


def tell_of(store: Session | sa.Connection, kind: EntryKind, day: dt.date, answers: Sequence[int]) -> None:
    """Tell of something that happens to these answers."""
    rows: list[dict[str, object]] = [
        {"kind": kind.value, "day": day, "about": {}, "response_id": answer} for answer in answers
    ]
    if rows:
        store.execute(_INSERT, rows)


def tell_of_answers(
    store: Session | sa.Connection,
    kind: EntryKind,
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
    history = sa.select(*values).order_by(column)
    store.execute(sa.insert(TABLE).from_select(["kind", "day", "about", "response_id"], history))
