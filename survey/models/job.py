"""Heavy work that somebody asked for: a report, a province's posters, an import; done apart from those who answer."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, key


class JobKind(enum.IntEnum):
    """What is made or done."""

    REPORT = 1
    POSTERS = 2
    IMPORT = 3


class JobState(enum.IntEnum):
    """How far it has come; the first two are still to be looked at."""

    QUEUED = 1
    RUNNING = 2
    DONE = 3
    FAILED = 4


class Job(Base):
    """One piece of work; `due_at` is when somebody must look at it again, `request` what makes two the same."""

    __tablename__ = "job"
    __table_args__ = (
        sa.Index(
            "uq_job_open",
            "staff_id",
            "request",
            unique=True,
            postgresql_where=sa.text("due_at IS NOT NULL"),
            sqlite_where=sa.text("due_at IS NOT NULL"),
        ),
        sa.Index("ix_job_due_at", "due_at"),
        sa.CheckConstraint("(state <= 2) = (due_at IS NOT NULL)", name="ended"),
        sa.CheckConstraint("(state >= 3) = (file IS NOT NULL OR message IS NOT NULL)", name="left"),
        sa.CheckConstraint("state <> 4 OR message IS NOT NULL", name="failed"),
        {"sqlite_autoincrement": True},  # an old one is deleted: its number must not open another one's file
    )

    id: Mapped[key]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    kind: Mapped[JobKind] = mapped_column(Code(JobKind))
    state: Mapped[JobState] = mapped_column(Code(JobState))
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # 0 until it is told
    request: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    arguments: Mapped[dict[str, Any]]
    file: Mapped[str | None] = mapped_column(sa.String(160))  # its name for whoever downloads it
    message: Mapped[str | None] = mapped_column(sa.Text)  # why it failed, or what came of it: a msgid
    values: Mapped[dict[str, Any]]  # what fills the message's placeholders
