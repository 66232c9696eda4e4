"""People who ask for an answer and leave an address, and the official who answers: for tests of what becomes of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.comments.follow_up import FollowUpChange, follow_up
from survey.comments.reading import CommentFilter, CommentRow, CommentsInScope
from survey.delivery import replies
from survey.delivery.contact import Contact
from survey.delivery.replies import Agreed
from survey.models import (
    AddressKind,
    FollowUpStatus,
    FollowUpStep,
    ReplyContact,
    ReplyStage,
    Role,
)
from survey.periods import parse
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.figures import CLOCK
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LATER = NOON + 5 * DAY
OCTOBER = parse("2026-10")
LAN, PHONE = Contact(AddressKind.EMAIL, "canary.lan@example.vn"), Contact(AddressKind.PHONE, "+84987612345")
REPLY = "Từ ngày 20/10 nhận hồ sơ tại một quầy."
CLOSED = {"status": FollowUpStatus.DONE, "answer": REPLY}


def asked(session: Session, to: Contact = LAN, words: str = "Phải đi lại ba lần", **more: Any) -> bytes:
    """Answer with a comment and leave an address; return the receipt."""
    receipt = factories.response(session, 1, when=NOON, comments={"S8": words}, **more)
    replies.leave(session, SECRET, receipt, to, Agreed("vi", 30), NOON)
    session.commit()
    return receipt


def comments(session: Session) -> list[CommentRow]:
    """Return the comments of the month as an official reads them."""
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"))
    return CommentsInScope(session, scope, False, CLOCK, 1).page(CommentFilter())


def reply(session: Session, at: dt.datetime = LATER, login: str = "hanh") -> None:
    """Close the one comment with an answer that is to be sent."""
    staff = official(session, login, role=Role.MANAGER)
    [row] = [one for one in comments(session) if one.standing.asks]
    follow_up(session, [row], FollowUpChange(CLOSED, reply=True), staff.id, at)
    replies.send(session, SECRET, row, staff.id, at)
    session.commit()


def stages(session: Session) -> list[ReplyStage | None]:
    """Return what each step of every follow-up tells of an address."""
    session.expire_all()
    steps = sa.select(FollowUpStep.reply).order_by(FollowUpStep.response_id, FollowUpStep.turn)
    every = list(session.scalars(steps))
    session.rollback()
    return every


def contacts(session: Session) -> int:
    """Return how many addresses are kept."""
    number = session.scalar(sa.select(sa.func.count()).select_from(ReplyContact)) or 0
    session.rollback()
    return number
