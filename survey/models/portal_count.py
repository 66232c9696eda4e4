"""What the national portal counted for its satisfaction indicator (Decision 766/QĐ-TTg), as it was handed in."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import LocalDay, UTCDateTime, WritableText
from survey.models.base import Base, key


class PortalCount(Base):
    """The counts of one agency in some days, all below it included, as a file told them; a later file corrects them.

    `late_and_disliked` is None where nobody knows how many cases are both; the petitions are None where the file has
    none of them.
    """

    __tablename__ = "portal_count"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "first", "last"),
        sa.CheckConstraint("first <= last", name="days"),
    )

    id: Mapped[key]
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    first: Mapped[dt.date] = mapped_column(LocalDay)
    last: Mapped[dt.date] = mapped_column(LocalDay)
    handled: Mapped[int]
    late: Mapped[int]
    disliked: Mapped[int]
    late_and_disliked: Mapped[int | None]
    petitions: Mapped[int | None]
    petitions_on_time: Mapped[int | None]
    petitions_satisfied: Mapped[int | None]
    source: Mapped[str] = mapped_column(WritableText)
    recorded_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
