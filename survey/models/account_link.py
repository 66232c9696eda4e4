"""One-time links to accounts: to set one up, or to choose a new password."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key
from survey.models.staff import Role


class LinkPurpose(enum.IntEnum):
    """What a link is for."""

    ACCOUNT = 1
    PASSWORD = 2


class AccountLink(Base):
    """One link; only its hash is kept, it opens once and not for long.

    `staff_id` is the account that came of it, or the one whose password it renews; `email` is where it was sent,
    sealed, until it is used: it becomes the account's address, confirmed, for nobody else has the link.
    """

    __tablename__ = "account_link"
    __table_args__ = (
        sa.CheckConstraint("purpose <> 2 OR staff_id IS NOT NULL", name="whose"),
        sa.CheckConstraint("ended_at IS NULL OR email IS NULL", name="ended"),
    )

    id: Mapped[key]
    purpose: Mapped[LinkPurpose] = mapped_column(Code(LinkPurpose))
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(Code(Role))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    email: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    invited_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
