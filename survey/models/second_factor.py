"""Second factors of accounts: the app that makes codes, recovery codes, passkeys, and requests to take them away."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime
from survey.models.base import Base, key


class Authenticator(Base):
    """The app of one account that makes a new code every 30 seconds (TOTP)."""

    __tablename__ = "authenticator"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(sa.LargeBinary)  # sealed: accounts.authenticators
    added_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    last_step: Mapped[int] = mapped_column(sa.BigInteger)  # of the newest code that was taken: none is taken twice


class RecoveryCode(Base):
    """One code on the sheet of an account that has not been used; only its hash is kept."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)


class Passkey(Base):
    """A passkey of an account (WebAuthn): what proves it, and how often its device says that it was used."""

    __tablename__ = "passkey"

    id: Mapped[key]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    uses: Mapped[int] = mapped_column(sa.BigInteger)  # as the device counts; 0 where it does not
    name: Mapped[str] = mapped_column(sa.String(80))
    added_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class FactorReset(Base):
    """An administrator's request to take an account's second factors away, which another one has yet to agree to."""

    __tablename__ = "factor_reset"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(sa.String(300))
