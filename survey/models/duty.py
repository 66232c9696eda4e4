"""Which reports a province owes, for which periods and until when, and the drafts that were made of them."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, UTCDateTime
from survey.models.base import Base, RowNumber, Texts, key


class DutySpan(enum.IntEnum):
    """What kind of period a duty is about; `DAYS` comes once."""

    MONTH = 1
    QUARTER = 2
    HALF = 3
    YEAR = 4
    DAYS = 5


class Duty(Base):
    """A report that is owed for each period of a kind.

    `only_month`: of months only that one of each year; 0: all. `ending`: on which day a year ends, as a period's code
    has it ("1114", "10"); empty: with December. `days`: the code of the one period of days of its own. It is to be
    handed in on `due_day` at the latest, `due_months` after the month in which the period ends. `drafts`: its report is
    made by itself; `closes`: so is its period.
    """

    __tablename__ = "duty"

    id: Mapped[key]
    name: Mapped[Texts]
    span: Mapped[DutySpan] = mapped_column(Code(DutySpan))
    only_month: Mapped[int] = mapped_column(sa.SmallInteger)
    basis: Mapped[str] = mapped_column(sa.String(16))
    ending: Mapped[str] = mapped_column(sa.String(4))
    days: Mapped[str] = mapped_column(sa.String(24))
    due_months: Mapped[int] = mapped_column(sa.SmallInteger)
    due_day: Mapped[int] = mapped_column(sa.SmallInteger)
    remind_days: Mapped[int] = mapped_column(sa.SmallInteger)
    enabled: Mapped[bool]
    drafts: Mapped[bool]
    closes: Mapped[bool]


class DutyDraft(Base):
    """The draft of a duty for one period: when it was asked for and made, and by which job."""

    __tablename__ = "duty_draft"

    duty_id: Mapped[int] = mapped_column(RowNumber, sa.ForeignKey("duty.id"), primary_key=True)
    period_code: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    asked_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    job_id: Mapped[int] = mapped_column(RowNumber)  # which is erased after a day
    made_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
