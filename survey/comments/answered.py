"""What a unit has answered to a person's comments, beside the own words: for whoever holds the receipt alone."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Comment, FollowUp, FollowUpStatus, Response


@dataclass(frozen=True)
class AnsweredComment:
    """A comment as it is kept, in the language of its sheet, and the answer to it."""

    text: str
    answer: str
    language: str


def own_sheets(receipt: bytes) -> sa.CTE:
    """Return the numbers (`id`) of the sheet of a receipt and of those that it adds to."""
    sheets = sa.select(Response.id, Response.supersedes_id, Response.amends).where(Response.receipt == receipt)
    own = sheets.cte("own", recursive=True)
    before = sa.select(Response.id, Response.supersedes_id, Response.amends)
    return own.union_all(before.join(own, sa.and_(Response.id == own.c.supersedes_id, own.c.amends)))


def answered(session: Session, receipt: bytes) -> list[AnsweredComment]:
    """Return the answered comments that were sent with the sheet of a receipt, or with one that it adds to.

    Of those, only what is dealt with: until then the unit may still write its answer anew.
    """
    own = own_sheets(receipt)
    on_comment = sa.and_(FollowUp.response_id == Comment.response_id, FollowUp.question == Comment.question)
    query = (
        sa.select(Comment.text, FollowUp.answer, Response.language)
        .join(FollowUp, on_comment)
        .join(Response, Response.id == Comment.response_id)
        .where(Comment.response_id.in_(sa.select(own.c.id)))
        .where(FollowUp.status == FollowUpStatus.DONE, FollowUp.answer.is_not(None))
        .order_by(Comment.question, Comment.response_id)
    )
    return [AnsweredComment(text, answer or "", language) for text, answer, language in session.execute(query)]
