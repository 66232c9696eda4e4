"""Quotas of answers: how many each unit is to bring in a period, as the province fixed it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime
from survey.models.base import Base, key


class Quota(Base):
    """How many answers one unit is to bring in a period, of how many cases that was worked out and by which rule.

    `rule` names the formula ("official", "precise" or "proving"), `supposed` is the share that was supposed to be
    satisfied ("0.95").
    """

    __tablename__ = "quota"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "period", "basis"),
        sa.CheckConstraint("answers <= cases", name="answers"),
    )

    id: Mapped[key]
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    period: Mapped[str] = mapped_column(sa.String(20))
    basis: Mapped[str] = mapped_column(sa.String(20))
    rule: Mapped[str] = mapped_column(sa.String(20))
    supposed: Mapped[str] = mapped_column(sa.String(20))
    cases: Mapped[int]
    answers: Mapped[int]
    fixed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
