"""What was published of closed periods: rows are added; all that changes of one is that it is retracted, with why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import UTCDateTime, WritableText
from survey.models.base import Base, key

_CURRENT = sa.text("retracted_at IS NULL")


class Publication(Base):
    """The figures of a closed period as everybody may read them, frozen when they were published.

    `figures` is the open data in full (`survey.results.published`), `sha256` that of its file. Of one period one row at
    most is not retracted. `staff_id` is None where a command published or retracted it.
    """

    __tablename__ = "publication"
    __table_args__ = (
        sa.CheckConstraint("(retracted_at IS NULL) = (reason IS NULL)", name="reason"),
        sa.Index(
            "ix_publication_current",
            "period_code",
            "period_basis",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )

    id: Mapped[key]
    period_code: Mapped[str] = mapped_column(sa.String(24))
    period_basis: Mapped[str] = mapped_column(sa.String(16))
    published_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    figures: Mapped[Any] = mapped_column(sa.JSON, deferred=True)
    sha256: Mapped[bytes] = mapped_column(sa.LargeBinary(32), index=True)
    retracted_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    retracted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(WritableText)
