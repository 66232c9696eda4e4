"""Keys of programs that use the API."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import LocalDay, UTCDateTime
from survey.models.base import Base, key


class ApiKey(Base):
    """One key of a program; only its hash is kept, and what it may do ends at one agency's subtree.

    After a renewal the key before it is good beside it, to the end of the day `former_until`.
    """

    __tablename__ = "api_key"
    __table_args__ = (sa.CheckConstraint("(former_hash IS NULL) = (former_until IS NULL)", name="former"),)

    id: Mapped[key]
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    key_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    former_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), unique=True)
    former_until: Mapped[dt.date | None] = mapped_column(LocalDay)
    scopes: Mapped[list[str]] = mapped_column(sa.JSON)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    last_used_day: Mapped[dt.date | None] = mapped_column(LocalDay)
