"""What stands out and who is told of it: each alert from its beginning to its end, and what each account chose."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key


class AlertKind(enum.IntEnum):
    """What an alert is about; a new kind takes a rule, its words and its page."""

    SIGNAL = 1
    COMMENTS_LATE = 2
    SILENCE = 3
    COVERAGE = 4
    STUCK = 5
    REPORT_DUE = 6
    TASKS_LATE = 7
    DRAFT_READY = 8


class Frequency(enum.IntEnum):
    """How often somebody is told of a kind by e-mail."""

    NEVER = 1
    AT_ONCE = 2
    DAILY = 3
    WEEKLY = 4
    MONTHLY = 5


class Alert(Base):
    """Something that stands out at an agency, from when it was seen first to when it was over.

    `guarded`: as the agency's own accounts may see it, not as the province does; `about` has the numbers, codes and
    days of its sentence, none of a comment and none that its readers may not see.
    """

    __tablename__ = "alert"
    __table_args__ = (
        sa.Index(
            "uq_alert_standing",
            *("kind", "agency_id", "guarded", "subject"),
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_alert_ended", "ended_at"),
    )

    id: Mapped[key]
    kind: Mapped[AlertKind] = mapped_column(Code(AlertKind))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    guarded: Mapped[bool]
    subject: Mapped[str] = mapped_column(sa.String(20))  # such as a period: what tells it from others of its kind
    about: Mapped[dict[str, Any]]
    began_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    settled_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class AlertReading(Base):
    """When an account was told of an alert last, and when it looked at it."""

    __tablename__ = "alert_reading"

    alert_id: Mapped[int] = mapped_column(sa.ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    told_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    seen_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class AlertChoice(Base):
    """How often an account is told of a kind; without a row, as often as is usual for its role."""

    __tablename__ = "alert_choice"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    kind: Mapped[AlertKind] = mapped_column(Code(AlertKind), primary_key=True)
    frequency: Mapped[Frequency] = mapped_column(Code(Frequency))
