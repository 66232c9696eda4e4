"""Seal anew, under today's secret key, what is kept under a former one: every sealed column, in slices.

What lives for a day at most (replies of the API) is left to end. An address that its holder has not confirmed yet is
left, too: its link names it as it is sealed, and confirms it or ends within days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import account_links, authenticators, mail_address
from survey.apologies import drafting
from survey.audit import trail
from survey.audit.acts import Act
from survey.callbacks import phones
from survey.collection import comments
from survey.db.engine import Database, Lock, exclusively
from survey.db.slices import ROWS, sharing_time
from survey.delivery import contact, notices, replies, webhooks
from survey.i18n import msgid
from survey.models import (
    AccountLink,
    Apology,
    Authenticator,
    CallBackNumber,
    Comment,
    Delivery,
    MessageKind,
    ReplyContact,
    Response,
    Webhook,
)
from survey.periods import now
from survey.security import sealing

SealedRow: TypeAlias = "sa.Row[Any]"


@dataclass(frozen=True)
class SealedKind:
    """One column of what is sealed: the rows that hold some, what each is bound to, and for which purposes."""

    data: str  # a msgid
    column: sa.ColumnElement[bytes | None]
    bound: Callable[[SealedRow], bytes]
    purposes: tuple[str, ...]
    beside: tuple[sa.ColumnElement[Any], ...] = ()  # what `bound` asks for, after the primary key
    join: tuple[sa.Table, sa.ColumnElement[bool]] | None = None
    where: sa.ColumnElement[bool] | None = None

    @property
    def table(self) -> sa.Table:
        """The table of the column."""
        return cast("sa.Table", cast("Any", self.column).table)

    @property
    def key(self) -> list[sa.Column[Any]]:
        """The primary key of the table."""
        return list(self.table.primary_key.columns)


@dataclass(frozen=True)
class Resealed:
    """What became of one kind: how many were sealed anew, and how many no key opens."""

    data: str
    number: int = 0
    unreadable: int = 0


_RESPONSE = cast("sa.Table", Response.__table__)
_D, _C, _R, _A, _W, _L, _F, _N = (
    cast("sa.Table", model.__table__).c
    for model in (Delivery, Comment, ReplyContact, Apology, Webhook, AccountLink, Authenticator, CallBackNumber)
)
_S = mail_address.TABLE.c
KINDS = (
    SealedKind(
        msgid("Messages that wait"),
        _D.payload,
        lambda row: row.key.encode(),
        (contact.PURPOSE, notices.PURPOSE, replies.PURPOSE),
        (_D.key,),
        where=_D.kind != MessageKind.EVENT,  # of which nothing is secret
    ),
    SealedKind(
        msgid("Originals of comments"),
        _C.original,
        lambda row: comments.bound_to(row.receipt, row.question),
        (comments.PURPOSE,),
        (_RESPONSE.c.receipt,),
        (_RESPONSE, _RESPONSE.c.id == _C.response_id),
    ),
    SealedKind(
        msgid("Addresses left for an answer"),
        _R.sealed,
        lambda row: replies.bound_to(row.receipt).encode(),
        (contact.PURPOSE,),
        (_RESPONSE.c.receipt,),
        (_RESPONSE, _RESPONSE.c.id == _R.response_id),
    ),
    SealedKind(
        msgid("Addresses of drafted letters"),
        _A.contact,
        lambda row: drafting.bound_to(row.case_id).encode(),
        (contact.PURPOSE,),
        (_A.case_id,),
    ),
    SealedKind(
        msgid("Numbers of a call-back"),
        _N.sealed,
        lambda row: phones.bound_to(row.case_id).encode(),
        (contact.PURPOSE,),
    ),
    SealedKind(
        msgid("Addresses of officials"),
        _S.email,
        lambda row: str(row.id).encode(),
        (mail_address.PURPOSE,),
        where=_S.email_confirmed,
    ),
    SealedKind(
        msgid("Addresses of officials who were invited"),
        _L.email,
        lambda row: bytes(row.token_hash),
        (account_links.PURPOSE,),
        (_L.token_hash,),
    ),
    SealedKind(
        msgid("Keys of apps that make codes"),
        _F.secret,
        lambda row: str(row.staff_id).encode(),
        (authenticators.PURPOSE,),
    ),
    SealedKind(msgid("Secrets of webhooks"), _W.sealed, lambda row: row.name.encode(), (webhooks.PURPOSE,), (_W.name,)),
)


def run(database: Database, secret: str) -> Iterator[Resealed]:
    """Seal every kind anew and yield what became of it; people can go on answering, and a repeat does no harm."""
    total = 0
    for kind in KINDS:
        number = unreadable = 0
        after: tuple[Any, ...] | None = None
        while True:
            with sharing_time(), database.session(writes=True) as session:
                exclusively(session, Lock.LINKS)  # or rows might trade their receipts meanwhile
                rows = _slice(session, kind, after)
                done, closed = _seal_anew(session, secret, kind, rows)
                session.commit()
            number, unreadable = number + done, unreadable + closed
            if len(rows) < ROWS:
                break
            after = tuple(rows[-1][: len(kind.key)])
        total += number
        yield Resealed(kind.data, number, unreadable)
    if total:
        with database.session(writes=True) as session:
            trail.append(session, None, Act.SECRETS_RESEALED, now(), number=total)
            session.commit()


def _slice(session: Session, kind: SealedKind, after: tuple[Any, ...] | None) -> list[SealedRow]:
    """Return the next rows behind a key, each as its key, what it is bound by, and what is sealed."""
    chosen = sa.select(*kind.key, *kind.beside, kind.column.label("sealed")).where(kind.column.is_not(None))
    if kind.join is not None:
        chosen = chosen.select_from(kind.table.join(*kind.join))
    if kind.where is not None:
        chosen = chosen.where(kind.where)
    if after is not None:
        chosen = chosen.where(sa.tuple_(*kind.key) > sa.tuple_(*after))
    return list(session.execute(chosen.order_by(*kind.key).limit(ROWS)))


def _seal_anew(session: Session, secret: str, kind: SealedKind, rows: list[SealedRow]) -> tuple[int, int]:
    number = unreadable = 0
    for row in rows:
        bound, sealed = kind.bound(row), bytes(row.sealed)
        purpose = next((one for one in kind.purposes if sealing.unseal(secret, one, sealed, bound) is not None), None)
        if purpose is None:
            unreadable += 1
        elif (anew := sealing.resealed(secret, purpose, sealed, bound)) is not None:
            mine = [column == value for column, value in zip(kind.key, row, strict=False)]
            changed = sa.update(kind.table).where(*mine, kind.column == sealed).values({kind.column.name: anew})
            number += session.connection().execute(changed).rowcount
    return number, unreadable
