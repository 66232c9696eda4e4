"""What an agency writes on what it issues: every version that was entered, the newest of which is in use."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime, WritableJSON
from survey.models.base import Base, key


class IssuingVersion(Base):
    """The issuing data of one agency as somebody saved them: never changed, followed by the next version.

    The columns from `symbol` to `drafting_unit` are the fields of `reports.issuing.Issuing`; lists hold a line each.
    """

    __tablename__ = "issuing"
    __table_args__ = (sa.Index("ix_issuing_agency_id_entered_at", "agency_id", "entered_at"),)

    id: Mapped[key]
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    entered_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    symbol: Mapped[str] = mapped_column(sa.String(40))
    place: Mapped[str] = mapped_column(sa.String(80))
    addressees: Mapped[list[str]] = mapped_column(WritableJSON)
    bases: Mapped[list[str]] = mapped_column(WritableJSON)
    signing: Mapped[list[str]] = mapped_column(WritableJSON)
    position: Mapped[str] = mapped_column(sa.String(120))
    signer: Mapped[str] = mapped_column(sa.String(120))
    recipients: Mapped[list[str]] = mapped_column(WritableJSON)
    drafting_unit: Mapped[str] = mapped_column(sa.String(40))
