"""Closed periods and the counts that were frozen with them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import Code, LocalDay, UTCDateTime
from survey.models.base import Base, key
from survey.models.case import Channel, Respondent


class ClosedPeriod(Base):
    """A period whose figures are final: what comes later moves nothing in it, and no setting judges it anew.

    `agencies` are the rows of all agencies at the closing, `procedures` the id, code and name of those in the cells.
    `beside` is what stood beside the figures then; None of a period that was closed before that was kept. `checkpoint`
    is the newest one of the ledger then, signed; None where there was none yet.
    """

    __tablename__ = "closed_period"
    __table_args__ = (sa.UniqueConstraint("code", "basis"),)

    id: Mapped[key]
    code: Mapped[str] = mapped_column(sa.String(24))
    basis: Mapped[str] = mapped_column(sa.String(16))
    first: Mapped[dt.date] = mapped_column(LocalDay)
    last: Mapped[dt.date] = mapped_column(LocalDay)
    closed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    # Not by their time: an answer that waited without a network tells the time at which it was given.
    newest_response_id: Mapped[int] = mapped_column(sa.BigInteger)
    newest_decision_id: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")  # of what is left out
    target: Mapped[str] = mapped_column(sa.String(20))
    # The targets in force with what they are called and whose they are; None where that was not kept yet.
    targets: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    confidence: Mapped[float]
    # The version whose questions about factors are shown; none where nothing had been published yet.
    questionnaire_id: Mapped[int | None] = mapped_column(sa.ForeignKey("questionnaire.id"))
    agencies: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, deferred=True)
    procedures: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, deferred=True)
    beside: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True), deferred=True)
    checkpoint: Mapped[str | None] = mapped_column(sa.Text)


_LEVELS = tuple(f"level_{rating}" for rating in range(1, 6))
ADDS_UP = (
    f"answered = {' + '.join(_LEVELS)} AND satisfied = level_4 + level_5 "
    f"AND {' AND '.join(f'{level} >= 0' for level in _LEVELS)}"
)


class FrozenCell(Base):
    """The counts of one cell of a closed period; `question` is empty for the overall rating."""

    __tablename__ = "frozen_cell"
    __table_args__ = (sa.CheckConstraint(ADDS_UP, name="adds_up"),)

    id: Mapped[key]
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("closed_period.id"), index=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    procedure_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procedure.id"))
    channel: Mapped[Channel] = mapped_column(Code(Channel))
    respondent: Mapped[Respondent | None] = mapped_column(Code(Respondent))
    question: Mapped[str] = mapped_column(sa.String(16), default="")
    answered: Mapped[int]
    satisfied: Mapped[int]
    level_1: Mapped[int]
    level_2: Mapped[int]
    level_3: Mapped[int]
    level_4: Mapped[int]
    level_5: Mapped[int]
    no_opinion: Mapped[int]


class FrozenCohort(Base):
    """How many cases were finished, invited and rated in one cell of a closed period, and how many withdrawn.

    `carried`: how many answers of the period rate a case that was not finished in it, or that the portal has moved to
    another cell since. Never what the people of these
    cases said: beside the answers, which tell when they were given, that would tell it of the few who crossed an edge.
    """

    __tablename__ = "frozen_cohort"

    id: Mapped[key]
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("closed_period.id"), index=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    procedure_id: Mapped[int] = mapped_column(sa.ForeignKey("procedure.id"))
    respondent: Mapped[Respondent] = mapped_column(Code(Respondent))
    finished: Mapped[int]
    invited: Mapped[int]
    rated: Mapped[int]
    carried: Mapped[int]
    withdrawn: Mapped[int] = mapped_column(server_default="0")  # none were before there was a way to
    withdrawn_rated: Mapped[int] = mapped_column(server_default="0")


class FrozenCoverage(Base):
    """What became of the messages of one agency's cases of a closed period, as known at the closing.

    How many cases had a message, were sent one, and are known to have got one.
    """

    __tablename__ = "frozen_coverage"

    id: Mapped[key]
    period_id: Mapped[int] = mapped_column(sa.ForeignKey("closed_period.id"), index=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    messages: Mapped[int]
    sent: Mapped[int]
    delivered: Mapped[int]


class UnlinkedCrossing(Base):
    """How many answers of one cell that name no case any more lie on the other side of a half month's edge than it.

    `half` is the first day of a half of a month. `later`: answered on it or after, of a case finished before it;
    `ahead`: the other way round, where the portal has corrected the day. The first minus the second is what the links
    that were used for cases of before exceed the answers of before by: nothing that the other rows do not tell. An
    answer that its corrected case left behind in a closed period is counted as `later` at each edge of the year before.
    """

    __tablename__ = "unlinked_crossing"

    id: Mapped[key]
    half: Mapped[dt.date] = mapped_column(LocalDay, index=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("agency.id"))
    procedure_id: Mapped[int] = mapped_column(sa.ForeignKey("procedure.id"))
    respondent: Mapped[Respondent] = mapped_column(Code(Respondent))
    later: Mapped[int]
    ahead: Mapped[int]
