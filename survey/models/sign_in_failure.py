"""Wrong passwords of late, counted by who tried."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime
from survey.models.base import Base


class SignInFailure(Base):
    """How often somebody was wrong since a moment; logins and addresses are kept as keyed hashes only."""

    __tablename__ = "sign_in_failure"

    who: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    login: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16), index=True)
    address: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16))
    number: Mapped[int]
    since: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    until: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)
