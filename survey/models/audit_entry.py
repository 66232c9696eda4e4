"""The record of who did what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime
from survey.models.base import Base, key


class AuditEntry(Base):
    """Who did what, when; appended, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_staff_id_act", "staff_id", "act", "at"),)  # who signed in when last

    id: Mapped[key]
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    act: Mapped[str] = mapped_column(sa.String(60))
    about: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(sa.String(64))  # of the log; None: no official at a page did it
