"""Which answers of a period are left out, for which reason and by whom, and what the figures are with and without them.

What was closed stays as it was closed: what was left out or counted again since stands beside the figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.collection.exclusions import in_force, uncounted
from survey.db.types import LocalDay
from survey.models import (
    Channel,
    ClosedPeriod,
    ExcludedAnswer,
    Exclusion,
    ExclusionDecision,
    ExclusionKind,
    ExclusionReason,
    Response,
    Staff,
)
from survey.results import counts
from survey.results.disclosure import disclosure, exclusions_told
from survey.results.scope import Scope
from survey.results.standing import RowFilter, latest


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

    `out` is not in the figures; `since` still is, because a period with its day had been closed before. What they said,
    or the figures with and without them, may be `disclosed` or not; how many they are may always.
    """

    channel: Channel
    shown: RatedAnswers
    out: RatedAnswers
    since: RatedAnswers
    disclosed: bool = True

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
    running: bool  # the figures still hold what is left out: whoever reads them sees it go when the period is closed
    fewest: int  # answers from which it is told what they said

    def printable(self, one: ChannelExclusions) -> dict[str, dict[str, int | float | None]]:
        """Return the counts of a channel by name, as files give them: what few said, or what is not told, is None.

        Without the sums where the figures still hold what is left out.
        """
        sums = {} if self.running else {"counting_all": one.counting_all, "without": one.without}
        tallies = {"shown": one.shown, "out": one.out, "since": one.since, **sums}
        return {name: self._fields(tally, one.disclosed) for name, tally in tallies.items()}

    def _fields(self, tally: RatedAnswers, disclosed: bool) -> dict[str, int | float | None]:
        shown = disclosed and not 0 < tally.answered < self.fewest
        return {
            "answered": tally.answered,
            "satisfied": tally.satisfied if shown else None,
            "rate": tally.rate if shown else None,
        }

    @property
    def concerned(self) -> tuple[ChannelExclusions, ...]:
        """Return the channels of which something is left out."""
        return tuple(one for one in self.channels if one.out.answered or one.since.answered)


def exclusions(session: Session, scope: Scope, fewest: int, *, as_closed: bool = False) -> Exclusions:
    """Return what is left out of the figures of an agency and period, with every proposal about their answers.

    `as_closed`: of a closed period as it stood at its closing, without what was proposed and decided since.
    """
    frame = counts.cells(session, scope, ("channel",))
    shown = {
        Channel(int(row["channel"])): RatedAnswers(int(row["answered"]), int(row["satisfied"]))
        for row in frame.to_dict("records")
    }
    newest = None if scope.closing is None else scope.closing.newest_response_id
    _counted, *there = counts.within(scope)
    if newest is not None:
        there.append(Response.id <= newest)
    out = _tallies(session, [(*there, latest(newest), Response.id.in_(uncounted()))])
    then = scope.closing if as_closed else None
    still = (Response.id.in_(in_force(then.newest_decision_id if then else None)), Response.id.not_in(uncounted()))
    since = _tallies(session, [(*those, *still) for those in counts.standing(scope)])
    may, limits = exclusions_told(session, scope, fewest), disclosure(session, scope, fewest)
    nothing = RatedAnswers()
    channels = []
    for channel in Channel:
        one = ChannelExclusions(
            channel, shown.get(channel, nothing), out.get(channel, nothing), since.get(channel, nothing)
        )
        disclosed = may[channel] and not (scope.reader.guarded and _few(one, fewest))
        channels.append(replace(one, disclosed=disclosed and not limits.total(channel, one.shown.answered)))
    return Exclusions(tuple(channels), _lines(session, scope, then), scope.running, fewest)


def _few(one: ChannelExclusions, fewest: int) -> bool:
    """Return whether what is left out, or what remains, is too few by itself."""
    return any(0 < tally.answered < fewest for tally in (one.out, one.since, one.shown, one.without))


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


def _tallies(session: Session, readings: Iterable[Sequence[RowFilter]]) -> dict[Channel, RatedAnswers]:
    """Count the answers of readings that have none in common."""
    satisfied = sa.func.count().filter(Response.overall >= 4)
    tallies: dict[Channel, RatedAnswers] = {}
    for conditions in readings:
        query = sa.select(Response.channel, sa.func.count(), satisfied).where(*conditions)
        for channel, answered, contented in session.execute(query.group_by(Response.channel)):
            tallies[channel] = tallies.get(channel, RatedAnswers()) + RatedAnswers(answered, contented)
    return tallies


def _lines(session: Session, scope: Scope, then: ClosedPeriod | None) -> tuple[ExclusionLine, ...]:
    _counted, *there = counts.within(scope)
    decided = ExclusionDecision.exclusion_id == Exclusion.id
    if then is not None:
        there += [Exclusion.proposed_at <= then.closed_at, Response.id <= then.newest_response_id]
        decided = sa.and_(decided, ExclusionDecision.id <= then.newest_decision_id)
    proposer, decider = aliased(Staff), aliased(Staff)
    answers = sa.func.count(Response.id).label("answers")
    query = (
        sa.select(Exclusion, ExclusionDecision, proposer.name, decider.name, answers)
        .join(ExcludedAnswer, ExcludedAnswer.exclusion_id == Exclusion.id)
        .join(Response, Response.id == ExcludedAnswer.response_id)
        .join(proposer, proposer.id == Exclusion.staff_id)
        .outerjoin(ExclusionDecision, decided)
        .outerjoin(decider, decider.id == ExclusionDecision.staff_id)
        .where(*there, latest(then.newest_response_id if then else None))
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
