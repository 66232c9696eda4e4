"""Letters of apology for late cases: how each stands, and where it goes until that is decided."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime, WritableText
from survey.models.base import Base, key
from survey.models.delivery import AddressKind


class ApologyStatus(enum.IntEnum):
    """How a letter stands; what became of one that was approved, its delivery says."""

    DRAFTED = 1
    APPROVED = 2
    HANDED_OVER = 3  # on paper
    DECLINED = 4
    TAKEN_BACK = 5  # the case is withdrawn, or was in time after all


class Apology(Base):
    """The one letter about a late case.

    `contact` is a sealed address, there only while a draft waits; `address_kind` stays and tells that there was one.
    `words` are a paragraph of the unit's own, `reason` why it was declined, `turn` counts the steps. `delivery_key` is
    the key of the delivery that carries what was approved.
    """

    __tablename__ = "apology"
    __table_args__ = (
        sa.Index("ix_apology_status", "status", "drafted_at"),
        sa.CheckConstraint("contact IS NULL OR status = 1", name="erased"),
        sa.CheckConstraint("contact IS NULL OR address_kind IS NOT NULL", name="address"),
    )

    id: Mapped[key]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), unique=True)
    status: Mapped[ApologyStatus] = mapped_column(Code(ApologyStatus))
    drafted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    language: Mapped[str | None] = mapped_column(sa.String(8))  # of the case; None: that of the installation
    address_kind: Mapped[AddressKind | None] = mapped_column(Code(AddressKind))
    contact: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    words: Mapped[str | None] = mapped_column(WritableText)
    turn: Mapped[int] = mapped_column(sa.SmallInteger)
    decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))  # who decided
    reason: Mapped[str | None] = mapped_column(WritableText)
    delivery_key: Mapped[str | None] = mapped_column(sa.String(32), unique=True)
