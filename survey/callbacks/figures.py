"""What a finished call-back says: the rate over all cases, what the silent think, and who answered herself.

It stands beside the judged figure under its own name and never enters it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.call_back import AnsweredByOthers, CallBack, answered_by_others, call_back_rate
from analysis.publication import LEAST_ANSWERS
from survey.callbacks import designs, disclosure
from survey.callbacks.counts import CallCounts, counts_kept
from survey.callbacks.outcomes import CallAnswers
from survey.models import CallBackCase, CallBackDesign, CallBackStage, CallBackStratum, CallOutcome
from survey.organisation import agencies
from survey.results.scope import Reader, Scope, Standard

CallBackWithheld: TypeAlias = Literal["", "few", "others"]


@dataclass(frozen=True)
class CallBackFigures:
    """What a call-back says, as far as it may be shown: `fewest` people must have been reached.

    `over_all` is None where too few of the silent were reached, or where beside published counts it would tell what
    few people said: `withheld` tells which. `silent` is of the silent alone, None where too few of them were reached;
    `own` is None where too few of those who answered were. `judged`: enough of them for a verdict.
    """

    counts: CallCounts
    withheld: CallBackWithheld
    over_all: CallBack | None
    silent: CallBack | None
    own: AnsweredByOthers | None
    judged: bool
    target: str
    fewest: int
    finished_at: dt.datetime

    @property
    def verdict(self) -> str | None:
        """Return the verdict over all cases; None where too few people were reached for one."""
        return str(self.over_all.verdict) if self.over_all is not None and self.judged else None

    @property
    def verdict_can_turn(self) -> bool | None:
        """Return whether the answers by others could turn the verdict on those who answered; None if it is not told."""
        return None if self.own is None or self.counts.satisfied is None else self.own.can_turn


def figures(counts: CallCounts, finished_at: dt.datetime, standard: Standard) -> CallBackFigures:
    """Return what the counts of a call-back say, held against a standard."""
    level, target = standard.confidence, standard.target

    def rate(cases: int, answered: int, satisfied: int) -> CallBack:
        called, liking, unreached = counts.silent_called, counts.silent_satisfied, counts.silent_unreached
        return call_back_rate(cases, answered, satisfied, called, liking, level, unreached=unreached, target=target)

    over_all = silent = own = None
    withheld: CallBackWithheld = "few"
    if counts.silent_reached >= standard.fewest or (counts.silent_called == counts.silent and not counts.silent):
        silent = rate(counts.silent, 0, 0)
        withheld = "others" if counts.satisfied is None else ""
        if counts.satisfied is not None:
            over_all = rate(counts.population, counts.answered, counts.satisfied)
    if counts.answered_reached >= standard.fewest:
        own = answered_by_others(
            *(counts.answered, counts.satisfied or 0, counts.answered_called, counts.answered_by_others),
            level,
            unreached=counts.answered_unreached,
            target=target,
        )
    judged = over_all is not None and counts.silent_reached >= LEAST_ANSWERS
    about = (judged, target, standard.fewest, finished_at)
    return CallBackFigures(counts, withheld, over_all, silent, own, *about)


def beside(session: Session, scope: Scope, standard: Standard) -> CallBackFigures | None:
    """Return the figures of the finished call-back of a scope's period; None below the province, and without one."""
    design = designs.of_period(session, scope.period)
    if design is None or not of_the_whole(session, scope):
        return None
    return of_design(session, design, scope.held_to(standard), scope.reader)


def of_design(
    session: Session, design: CallBackDesign, standard: Standard, reader: Reader = Reader.PROVINCE
) -> CallBackFigures | None:
    """Return the figures of a call-back as a reader may see them; None before it is finished."""
    if design.stage != CallBackStage.FINISHED or design.results is None or design.finished_at is None:
        return None
    counts = disclosure.as_disclosed(session, design, counts_kept(design.results), reader, standard.fewest)
    return figures(counts, design.finished_at, standard)


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
