"""That somebody has looked at an account and said that it is still needed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime
from survey.models.base import Base


class AccountReview(Base):
    """When an account was last confirmed, by whom (none: the machine, which added it); those before are on record."""

    __tablename__ = "account_review"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    reviewed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
