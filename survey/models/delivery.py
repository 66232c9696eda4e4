"""The one queue of what leaves this installation: a row per delivery, and what became of it."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key


class MessageKind(enum.IntEnum):
    """What is delivered: an invitation has at most one of either message, a webhook is told an event once.

    A notice tells an official something, once; a letter is the apology for one late case. A reply answers one comment,
    and names neither it nor its invitation.
    """

    INVITATION = 1
    REMINDER = 2
    EVENT = 3
    NOTICE = 4
    REPLY = 5
    LETTER = 6


class AddressKind(enum.IntEnum):
    """What sort of address a delivery goes to, and so what carries it."""

    EMAIL = 1
    PHONE = 2
    WEBHOOK = 3


class State(enum.IntEnum):
    """What is known of a delivery; in the first three it still waits and holds its payload, in the others never.

    A delivery of which one try is in doubt can only end delivered or unknown, unless it comes back as undeliverable.
    """

    QUEUED = 1
    SENDING = 2
    UNKNOWN = 3  # the connection broke, or the sender died: tried again with the same key, until given up as unknown
    DELIVERED = 4  # the other side said that it took the delivery over
    REFUSED = 5  # for good: no such address, or it was taken over and came back
    FAILED = 6  # given up at the end of its days after tries none of which can have arrived
    EXPIRED = 7  # its days were over before it could be sent
    EXPORTED = 8  # handed over in a file; the portal sends it
    DROPPED = 9  # nobody needs it any more: a reminder after the answer, a message about a withdrawn case


class Reason(enum.IntEnum):
    """Why a delivery is in its state."""

    UNREACHABLE = 1
    TIMEOUT = 2
    CLOSED = 3
    SIGN_IN = 4
    ADDRESS = 5
    BUSY = 6
    SERVER = 7
    SETUP = 8
    CRASH = 9
    ANSWERED = 10
    FIRST_REFUSED = 11
    DAYS_OVER = 12
    UNREADABLE = 13
    CONTENT = 14
    RETURNED = 15
    NOT_ASKED = 16
    DEAD = 17
    GONE = 18
    WITHDRAWN = 19
    IN_TIME = 20


class Delivery(Base):
    """One delivery; `due_at` is when somebody must look at it again, `key` is the same at every try.

    An invitation names what its messages are about; anything else is queued once per kind and `subject`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("invitation_id", "kind"),
        sa.UniqueConstraint("subject", "kind"),
        sa.Index("ix_delivery_due", "due_at", "id"),  # whole, or each claim would sort all that came at once
        sa.Index(
            "ix_delivery_expires",
            "expires_at",
            postgresql_where=sa.text("payload IS NOT NULL"),
            sqlite_where=sa.text("payload IS NOT NULL"),
        ),
        sa.Index("ix_delivery_queued", "queued_at"),
        sa.Index(
            "ix_delivery_webhook",
            "webhook_id",
            postgresql_where=sa.text("webhook_id IS NOT NULL"),
            sqlite_where=sa.text("webhook_id IS NOT NULL"),
        ),
        sa.CheckConstraint("(payload IS NULL) = (due_at IS NULL)", name="ended"),
        sa.CheckConstraint("(state <= 3) OR (payload IS NULL)", name="erased"),
        sa.CheckConstraint("(state = 4) = (delivered_at IS NOT NULL)", name="delivered"),
        sa.CheckConstraint("(invitation_id IS NULL) <> (subject IS NULL)", name="subject"),
    )

    id: Mapped[key]
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"))
    webhook_id: Mapped[int | None] = mapped_column(sa.ForeignKey("webhook.id"))
    subject: Mapped[str | None] = mapped_column(sa.String(120))
    queued_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    delivered_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    kind: Mapped[MessageKind] = mapped_column(Code(MessageKind))
    address_kind: Mapped[AddressKind] = mapped_column(Code(AddressKind))
    state: Mapped[State] = mapped_column(Code(State))
    reason: Mapped[Reason | None] = mapped_column(Code(Reason))
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    doubts: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")  # tries that may have arrived
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    payload: Mapped[bytes | None] = mapped_column(sa.LargeBinary)  # what its kind put in: a person's address sealed


class Transition(Base):
    """One step in a delivery's life after it was queued."""

    __tablename__ = "transition"

    id: Mapped[key]
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("delivery.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    state: Mapped[State] = mapped_column(Code(State))
    reason: Mapped[Reason | None] = mapped_column(Code(Reason))
    attempt: Mapped[int] = mapped_column(sa.SmallInteger)
