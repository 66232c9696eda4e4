"""Which answers of a period are left out, for which reason and by whom, and what the figures are with and without them.

A closed period stays as it was closed: what was left out or counted again since stands beside its figures.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.collection.exclusions import in_force
from survey.db.types import LocalDay
from survey.models import (
    Channel,
    ExcludedAnswer,
    Exclusion,
    ExclusionDecision,
    ExclusionKind,
    ExclusionReason,
    Response,
    Staff,
)
from survey.results import counts
from survey.results.scope import Scope


@dataclass(frozen=True)
class RatedAnswers:
    """Answers, and how many of them are satisfied."""

    answered: int = 0
    satisfied: int = 0

    @property
    def rate(self) -> float | None:
        """Return the share that is satisfied; None without answers."""
        return self.satisfied / self.answered if self.answered else None

    def __add__(self, other: RatedAnswers) -> RatedAnswers:
        """Return both together."""
        return RatedAnswers(self.answered + other.answered, self.satisfied + other.satisfied)

    def __sub__(self, other: RatedAnswers) -> RatedAnswers:
        """Return what is left without some of them."""
        return RatedAnswers(self.answered - other.answered, self.satisfied - other.satisfied)


@dataclass(frozen=True)
class ChannelExclusions:
    """The figures of one channel as they are shown, and what of them is left out.

    `out` is not in the figures; `since` still is, because the period had been closed before it was left out.
    """

    channel: Channel
    shown: RatedAnswers
    out: RatedAnswers
    since: RatedAnswers

    @property
    def counting_all(self) -> RatedAnswers:
        """Return the figures with everything that is left out."""
        return self.shown + self.out

    @property
    def without(self) -> RatedAnswers:
        """Return the figures without anything that is left out."""
        return self.shown - self.since


@dataclass(frozen=True)
class ExclusionLine:
    """One proposal, how many answers of a period it is about, and what became of it: `agreed` is None as yet."""

    number: int
    kind: ExclusionKind
    reason: ExclusionReason
    words: str
    answers: int
    proposer_id: int
    proposer: str
    proposed_at: dt.datetime
    agreed: bool | None
    decider: str | None
    decided_at: dt.datetime | None


@dataclass(frozen=True)
class Exclusions:
    """What is left out of a period, by channel, and every proposal about its answers, the newest first."""

    channels: tuple[ChannelExclusions, ...]
    lines: tuple[ExclusionLine, ...]
    closed: bool

    @property
    def concerned(self) -> tuple[ChannelExclusions, ...]:
        """Return the channels of which something is left out."""
        return tuple(one for one in self.channels if one.out.answered or one.since.answered)


def exclusions(session: Session, scope: Scope) -> Exclusions:
    """Return what is left out of the figures of an agency and period, with every proposal about their answers."""
    closing = scope.closing
    frame = counts.cells(session, scope, ("channel",))
    shown = {
        Channel(int(row["channel"])): RatedAnswers(int(row["answered"]), int(row["satisfied"]))
        for row in frame.to_dict("records")
    }
    newest = sa.not_(counts.replaced_by(closing))
    out_now = Response.id.in_(in_force())
    if closing is None:
        out, since = _tallies(session, scope, out_now, newest), dict[Channel, RatedAnswers]()
    else:
        there = Response.id <= closing.newest_response_id
        out_then = Response.id.in_(in_force(closing.newest_decision_id))
        out = _tallies(session, scope, there, newest, out_then)
        since = _tallies(session, scope, there, newest, out_now, sa.not_(out_then))
    channels = [
        ChannelExclusions(
            one, shown.get(one, RatedAnswers()), out.get(one, RatedAnswers()), since.get(one, RatedAnswers())
        )
        for one in Channel
    ]
    return Exclusions(tuple(channels), _lines(session, scope), closing is not None)


def waiting(session: Session) -> list[tuple[int, dt.date]]:
    """Return the proposals that wait for a second account, each with the day of its first answer."""
    query = (
        sa.select(ExcludedAnswer.exclusion_id, sa.func.min(Response.day, type_=LocalDay))
        .join(Response, Response.id == ExcludedAnswer.response_id)
        .outerjoin(ExclusionDecision, ExclusionDecision.exclusion_id == ExcludedAnswer.exclusion_id)
        .where(ExclusionDecision.id.is_(None))
        .group_by(ExcludedAnswer.exclusion_id)
        .order_by(ExcludedAnswer.exclusion_id)
    )
    return [(exclusion, day) for exclusion, day in session.execute(query)]


def _tallies(session: Session, scope: Scope, *wanted: sa.ColumnElement[bool]) -> dict[Channel, RatedAnswers]:
    _counted, *there = counts.within(scope)
    satisfied = sa.func.count().filter(Response.overall >= 4)
    query = sa.select(Response.channel, sa.func.count(), satisfied).where(*there, *wanted)
    rows = session.execute(query.group_by(Response.channel))
    return {channel: RatedAnswers(answered, contented) for channel, answered, contented in rows}


def _lines(session: Session, scope: Scope) -> tuple[ExclusionLine, ...]:
    _counted, *there = counts.within(scope)
    proposer, decider = aliased(Staff), aliased(Staff)
    answers = sa.func.count(Response.id).label("answers")
    query = (
        sa.select(Exclusion, ExclusionDecision, proposer.name, decider.name, answers)
        .join(ExcludedAnswer, ExcludedAnswer.exclusion_id == Exclusion.id)
        .join(Response, Response.id == ExcludedAnswer.response_id)
        .join(proposer, proposer.id == Exclusion.staff_id)
        .outerjoin(ExclusionDecision, ExclusionDecision.exclusion_id == Exclusion.id)
        .outerjoin(decider, decider.id == ExclusionDecision.staff_id)
        .where(*there, sa.not_(counts.replaced_by(None)))
        .group_by(Exclusion.id, ExclusionDecision.id, proposer.name, decider.name)
        .order_by(Exclusion.id.desc())
    )
    return tuple(
        ExclusionLine(
            exclusion.id,
            exclusion.kind,
            exclusion.reason,
            exclusion.words,
            number,
            exclusion.staff_id,
            proposer_name,
            exclusion.proposed_at,
            None if decision is None else decision.agreed,
            decider_name,
            None if decision is None else decision.decided_at,
        )
        for exclusion, decision, proposer_name, decider_name, number in session.execute(query)
    )
