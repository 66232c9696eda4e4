"""Counts of days that are over, kept so that open periods need not be counted anew: all can be counted again."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay
from survey.models.base import Base, RowNumber, key
from survey.models.case import Channel


class CountedPart(enum.IntEnum):
    """What is counted of a day: the answers given on it, or the cases finished on it."""

    ANSWERS = 1
    CASES = 2


class CountedSpan(Base):
    """Days whose counts are kept: one day or, once little changes in it any more, a half of a month.

    `edition` is 0 as long as it was only announced: from then on each change of such a day is noted (`ChangedDay`), and
    what was under way before has ended when it is counted. It rises with every count.
    """

    __tablename__ = "counted_span"
    __table_args__ = (sa.UniqueConstraint("part", "last", "first"),)

    id: Mapped[key]
    part: Mapped[CountedPart] = mapped_column(Code(CountedPart))
    first: Mapped[dt.date] = mapped_column(LocalDay)
    last: Mapped[dt.date] = mapped_column(LocalDay)
    edition: Mapped[int] = mapped_column(default=0, server_default="0")


class ChangedDay(Base):
    """A day of an announced or counted span in which something has changed since.

    Rows are added by triggers, in the transaction that changes something, and taken away by whoever has counted what
    they tell of; as long as there is one, the day is counted from the answers.
    """

    __tablename__ = "changed_day"
    __table_args__ = (
        sa.Index("ix_changed_day_part_day", "part", "day"),
        {"sqlite_autoincrement": True},  # a note that was taken away must not be taken for another one
    )

    id: Mapped[key]
    part: Mapped[CountedPart] = mapped_column(Code(CountedPart))
    day: Mapped[dt.date] = mapped_column(LocalDay)


class DailyCell(Base):
    """The ratings of one question in one cell of a span; `question` is empty for the overall rating.

    `cut` names one more key, if any, and `value` is what it is there; -1 where an answer has none.
    """

    __tablename__ = "daily_cell"
    __table_args__ = ({"sqlite_with_rowid": False},)

    span_id: Mapped[int] = mapped_column(RowNumber, sa.ForeignKey("counted_span.id"), primary_key=True)
    cut: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    agency_id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    channel: Mapped[Channel] = mapped_column(Code(Channel), primary_key=True)
    value: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    level_1: Mapped[int]
    level_2: Mapped[int]
    level_3: Mapped[int]
    level_4: Mapped[int]
    level_5: Mapped[int]
    no_opinion: Mapped[int]


class DailyChoice(Base):
    """What was chosen beside the ratings, as it is stored with answers, by how many people of one cell of a span."""

    __tablename__ = "daily_choice"
    __table_args__ = (sa.Index("ix_daily_choice_span_id_channel_agency_id", "span_id", "channel", "agency_id"),)

    id: Mapped[key]
    span_id: Mapped[int] = mapped_column(RowNumber, sa.ForeignKey("counted_span.id"))
    channel: Mapped[Channel] = mapped_column(Code(Channel))
    agency_id: Mapped[int] = mapped_column(RowNumber)
    other: Mapped[str] = mapped_column(sa.Text)
    people: Mapped[int]


class DailyCohort(Base):
    """The cases that were finished in a span, by cell: how many, invited, and of these with a link that was used."""

    __tablename__ = "daily_cohort"
    __table_args__ = ({"sqlite_with_rowid": False},)

    span_id: Mapped[int] = mapped_column(RowNumber, sa.ForeignKey("counted_span.id"), primary_key=True)
    cut: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    agency_id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    value: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    finished: Mapped[int]
    invited: Mapped[int]
    used: Mapped[int]


class DailyRating(Base):
    """The answers of a span that name a case finished in the half of a month that begins with `half`, by cell.

    `rated`: cases of this cell that they rate and whose link is not used up; `answers`: answers of this cell. The two
    differ where a case that the portal corrected has left its answer behind: such an answer has no half here (1970).
    """

    __tablename__ = "daily_rating"
    __table_args__ = (
        sa.Index("ix_daily_rating_half_cut", "half", "cut"),
        {"sqlite_with_rowid": False},
    )

    span_id: Mapped[int] = mapped_column(RowNumber, sa.ForeignKey("counted_span.id"), primary_key=True)
    cut: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    half: Mapped[dt.date] = mapped_column(LocalDay, primary_key=True)
    agency_id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    value: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    rated: Mapped[int]
    answers: Mapped[int]
