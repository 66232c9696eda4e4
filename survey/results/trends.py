"""How the judged rate has moved over the periods before this one, of the same kind and basis.

Open periods are counted in one query; those that have been closed come from what was frozen then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.control_chart import Signals, laney_p_prime, signals
from analysis.interval import confidence_sequence, newcombe
from analysis.tables import summary
from survey.models import Channel, ClosedPeriod, FrozenCell
from survey.periods import Period, previous
from survey.results import counts
from survey.results.rows import rows_of
from survey.results.scope import Scope, Standard

PERIODS = 24


@dataclass(frozen=True, kw_only=True)
class TrendRow:
    """The judged answers of one period; the rate is None without any, the limits then 0 and 1."""

    code: str
    first: dt.date
    last: dt.date
    answered: int
    satisfied: int
    rate: float | None
    lower: float
    upper: float
    ended: bool


@dataclass(frozen=True)
class RateChange:
    """The rate of a period minus that of the period before, with its limits, as shares."""

    difference: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class TrendFigures:
    """The series up to a period, oldest first, from the first period with answers.

    `signals` is the p′ chart over the ended periods and what it says (None with fewer than two of them that have
    answers); `change` is None where this period or the one before has no answers, or this one is still running.
    """

    rows: tuple[TrendRow, ...]
    signals: Signals | None
    change: RateChange | None


def trend(session: Session, scope: Scope, standard: Standard, today: dt.date) -> TrendFigures:
    """Return the trend of the judged rate in an agency's subtree, up to `PERIODS` periods long."""
    standard = scope.held_to(standard)
    line = [scope.period]
    while len(line) < PERIODS:
        line.insert(0, previous(line[0]))
    counted = _frozen(session, line, scope)
    counted |= counts.series(session, [period for period in line if period.code not in counted], scope)
    while len(line) > 1 and not counted[line[0].code]["answered"]:
        line.pop(0)
    frame = pd.DataFrame([{"code": period.code, **counted[period.code]} for period in line])
    frame = summary(frame, ["code"], standard.target, standard.confidence)
    frame = frame[["code", "answered", "satisfied", "rate", "lower", "upper"]].assign(
        first=[period.first for period in line],
        last=[period.last for period in line],
        ended=[period.ended(today) for period in line],
    )
    running = ~frame["ended"]
    if running.any():  # as in the headline, which may be looked at every day
        k, n = (frame.loc[running, name].to_numpy() for name in ("satisfied", "answered"))
        limits = confidence_sequence(k, n, alpha=1 - standard.confidence)
        frame.loc[running, "lower"], frame.loc[running, "upper"] = limits
    closed = frame[frame["ended"]]
    answering = int((closed["answered"] > 0).sum())
    chart = laney_p_prime(closed["satisfied"].to_numpy(), closed["answered"].to_numpy()) if answering > 1 else None
    return TrendFigures(
        rows_of(frame, TrendRow), signals(chart) if chart else None, _change(frame, standard.confidence)
    )


def _frozen(session: Session, line: list[Period], scope: Scope) -> dict[str, dict[str, int]]:
    """Return the counts of the periods that have been closed, so that a trend repeats what was reported."""
    query = (
        sa.select(ClosedPeriod.code, sa.func.sum(FrozenCell.answered), sa.func.sum(FrozenCell.satisfied))
        .outerjoin(
            FrozenCell,
            sa.and_(
                FrozenCell.period_id == ClosedPeriod.id,
                FrozenCell.channel == Channel.INVITATION,
                FrozenCell.question == "",
                FrozenCell.agency_id.in_(scope.subtree),
            ),
        )
        .where(ClosedPeriod.basis == str(line[0].basis), ClosedPeriod.code.in_([period.code for period in line]))
        .group_by(ClosedPeriod.code)
    )
    return {code: {"answered": int(n or 0), "satisfied": int(k or 0)} for code, n, k in session.execute(query)}


def _change(frame: pd.DataFrame, confidence: float) -> RateChange | None:
    if len(frame) < 2 or not frame["ended"].iloc[-1] or not np.all(frame["answered"].iloc[-2:] > 0):
        return None
    (k1, n1), (k2, n2) = frame[["satisfied", "answered"]].iloc[[-1, -2]].to_numpy()
    moved = newcombe(k1, n1, k2, n2, confidence)
    return RateChange(*(float(np.asarray(one)) for one in moved))
