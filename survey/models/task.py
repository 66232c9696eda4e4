"""Tasks that came of a figure: what is to be done about it, who does it, until when, and what came of it."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime, WritableText
from survey.models.base import Base, RowNumber, Texts, key


class SubjectKind(enum.IntEnum):
    """What kind of figure a task came of."""

    VERDICT = 1  # of an agency or, with a code as its key, of one procedure there
    TREND = 2
    FACTOR = 3  # with the id of its question as its key
    REASON = 4  # with the code of the reason as its key


class TaskStatus(enum.IntEnum):
    """How a task stands; whether an open one is overdue, its due day says."""

    OPEN = 1
    DONE = 2
    DROPPED = 3


class Task(Base):
    """A task, and the figure that it came of: never a number of it.

    `subject_name` is what the procedure, factor or reason was called; `result` is there once it is done or dropped,
    `settled_day` as well. `turn` counts the steps.
    """

    __tablename__ = "task"
    __table_args__ = (sa.Index(None, "agency_id"),)

    id: Mapped[key]
    kind: Mapped[SubjectKind] = mapped_column(Code(SubjectKind))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    subject_key: Mapped[str] = mapped_column(sa.String(40))
    subject_name: Mapped[Texts]
    period_code: Mapped[str] = mapped_column(sa.String(24))
    period_basis: Mapped[str] = mapped_column(sa.String(16))
    period_first: Mapped[dt.date] = mapped_column(LocalDay)
    what: Mapped[str] = mapped_column(WritableText)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    due_day: Mapped[dt.date] = mapped_column(LocalDay)
    status: Mapped[TaskStatus] = mapped_column(Code(TaskStatus))
    result: Mapped[str | None] = mapped_column(WritableText)
    settled_day: Mapped[dt.date | None] = mapped_column(LocalDay)
    turn: Mapped[int] = mapped_column(sa.SmallInteger)


class TaskStep(Base):
    """One step of a task, appended and never changed: by whom, when, with what note, and how all stood after it."""

    __tablename__ = "task_step"

    task_id: Mapped[int] = mapped_column(RowNumber, sa.ForeignKey("task.id"), primary_key=True)
    turn: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    due_day: Mapped[dt.date] = mapped_column(LocalDay)
    status: Mapped[TaskStatus] = mapped_column(Code(TaskStatus))
    result: Mapped[str | None] = mapped_column(WritableText)
    note: Mapped[str | None] = mapped_column(WritableText)
