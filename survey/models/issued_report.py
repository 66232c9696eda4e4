"""The register of issued reports: rows are added, never changed."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime, WritableText
from survey.models.base import Base, key


class Edition(enum.IntEnum):
    """For whom a report was issued."""

    INTERNAL = 1
    PUBLIC = 2


class IssuedReport(Base):
    """A report as it was issued: of what, under which number and date, and what tells its file and its figures.

    `symbol` is number and symbol as they stand on it ("05/BC-SKHCN"), `sha256` that of the file, `figures` the digest
    that is printed on it. A correction names the row that it replaces, and what changed in words; each is replaced once
    at most.
    """

    __tablename__ = "issued_report"
    __table_args__ = (sa.CheckConstraint("(replaces_id IS NULL) = (change IS NULL)", name="change"),)

    id: Mapped[key]
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"), index=True)
    period_code: Mapped[str] = mapped_column(sa.String(24))
    period_basis: Mapped[str] = mapped_column(sa.String(16))
    edition: Mapped[Edition] = mapped_column(Code(Edition))
    format: Mapped[str] = mapped_column(sa.String(8))
    language: Mapped[str] = mapped_column(sa.String(8))
    symbol: Mapped[str] = mapped_column(sa.String(60))
    issued_on: Mapped[dt.date] = mapped_column(LocalDay)
    entered_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    file: Mapped[str] = mapped_column(sa.String(160))
    sha256: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    figures: Mapped[str] = mapped_column(sa.String(28), index=True)
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("issued_report.id"), unique=True)
    change: Mapped[str | None] = mapped_column(WritableText)
