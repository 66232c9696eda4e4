"""E-mail addresses that do not exist, of which only a hash is kept."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime
from survey.models.base import Base


class DeadAddress(Base):
    """An address that a mail server called dead, as a keyed hash, and when."""

    __tablename__ = "dead_address"

    address_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
