"""Webhooks, and what became of each delivery."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key


class Progress(enum.IntEnum):
    """What is known of a delivery."""

    QUEUED = 1
    SENDING = 2
    DELIVERED = 3  # the receiver answered 2xx
    GIVEN_UP = 4  # after many tries


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
    removed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class WebhookDelivery(Base):
    """One event for one webhook; `subject` is what makes it one event, `event_key` is the same at every try."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("webhook_id", "event", "subject"),
        sa.Index("ix_webhook_delivery_due", "due_at"),
        sa.CheckConstraint("(state <= 2) = (due_at IS NOT NULL)", name="ended"),
    )

    id: Mapped[key]
    webhook_id: Mapped[int] = mapped_column(sa.ForeignKey("webhook.id"))
    event: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(40))
    event_key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    body: Mapped[str] = mapped_column(sa.Text)
    queued_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    state: Mapped[Progress] = mapped_column(Code(Progress))
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    status: Mapped[int | None] = mapped_column(sa.SmallInteger)  # the last one that the receiver answered
