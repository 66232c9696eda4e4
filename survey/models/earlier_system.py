"""What systems before this one counted: figures of another source, shown apart and never added to ours."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import LocalDay, UTCDateTime, WritableText
from survey.models.base import Base, key


class EarlierSystem(Base):
    """One file of such figures: which system, how it asked, who imported it, and whether it was withdrawn."""

    __tablename__ = "earlier_system"

    id: Mapped[key]
    source: Mapped[str] = mapped_column(WritableText)
    method: Mapped[str] = mapped_column(WritableText)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))  # None: from the machine itself
    imported_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class EarlierCount(Base):
    """How many answered and how many were satisfied in one agency between two days, by its own count."""

    __tablename__ = "earlier_count"
    __table_args__ = (
        sa.CheckConstraint("satisfied BETWEEN 0 AND answered", name="satisfied"),
        sa.CheckConstraint("first <= last", name="days"),
    )

    system_id: Mapped[int] = mapped_column(sa.ForeignKey("earlier_system.id"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"), primary_key=True, index=True)
    first: Mapped[dt.date] = mapped_column(LocalDay, primary_key=True)
    last: Mapped[dt.date] = mapped_column(LocalDay, primary_key=True)
    answered: Mapped[int]
    satisfied: Mapped[int]
