"""What a finished call-back says: the rate over all cases, what the silent think, and who answered herself.

It stands beside the judged figure under its own name and never enters it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.call_back import AnsweredByOthers, CallBack, answered_by_others, call_back_rate
from analysis.publication import LEAST_ANSWERS
from survey.callbacks import designs
from survey.callbacks.outcomes import CallAnswers
from survey.models import CallBackCase, CallBackDesign, CallBackStage, CallBackStratum, CallOutcome
from survey.organisation import agencies
from survey.results.scope import Scope, Standard


@dataclass(frozen=True)
class CallCounts:
    """The counts of a call-back: of the cases, of the silent who were called, and of those who had answered."""

    population: int
    answered: int
    satisfied: int
    silent_called: int
    silent_satisfied: int
    silent_unreached: int
    answered_called: int
    answered_by_others: int
    answered_unreached: int

    @property
    def silent(self) -> int:
        """Return how many cases had no answer that counts."""
        return self.population - self.answered

    @property
    def silent_reached(self) -> int:
        """Return how many of the silent who were called answered the question."""
        return self.silent_called - self.silent_unreached

    @property
    def answered_reached(self) -> int:
        """Return of how many of those who had answered it is known who gave the answer."""
        return self.answered_called - self.answered_unreached


@dataclass(frozen=True)
class CallBackFigures:
    """What a call-back says, as far as it may be shown: `fewest` people must have been reached.

    `over_all` is None where too few of the silent were reached, `own` where too few of those who answered were.
    `judged`: enough of them for a verdict.
    """

    counts: CallCounts
    over_all: CallBack | None
    own: AnsweredByOthers | None
    judged: bool
    target: str
    fewest: int
    finished_at: dt.datetime

    @property
    def verdict(self) -> str | None:
        """Return the verdict over all cases; None where too few people were reached for one."""
        return str(self.over_all.verdict) if self.over_all is not None and self.judged else None


def figures(counts: CallCounts, finished_at: dt.datetime, standard: Standard) -> CallBackFigures:
    """Return what the counts of a call-back say, held against a standard."""
    level = standard.confidence
    over_all = own = None
    if counts.silent_reached >= standard.fewest or (counts.silent_called == counts.silent and not counts.silent):
        over_all = call_back_rate(
            *(counts.population, counts.answered, counts.satisfied, counts.silent_called, counts.silent_satisfied),
            level,
            unreached=counts.silent_unreached,
            target=standard.target,
        )
    if counts.answered_reached >= standard.fewest:
        own = answered_by_others(
            *(counts.answered, counts.satisfied, counts.answered_called, counts.answered_by_others),
            level,
            unreached=counts.answered_unreached,
            target=standard.target,
        )
    judged = over_all is not None and counts.silent_reached >= LEAST_ANSWERS
    return CallBackFigures(counts, over_all, own, judged, standard.target, standard.fewest, finished_at)


def beside(session: Session, scope: Scope, standard: Standard) -> CallBackFigures | None:
    """Return the figures of the finished call-back of a scope's period; None below the province, and without one."""
    design = designs.of_period(session, scope.period)
    if design is None or not of_the_whole(session, scope):
        return None
    return of_design(design, scope.held_to(standard))


def of_design(design: CallBackDesign, standard: Standard) -> CallBackFigures | None:
    """Return the figures of a call-back; None before it is finished."""
    if design.stage != CallBackStage.FINISHED or design.results is None or design.finished_at is None:
        return None
    return figures(counts_kept(design.results), design.finished_at, standard)


def of_the_whole(session: Session, scope: Scope) -> bool:
    """Return whether a scope is the province: a call-back is drawn from all of it, and says nothing of a part."""
    return scope.tree.named_now(scope.agency_id).id == agencies.root(session).id


def counted(design: CallBackDesign, rows: Iterable[CallBackCase]) -> CallCounts:
    """Count what was answered in the calls of a sealed design."""
    called: Counter[CallBackStratum] = Counter()
    reached: Counter[CallBackStratum] = Counter()
    satisfied = others = 0
    for row in rows:
        answers = CallAnswers(row.rating, row.herself, row.freely)
        called[row.stratum] += 1
        reached[row.stratum] += answers.reached(row.stratum)
        satisfied += (row.rating or 0) >= 4
        others += answers.by_others
    silent, answered = CallBackStratum.SILENT, CallBackStratum.ANSWERED
    return CallCounts(
        design.population or 0,
        design.answered or 0,
        design.satisfied or 0,
        called[silent],
        satisfied,
        called[silent] - reached[silent],
        called[answered],
        others,
        called[answered] - reached[answered],
    )


def outcomes(session: Session, design: CallBackDesign) -> Mapping[CallBackStratum, Counter[CallOutcome | None]]:
    """Return how many calls of each stratum ended how; under None those that have not ended."""
    query = (
        sa.select(CallBackCase.stratum, CallBackCase.outcome, sa.func.count())
        .where(CallBackCase.call_back_id == design.id)
        .group_by(CallBackCase.stratum, CallBackCase.outcome)
    )
    numbers: dict[CallBackStratum, Counter[CallOutcome | None]] = {one: Counter() for one in CallBackStratum}
    for stratum, outcome, number in session.execute(query):
        numbers[stratum][outcome] += number
    return numbers


def as_kept(counts: CallCounts) -> dict[str, Any]:
    """Return counts as they are kept with a finished call-back or a closed period."""
    return asdict(counts)


def counts_kept(kept: Mapping[str, Any]) -> CallCounts:
    """Return the counts that were kept."""
    return CallCounts(**{one.name: kept[one.name] for one in fields(CallCounts)})
