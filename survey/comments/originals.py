"""Originals of comments: read one by one for a reason that goes on record, and which of them have had their time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection.comments import unseal
from survey.comments.reading import CommentKey, CommentRow
from survey.errors import NotFound
from survey.i18n import msgid
from survey.models import Comment, Response
from survey.redaction import redact

NO_COMMENT = msgid("There is no such comment.")
NO_ORIGINAL = msgid("Nothing was taken out of this comment, or its original has been erased.")


@dataclass(frozen=True)
class Reading:
    """Who reads an original, why, and when."""

    staff_id: int
    reason: str
    at: dt.datetime


def stored(session: Session, key: CommentKey) -> Comment:
    """Return a comment as it is stored, by the receipt of the sheet with which it was sent and its question.

    Raises:
        NotFound: there is none.
    """
    of_sheet = sa.select(Comment).join(Response, Response.id == Comment.response_id)
    comment = session.scalars(of_sheet.where(Response.receipt == key[0], Comment.question == key[1])).one_or_none()
    if comment is None:
        raise NotFound(NO_COMMENT)
    return comment


def kept_of(session: Session, row: CommentRow) -> CommentKey | None:
    """Return by what the original of a comment is found, or None if nothing was taken out or it is erased."""
    receipts = sa.select(Response.receipt).join(Comment, Comment.response_id == Response.id)
    mine = (Comment.response_id == row.response_id, Comment.question == row.key[1], Comment.original.is_not(None))
    receipt = session.scalar(receipts.where(*mine))
    return None if receipt is None else (receipt, row.key[1])


def read(session: Session, secret: str, comment: Comment, reading: Reading) -> str:
    """Return what was written, and put on record who read it and why; commit before anybody sees it.

    The reason is kept as others may read it: without names and numbers, which may be those of the original.

    Raises:
        NotFound: nothing was taken out, the original is erased, or it was sealed with another secret.
    """
    receipt = session.scalars(sa.select(Response.receipt).where(Response.id == comment.response_id)).one()
    original = comment.original and unseal(secret, receipt, comment.question, comment.original)
    if not original:
        raise NotFound(NO_ORIGINAL)
    trail.append(
        session,
        reading.staff_id,
        Act.COMMENT_UNSEALED,
        reading.at,
        response=comment.response_id,
        question=comment.question,
        reason=redact(reading.reason).text,
    )
    return original


def sent_before(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a comment was sent before a time and that its original is still kept."""
    old = sa.exists().where(Response.id == Comment.response_id, Response.submitted_at < before)
    return sa.and_(Comment.original.is_not(None), old)
