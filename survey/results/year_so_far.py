"""The year up to the end of a period, month by month, and what its months come to.

It tells nothing that the months do not: of those that are withheld nothing is in the sum, and how many they are is
written beside it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analysis.interval import confidence_sequence
from analysis.tables import summary
from survey.periods import Period, month_of, parse
from survey.results.scope import Scope, Standard
from survey.results.trends import TrendRow, measured_periods, shown_periods


@dataclass(frozen=True)
class YearSoFar:
    """The months of a year up to the last of a period, from the first with answers on, and all of them together.

    `total` is None where there are fewer than two months to add up, or where the period is the year itself;
    `left_out` are the months with answers of which it is not shown what these say.
    """

    months: tuple[TrendRow, ...]
    total: TrendRow | None
    left_out: int


def year_so_far(session: Session, scope: Scope, standard: Standard, today: dt.date) -> YearSoFar:
    """Return the months of a period's year up to its end, as the reader of the scope is shown each of them."""
    standard, period = scope.held_to(standard), scope.period
    year, last = month_of(period.last, period.basis).code.split("-")
    line = [parse(f"{year}-{month:02}", period.basis) for month in range(1, int(last) + 1)]
    rows = shown_periods(measured_periods(session, scope, standard, line, today)[1])
    shown = [row for row in rows if row.answered and not row.withheld]
    left_out = sum(row.answered > 0 for row in rows) - len(shown)
    if len(shown) < 2 or period.code == year:
        return YearSoFar(rows, None, left_out)
    total = _together(shown, standard)
    return YearSoFar(rows, replace(total, code=year, first=shown[0].first, last=rows[-1].last), left_out)


def _together(rows: list[TrendRow], standard: Standard) -> TrendRow:
    answered, satisfied = sum(row.answered for row in rows), sum(row.satisfied or 0 for row in rows)
    counted = pd.DataFrame([{"row": 0, "answered": answered, "satisfied": satisfied}])
    measured = summary(counted, ["row"], standard.target, standard.confidence).iloc[0]
    lower, upper = float(measured["lower"]), float(measured["upper"])
    if not rows[-1].ended:
        k, n = np.array([satisfied]), np.array([answered])
        lower, upper = (float(np.asarray(one)[0]) for one in confidence_sequence(k, n, alpha=1 - standard.confidence))
    return replace(
        rows[-1],
        answered=answered,
        satisfied=satisfied,
        rate=satisfied / answered,
        lower=lower,
        upper=upper,
    )


def same_period_last_year(period: Period) -> Period:
    """Return the period of the same kind one year before.

    >>> same_period_last_year(parse("2026-Q3")).code
    '2025-Q3'
    """
    return parse(f"{int(period.code[:4]) - 1}{period.code[4:]}", period.basis)
