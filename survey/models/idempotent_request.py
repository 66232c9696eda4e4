"""Requests to the API that were answered, kept for a repeat."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime
from survey.models.base import Base, key


class IdempotentRequest(Base):
    """A request that was answered: a repeat within a day gets the same reply, which is kept sealed."""

    __tablename__ = "idempotent_request"
    __table_args__ = (sa.UniqueConstraint("api_key_id", "key_hash"),)

    id: Mapped[key]
    api_key_id: Mapped[int] = mapped_column(sa.ForeignKey("api_key.id"))
    key_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    request_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)  # only ever empty inside the transaction
