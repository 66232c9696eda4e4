"""What units tell everybody about what people said and what was done, and each step until it stands there."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime, WritableText
from survey.models.base import Base, key


class ImprovementStatus(enum.IntEnum):
    """How an entry stands; only one that is published is shown to everybody."""

    DRAFT = 1
    WAITING = 2
    PUBLISHED = 3
    REFUSED = 4
    WITHDRAWN = 5


class Improvement(Base):
    """One entry: what people said, what was done, and since when; `turn` counts its steps."""

    __tablename__ = "improvement"
    __table_args__ = (sa.Index("ix_improvement_published", "status", "published_at", "id"),)

    id: Mapped[key]
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    status: Mapped[ImprovementStatus] = mapped_column(Code(ImprovementStatus))
    voice: Mapped[str] = mapped_column(WritableText)
    measure: Mapped[str] = mapped_column(WritableText)
    since: Mapped[dt.date] = mapped_column(LocalDay)
    turn: Mapped[int] = mapped_column(sa.SmallInteger)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class ImprovementStep(Base):
    """One step of an entry, appended and never changed: by whom, when, why, and what the entry said after it."""

    __tablename__ = "improvement_step"

    improvement_id: Mapped[int] = mapped_column(sa.ForeignKey("improvement.id"), primary_key=True)
    turn: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    status: Mapped[ImprovementStatus] = mapped_column(Code(ImprovementStatus))
    voice: Mapped[str] = mapped_column(WritableText)
    measure: Mapped[str] = mapped_column(WritableText)
    since: Mapped[dt.date] = mapped_column(LocalDay)
    reason: Mapped[str | None] = mapped_column(WritableText)
