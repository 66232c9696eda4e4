"""Staff accounts and their revocable sessions."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key


class Role(enum.IntEnum):
    """What a person may do, always within one agency's subtree; what that is: `accounts.roles`."""

    VIEWER = 1
    MANAGER = 2
    ADMINISTRATOR = 3
    AUDITOR = 4
    INTERVIEWER = 5


class Staff(Base):
    """One account."""

    __tablename__ = "staff"

    id: Mapped[key]
    login: Mapped[str] = mapped_column(sa.String(120))
    login_key: Mapped[str] = mapped_column(sa.String(240), unique=True)  # accounts.logins
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(Code(Role))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    enabled: Mapped[bool] = mapped_column(default=True)
    email: Mapped[bytes | None] = mapped_column(sa.LargeBinary)  # sealed: accounts.mail_address
    email_confirmed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # by the link sent to it
    language: Mapped[str | None] = mapped_column(sa.String(8))  # of what is written to this person; None: the default
    # By when an account whose role asks for a second factor must have one; None: not yet signed in with such a role.
    factor_due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    # Until when a password is good that somebody else has made and its holder has not changed; None: it is their own.
    password_until: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class StaffSession(Base):
    """A signed-in browser; only the hash of its id is kept, and deleting the row signs it out."""

    __tablename__ = "staff_session"

    id_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)  # when somebody last proved who they are
    awaits_factor: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # opens nothing yet
    device: Mapped[str] = mapped_column(sa.String(80), server_default="")  # what browser it is, in a few words
    # By whom at a provider of single sign-on it was begun, if it was; what names that provider's own session, hashed;
    # and whether the provider has asked for a second factor, so that ours is not.
    identity_id: Mapped[int | None] = mapped_column(sa.ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    provider_session: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    factor_at_provider: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
