"""Which parts of the service go together with overall satisfaction: shares of explained variance, never causes.

Read are the ratings of judged answers, as counts of their distinct combinations; of more answers than `MOST` only
those of some days, evenly spread over the period, so that the reading stays short however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from analysis.scores import ENOUGH_PERSONS, MOST_FACTORS, relative_importance
from survey.results import counts
from survey.results.factors import FactorRow, by_questionnaire
from survey.results.scope import Scope

MOST = 20_000
FEWEST_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class WeighedFactor(FactorRow):
    """A factor with its share of what is explained."""

    importance: float


@dataclass(frozen=True)
class Importance:
    """The factors with their importance (shares that add up to 1) beside their rates; None where it is not shown.

    `complete`: the answers that rate every factor shown; `needed`: how many of them it takes; `alike`: they are enough
    but do not differ in the overall rating or in what is explained; `days`: of how many days, of how many in `span`;
    `too_many`: every questionnaire of which anything is shown rates more than twelve; `hidden`: of none anything is.
    """

    rows: tuple[WeighedFactor, ...] | None
    complete: int
    needed: int
    alike: bool
    days: int
    span: int
    explained: float | None
    too_many: bool = False
    hidden: bool = False


def importance(session: Session, scope: Scope, factors: Sequence[FactorRow], answered: int) -> Importance:
    """Return how much of the differences in the overall rating goes with each factor.

    `factors` are those with their rates (`factors.factors`), `answered` the judged answers of the period: those decide
    how many days are read. It is LMG from the complete answers (`analysis.scores`) to the questionnaire that most
    people answered and that rates at most twelve; from 200 of them on.
    """
    apart = [[row for row in group if row.shown] for group in by_questionnaire(factors)]
    shown = next((group for group in apart if 0 < len(group) <= MOST_FACTORS), [])
    span = (scope.period.last - scope.period.first).days + 1
    days = _spread(span, answered)
    questions = [row.question for row in shown]
    sheets = counts.sheets(session, scope, questions, days if len(days) < span else None)
    persons = sheets["people"].to_numpy()
    complete = int(persons.sum())
    if complete < ENOUGH_PERSONS or len(questions) < 2:
        hidden, too_many = bool(apart) and not any(apart), any(apart) and not shown
        return Importance(None, complete, ENOUGH_PERSONS, False, len(days), span, None, too_many, hidden)
    ratings = np.repeat(sheets[[*questions, "overall"]].to_numpy(dtype=np.float64), persons, axis=0)
    alike = Importance(None, complete, ENOUGH_PERSONS, True, len(days), span, None)
    if not ratings[:, -1].std() > 0:
        return alike
    explained = relative_importance(ratings[:, :-1], ratings[:, -1], resamples=0)
    if not np.isfinite(explained.share).all():
        return alike
    shares = np.clip(explained.share, 0, 1).tolist()
    rows = tuple(WeighedFactor(**vars(row), importance=share) for row, share in zip(shown, shares, strict=True))
    return Importance(rows, complete, ENOUGH_PERSONS, False, len(days), span, explained.r_squared)


def _spread(span: int, answered: int) -> list[int]:
    """Return the days to be read, as how many after the first: all, or every so many, at least seven, all weekdays."""
    step = max(1, min(-(-answered // MOST), span // FEWEST_DAYS))
    step -= step % 7 == 0
    return list(range(0, span, step))
