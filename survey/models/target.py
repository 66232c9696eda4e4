"""The targets that the satisfaction rate is held against: from which day, and by whose decision."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import LocalDay, UTCDateTime
from survey.models.base import Base, Texts, key


class StoredTarget(Base):
    """A share of satisfied answers to be reached, from `valid_from` until a later one of its kind begins.

    `headline`: verdicts are by it; else it stands beside, with a verdict of its own, until `valid_to` if that is set.
    `share` is a decimal in writing ("0.95"). Without `staff_id` it came with the product.
    """

    __tablename__ = "target"
    __table_args__ = (sa.UniqueConstraint("headline", "valid_from"),)

    id: Mapped[key]
    headline: Mapped[bool]
    share: Mapped[str] = mapped_column(sa.String(20))
    valid_from: Mapped[dt.date] = mapped_column(LocalDay)
    valid_to: Mapped[dt.date | None] = mapped_column(LocalDay)
    title: Mapped[Texts]
    source: Mapped[Texts]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    entered_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
