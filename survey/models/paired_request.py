"""What two administrators do together: asked for by one, decided by another."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key
from survey.models.staff import Role


class PairedAct(enum.IntEnum):
    """What is asked for: all that gives, takes or moves the rights of an administrator."""

    CHANGE = 1  # of role or unit
    SUSPEND = 2
    RESUME = 3
    PASSWORD = 4


class PairedRequest(Base):
    """One request about one account; `role` and `agency_id` are what it is to have, of a change."""

    __tablename__ = "paired_request"
    __table_args__ = (
        sa.CheckConstraint("asked_by_id <> decided_by_id OR NOT agreed", name="two"),  # who asked may take it back
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        sa.CheckConstraint("(decided_at IS NULL) = (agreed IS NULL)", name="outcome"),
    )

    id: Mapped[key]
    act: Mapped[PairedAct] = mapped_column(Code(PairedAct))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    role: Mapped[Role] = mapped_column(Code(Role))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    agreed: Mapped[bool | None]
