"""Answers that are left out of what is counted: proposed by one account, decided by another, never erased."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime, WritableText
from survey.models.base import Base, key


class ExclusionKind(enum.IntEnum):
    """What is proposed: to leave answers out, or to count them again."""

    EXCLUDE = 1
    RESTORE = 2


class ExclusionReason(enum.IntEnum):
    """Why answers are left out, or counted again."""

    TEST = 1
    PROGRAM = 2
    REPEATED = 3
    NOT_SERVED = 4
    MISTAKE = 5  # answers are counted again that were left out wrongly


class Exclusion(Base):
    """A proposal about some answers, with its reason; rows are added, never changed."""

    __tablename__ = "exclusion"

    id: Mapped[key]
    kind: Mapped[ExclusionKind] = mapped_column(Code(ExclusionKind))
    reason: Mapped[ExclusionReason] = mapped_column(Code(ExclusionReason))
    words: Mapped[str] = mapped_column(WritableText)  # redacted
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    proposed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class ExcludedAnswer(Base):
    """One answer that a proposal is about, and with it whatever takes that answer's place."""

    __tablename__ = "excluded_answer"

    exclusion_id: Mapped[int] = mapped_column(sa.ForeignKey("exclusion.id"), primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), primary_key=True, index=True)


class ExclusionDecision(Base):
    """What became of a proposal: agreed to by another account, or refused; a proposal is decided once."""

    __tablename__ = "exclusion_decision"

    id: Mapped[key]
    exclusion_id: Mapped[int] = mapped_column(sa.ForeignKey("exclusion.id"), unique=True)
    agreed: Mapped[bool]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    decided_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
