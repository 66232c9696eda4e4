"""What becomes of a comment: how it stands now, each step on the way, and the days on which offices work or rest."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, WritableText
from survey.models.base import Base, RowNumber
from survey.models.reply_contact import ReplyStage

UNTIL_CUT: dict[str, Any] = {"until_cut": True}  # emptied when the answer's link to its case is cut: it would tell when


class FollowUpStatus(enum.IntEnum):
    """How a comment stands; one that nobody has touched has no row and is new."""

    NEW = 1
    IN_HAND = 2
    DONE = 3
    NOT_FOR_US = 4


class FollowUp(Base):
    """How a comment stands: who looks after it, until when, and what the unit answers.

    `due_day` is only there where somebody set another one than the clock gives; `turn` counts the steps.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        sa.ForeignKeyConstraint(["response_id", "question"], ["comment.response_id", "comment.question"]),
    )

    response_id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    status: Mapped[FollowUpStatus] = mapped_column(Code(FollowUpStatus))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    due_day: Mapped[dt.date | None] = mapped_column(LocalDay, info=UNTIL_CUT)
    answer: Mapped[str | None] = mapped_column(WritableText)
    turn: Mapped[int] = mapped_column(sa.SmallInteger)


class FollowUpStep(Base):
    """One step, appended and never changed: by whom, on which day, with what note, and how all stood after it."""

    __tablename__ = "follow_up_step"
    __table_args__ = (
        sa.ForeignKeyConstraint(["response_id", "question"], ["follow_up.response_id", "follow_up.question"]),
    )

    response_id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    turn: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    day: Mapped[dt.date | None] = mapped_column(LocalDay, info=UNTIL_CUT)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"), info=UNTIL_CUT)
    status: Mapped[FollowUpStatus] = mapped_column(Code(FollowUpStatus))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    due_day: Mapped[dt.date | None] = mapped_column(LocalDay, info=UNTIL_CUT)
    answer: Mapped[str | None] = mapped_column(WritableText)
    note: Mapped[str | None] = mapped_column(WritableText)
    reply: Mapped[ReplyStage | None] = mapped_column(Code(ReplyStage))  # what became of the address to answer to


class MovedDay(Base):
    """A day on which offices work though the calendar says that they rest, or the other way round."""

    __tablename__ = "moved_day"

    day: Mapped[dt.date] = mapped_column(LocalDay, primary_key=True, autoincrement=False)
    works: Mapped[bool]
    reason: Mapped[str] = mapped_column(sa.String(200))
