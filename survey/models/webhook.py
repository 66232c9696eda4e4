"""Webhooks: who wants to be told of events."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import LocalDay, UTCDateTime
from survey.models.base import Base, key


class Webhook(Base):
    """An address that wants to be told; set from the machine itself, its secret is kept sealed."""

    __tablename__ = "webhook"

    id: Mapped[key]
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    url: Mapped[str] = mapped_column(sa.String(400))
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    events: Mapped[list[str]] = mapped_column(sa.JSON)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    told_on: Mapped[dt.date | None] = mapped_column(LocalDay)  # the last day on which it was looked what to tell
    removed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
