"""The outbox: one row per message and what became of it; an address is only here, only sealed, only for days."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key


class Kind(enum.IntEnum):
    """What a message is: each invitation has at most one of either."""

    INVITATION = 1
    REMINDER = 2


class Way(enum.IntEnum):
    """What sort of address the message goes to."""

    EMAIL = 1
    PHONE = 2


class State(enum.IntEnum):
    """What is known of a message; the first three still hold its address, the others never do.

    A message that once ended unknown can only end delivered or unknown: nobody can know better.
    """

    QUEUED = 1
    SENDING = 2
    UNKNOWN = 3  # the line died, or the sender: tried again with the same key, until it is given up as unknown
    DELIVERED = 4  # the server or gateway said that it took the message over
    REFUSED = 5  # for good: no such address
    FAILED = 6  # given up after many tries, none of which can have arrived
    EXPIRED = 7  # its days were over before it could be sent
    EXPORTED = 8  # handed over in a file; the portal sends it
    DROPPED = 9  # a reminder that nobody needs


class Reason(enum.IntEnum):
    """Why a message is in its state."""

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


class Message(Base):
    """One message; `due_at` is when somebody must look at it again, `key` is the same at every try."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("invitation_id", "kind"),
        sa.Index("ix_message_due", "due_at"),
        sa.Index(
            "ix_message_erase",
            "erase_at",
            postgresql_where=sa.text("sealed IS NOT NULL"),
            sqlite_where=sa.text("sealed IS NOT NULL"),
        ),
        sa.Index("ix_message_queued", "queued_at"),
        sa.CheckConstraint("(sealed IS NULL) = (due_at IS NULL)", name="ended"),
        sa.CheckConstraint("state <= 3 OR sealed IS NULL", name="erased"),
        sa.CheckConstraint("(state = 4) = (delivered_at IS NOT NULL)", name="delivered"),
    )

    id: Mapped[key]
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation.id"))
    queued_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    erase_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    delivered_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    kind: Mapped[Kind] = mapped_column(Code(Kind))
    way: Mapped[Way] = mapped_column(Code(Way))
    state: Mapped[State] = mapped_column(Code(State))
    reason: Mapped[Reason | None] = mapped_column(Code(Reason))
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    doubtful: Mapped[bool] = mapped_column(default=False)  # some try may have arrived
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)  # address and token, encrypted


class Transition(Base):
    """One step in a message's life after it was queued."""

    __tablename__ = "transition"

    id: Mapped[key]
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    state: Mapped[State] = mapped_column(Code(State))
    reason: Mapped[Reason | None] = mapped_column(Code(Reason))
    attempt: Mapped[int] = mapped_column(sa.SmallInteger)
