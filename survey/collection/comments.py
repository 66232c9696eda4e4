"""What a person wrote, as it is kept: redacted for those who read it, and the original sealed where it differs.

The seal is bound to the receipt and the question, so that no original can be moved to another comment, and has one
length per 128 bytes, so that a dump does not tell how long a name or a number was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa

from survey.i18n import plain_words
from survey.models import Comment, Response
from survey.redaction import Redacted, redact
from survey.security import sealing

TABLE = cast("sa.Table", Comment.__table__)
PURPOSE, BLOCK = "comment", 128
PADDING = "\0"  # which no text holds
_INSERT = sa.insert(TABLE)
_WRITTEN = sa.select(TABLE).where(TABLE.c.response_id == sa.bindparam("id"))
_AMENDED = sa.select(Response.amends, Response.supersedes_id).where(Response.id == sa.bindparam("id"))


def row(secret: str, response_id: int, receipt: bytes, question: str, written: str) -> dict[str, Any]:
    """Return what is stored of a comment."""
    redacted = redact(written)
    return {
        "response_id": response_id,
        "question": question,
        "text": redacted.text,
        "with_officers": _if_other(redacted),
        "plain": plain_words(redacted.text),
        "original": None if redacted.text == written else seal(secret, receipt, question, written),
    }


def write(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Store comments."""
    if rows:
        connection.execute(_INSERT, rows)


def same(connection: sa.Connection, secret: str, response_id: int, receipt: bytes, written: Mapping[str, str]) -> bool:
    """Return whether exactly this was written with a response; by what is left of it where its originals are erased."""
    stored = {one.question: one for one in connection.execute(_WRITTEN, {"id": response_id})}
    return stored.keys() == written.keys() and all(
        _is(secret, receipt, stored[question], text) for question, text in written.items()
    )


def of_response(connection: sa.Connection, response_id: int) -> dict[str, str]:
    """Return what a person wrote with a response and with those that it adds to, by question; the last text holds.

    An answer that replaced another one adds to nothing: what was written there stays there.
    """
    written: dict[str, str] = {}
    number: int | None = response_id
    while number is not None:
        written = {one.question: one.text for one in connection.execute(_WRITTEN, {"id": number})} | written
        amended = connection.execute(_AMENDED, {"id": number}).one()
        number = amended.supersedes_id if amended.amends else None
    return written


def seal(secret: str, receipt: bytes, question: str, written: str) -> bytes:
    """Return an original sealed for the comment on a question of the response with a receipt."""
    plain = written.encode()
    plain += PADDING.encode() * (-len(plain) % BLOCK)
    return sealing.seal(secret, PURPOSE, plain, bound_to(receipt, question))


def unseal(secret: str, receipt: bytes, question: str, sealed: bytes) -> str | None:
    """Return an original, or nothing if it was not sealed here for this comment."""
    plain = sealing.unseal(secret, PURPOSE, sealed, bound_to(receipt, question))
    return None if plain is None else plain.decode().rstrip(PADDING)


def bound_to(receipt: bytes, question: str) -> bytes:
    """Return what the original of a comment is bound to."""
    return receipt + question.encode()


def _if_other(redacted: Redacted) -> str | None:
    return None if redacted.with_officers == redacted.text else redacted.with_officers


def _is(secret: str, receipt: bytes, stored: Any, written: str) -> bool:
    if stored.original is not None:
        return unseal(secret, receipt, stored.question, stored.original) == written
    return stored.text in (written, redact(written).text)
