"""How the judged rate has moved over the periods before this one, of the same kind and basis.

Open periods are counted in one query; those that have been closed come from what was frozen then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import ArrayLike
from sqlalchemy.orm import Session

from analysis.control_chart import Signals, laney_p_prime, signals
from analysis.interval import confidence_sequence, newcombe
from analysis.tables import summary
from survey.models import Channel, ClosedPeriod, FrozenCell, QuestionnaireVersion, VersionStatus
from survey.periods import Period, local_day, previous
from survey.questionnaires import SHORT
from survey.results import counts
from survey.results.disclosure import Disclosure, Withheld, disclosure
from survey.results.rows import rows_of
from survey.results.scope import Scope, Standard

PERIODS = 24


@dataclass(frozen=True, kw_only=True)
class TrendRow:
    """The judged answers of one period; the rate is None without any, the limits then 0 and 1.

    `withheld`: why only how many answered is shown (`disclosure`); `satisfied` and the rate are then None.
    """

    code: str
    first: dt.date
    last: dt.date
    answered: int
    withheld: Withheld
    satisfied: int | None
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

    @property
    def clear(self) -> bool:
        """Return whether it is more than chance explains."""
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True)
class AskedAnew:
    """A period in which the short questionnaire began to be asked in another version: from when, and in which.

    What is asked otherwise may be answered otherwise, so a chart marks that period.
    """

    code: str
    since: dt.date
    version: str


@dataclass(frozen=True, eq=False)
class TrendFigures:
    """The series up to a period, oldest first, from the first period with answers.

    `asked_anew` are the periods of the series in which the questionnaire changed, in order, each with its last change.
    `signals` is the p′ chart over the ended periods and what it says (None with fewer than two of them that have
    answers); `change` is None where this period or the one before has no answers, or this one is still running.
    """

    rows: tuple[TrendRow, ...]
    signals: Signals | None
    change: RateChange | None
    asked_anew: tuple[AskedAnew, ...]


def trend(session: Session, scope: Scope, standard: Standard, today: dt.date) -> TrendFigures:
    """Return the trend of the judged rate in an agency's subtree, up to `PERIODS` periods long."""
    standard = scope.held_to(standard)
    line = [scope.period]
    while len(line) < PERIODS:
        line.insert(0, previous(line[0]))
    line, frame = measured_periods(session, scope, standard, line, today)
    visible = frame["withheld"] == ""
    both = [frame.loc[frame["ended"], name].where(visible, 0).to_numpy("int64") for name in ("satisfied", "answered")]
    rows = shown_periods(frame)
    change = rate_change(rows[-1], rows[-2], standard.confidence) if len(rows) > 1 else None
    anew = _asked_anew(session, line)
    return TrendFigures(rows, signals_in(*both), change, anew)


def signals_in(satisfied: ArrayLike, answered: ArrayLike) -> Signals | None:
    """Return what a p′ chart says of a series of counts; None with fewer than two periods that have answers."""
    if (np.asarray(answered) > 0).sum() < 2:
        return None
    return signals(laney_p_prime(satisfied, answered))


def measured_periods(
    session: Session, scope: Scope, standard: Standard, line: list[Period], today: dt.date
) -> tuple[list[Period], pd.DataFrame]:
    """Return several periods of one basis, oldest first, from the first with answers on, and what was judged in each.

    `standard` is what they are held against. What may not be shown is still in the table (`withheld`).
    """
    shown = disclosure(session, scope, standard.fewest)
    counted = _frozen(session, line, shown)
    still_open = counts.series(session, [period for period in line if period.code not in counted], scope)
    for code, row in still_open.items():
        counted[code] = {**row, "withheld": shown.still_open(row["answered"])}
    first = next((place for place, period in enumerate(line) if counted[period.code]["answered"]), len(line) - 1)
    line = line[first:]
    frame = pd.DataFrame([{"code": period.code, **counted[period.code]} for period in line])
    why = frame["withheld"]
    frame = summary(frame[["code", "answered", "satisfied"]], ["code"], standard.target, standard.confidence)
    frame = frame[["code", "answered", "satisfied", "rate", "lower", "upper"]].assign(
        withheld=why,
        first=[period.first for period in line],
        last=[period.last for period in line],
        ended=[period.ended(today) for period in line],
    )
    running = ~frame["ended"]
    if running.any():  # as in the headline, which may be looked at every day
        k, n = (frame.loc[running, name].to_numpy() for name in ("satisfied", "answered"))
        limits = confidence_sequence(k, n, alpha=1 - standard.confidence)
        frame.loc[running, "lower"], frame.loc[running, "upper"] = limits
    return line, frame


def shown_periods(frame: pd.DataFrame) -> tuple[TrendRow, ...]:
    """Return measured periods as rows, without what may not be shown."""
    visible, frame = frame["withheld"] == "", frame.copy()
    for name in ("satisfied", "rate"):
        frame[name] = frame[name].astype(object).where(visible)
    frame["lower"], frame["upper"] = frame["lower"].where(visible, 0.0), frame["upper"].where(visible, 1.0)
    return rows_of(frame, TrendRow)


def _asked_anew(session: Session, line: list[Period]) -> tuple[AskedAnew, ...]:
    """Return in which periods another version took the place of the one before; the first one took nobody's."""
    row = QuestionnaireVersion
    query = sa.select(row.version, row.published_at).where(row.code == SHORT, row.status != VersionStatus.DRAFT)
    versions = session.execute(query.order_by(row.published_at, row.id)).all()
    days = [(local_day(published), version) for version, published in versions[1:] if published is not None]
    marked = {
        period.code: AskedAnew(period.code, since, version)
        for period in line
        for since, version in days
        if period.first <= since <= period.last
    }
    return tuple(marked.values())


def _frozen(session: Session, line: list[Period], shown: Disclosure) -> dict[str, dict[str, object]]:
    """Return the counts of the periods that have been closed, so that a trend repeats what was reported.

    Of a closed period they are those that had been closed by then: what comes later moves nothing in its trend.
    """
    scope = shown.scope
    by_then = sa.true() if scope.closing is None else ClosedPeriod.closed_at <= scope.closing.closed_at
    query = (
        sa.select(
            ClosedPeriod.id, ClosedPeriod.code, sa.func.sum(FrozenCell.answered), sa.func.sum(FrozenCell.satisfied)
        )
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
        .where(by_then)
        .group_by(ClosedPeriod.id, ClosedPeriod.code)
    )
    return {
        code: {"answered": int(n or 0), "satisfied": int(k or 0), "withheld": shown.closed(key, int(n or 0))}
        for key, code, n, k in session.execute(query)
    }


def rate_change(now: TrendRow, before: TrendRow, confidence: float) -> RateChange | None:
    """Return how the rates of two periods differ; None where one of them is still running or has none to show."""
    if not (now.ended and before.ended) or now.rate is None or before.rate is None:
        return None
    moved = newcombe(now.satisfied or 0, now.answered, before.satisfied or 0, before.answered, confidence)
    return RateChange(*(float(np.asarray(one)) for one in moved))
