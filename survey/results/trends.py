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
from analysis.interval import Difference, confidence_sequence, newcombe
from analysis.tables import summary
from survey.models import Channel, ClosedPeriod, FrozenCell
from survey.organisation import agencies
from survey.periods import Period, previous
from survey.results import counts

PERIODS = 24


@dataclass(frozen=True, eq=False)
class Trend:
    """The series up to a period, oldest first, from the first period with answers.

    `rows` has the columns code, first, last, answered, satisfied, rate, lower, upper, ended; `signals` the p′ chart
    over the ended periods and what it says (None with fewer than two of them that have answers); `change` the rate
    minus that of the period before, with its limits (None where either has no answers or the period is still running).
    """

    rows: pd.DataFrame
    signals: Signals | None
    change: Difference | None


def trend(session: Session, period: Period, agency_id: int, *, target: str, confidence: float, today: dt.date) -> Trend:
    """Return the trend of the judged rate in an agency's subtree, up to `PERIODS` periods long."""
    line = [period]
    while len(line) < PERIODS:
        line.insert(0, previous(line[0]))
    known = _frozen(session, line, agency_id)
    known |= counts.series(session, [one for one in line if one.code not in known], agency_id, period.last)
    rows = [
        {"code": one.code, "first": one.first, "last": one.last, **known[one.code], "ended": one.ended(today)}
        for one in line
    ]
    while len(rows) > 1 and not rows[0]["answered"]:
        rows.pop(0)
    frame = pd.DataFrame(rows)
    judged = summary(frame, ["code"], target, confidence)
    frame[["rate", "lower", "upper"]] = judged[["rate", "lower", "upper"]]
    running = ~frame["ended"]
    if running.any():  # as in the headline, which may be looked at every day
        k, n = (frame.loc[running, name].to_numpy() for name in ("satisfied", "answered"))
        frame.loc[running, "lower"], frame.loc[running, "upper"] = confidence_sequence(k, n, alpha=1 - confidence)
    closed = frame[frame["ended"]]
    some = int((closed["answered"] > 0).sum())
    chart = laney_p_prime(closed["satisfied"].to_numpy(), closed["answered"].to_numpy()) if some > 1 else None
    return Trend(frame, signals(chart) if chart else None, _change(frame, confidence))


def _frozen(session: Session, line: list[Period], agency_id: int) -> dict[str, dict[str, int]]:
    """Return the counts of the periods that have been closed, so that a trend repeats what was reported."""
    below = list(agencies.tree_for(session, agency_id, line[-1].last).subtree(agency_id))
    query = (
        sa.select(ClosedPeriod.code, sa.func.sum(FrozenCell.answered), sa.func.sum(FrozenCell.satisfied))
        .outerjoin(
            FrozenCell,
            sa.and_(
                FrozenCell.period_id == ClosedPeriod.id,
                FrozenCell.channel == Channel.INVITATION,
                FrozenCell.question == "",
                FrozenCell.agency_id.in_(below),
            ),
        )
        .where(ClosedPeriod.basis == str(line[0].basis), ClosedPeriod.code.in_([one.code for one in line]))
        .group_by(ClosedPeriod.code)
    )
    return {code: {"answered": int(n or 0), "satisfied": int(k or 0)} for code, n, k in session.execute(query)}


def _change(frame: pd.DataFrame, confidence: float) -> Difference | None:
    if len(frame) < 2 or not frame["ended"].iloc[-1] or not np.all(frame["answered"].iloc[-2:] > 0):
        return None
    (k1, n1), (k2, n2) = frame[["satisfied", "answered"]].iloc[[-1, -2]].to_numpy()
    return newcombe(k1, n1, k2, n2, confidence)
