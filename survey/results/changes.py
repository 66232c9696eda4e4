"""How the judged rate of each row has moved since the period before, for all rows at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analysis.interval import newcombe
from analysis.tables import summary
from survey.models import Channel
from survey.periods import previous
from survey.results import counts
from survey.results.disclosure import disclosure
from survey.results.figures import Figures
from survey.results.publishable_periods import NO_KEY
from survey.results.scope import closed_period
from survey.results.trends import RateChange


@dataclass(frozen=True)
class RateBefore:
    """What a row had in the period before: answers, how many of them satisfied, the rate with its limits."""

    answered: int
    satisfied: int
    rate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class RowChange(RateChange):
    """How the rate of a row differs from that of the period before, with what it was then."""

    before: RateBefore


def changes(session: Session, figures: Figures) -> Mapping[int, RowChange]:
    """Return by the id of a row how its rate differs from the period before; nothing while the period is running.

    Both rates are such as this reader is shown in the table of their period, and the agencies those of this one: so
    nothing follows from a change that the two tables do not tell, and it is the one of the row's own trend.
    """
    if figures.provisional:
        return {}
    period = previous(figures.period)
    before = replace(figures.scope, period=period, closing=closed_period(session, period))
    cells = counts.judged(counts.cells(session, before, (figures.by, "channel"))).fillna({figures.by: NO_KEY})
    ids, answered = cells[figures.by].astype("int64").to_list(), cells["answered"].to_list()
    fewest = figures.standard.fewest
    why = disclosure(session, before, fewest).rows(figures.by, Channel.INVITATION, ids, answered)
    then = {
        key: (satisfied, number)
        for key, satisfied, number, hidden in zip(ids, cells["satisfied"].to_list(), answered, why, strict=True)
        if number and not hidden
    }
    rows = [row for row in figures.judged.rows if row.shown and not row.pooled and row.id in then]
    if not rows:
        return {}
    earlier = pd.DataFrame([{"row": row.id, "answered": then[row.id][1], "satisfied": then[row.id][0]} for row in rows])
    past = summary(earlier, ["row"], figures.standard.target, figures.confidence)
    past = past[["answered", "satisfied", "rate", "lower", "upper"]]
    moved = newcombe(
        np.array([row.satisfied for row in rows]),
        np.array([row.answered for row in rows]),
        earlier["satisfied"].to_numpy(),
        earlier["answered"].to_numpy(),
        figures.confidence,
    )
    limits = zip(*(np.asarray(one, dtype=float).tolist() for one in moved), strict=True)
    rates = (RateBefore(*one) for one in past.itertuples(index=False, name=None))
    return {
        row.id: RowChange(three[0], three[1], three[2], one)
        for row, three, one in zip(rows, limits, rates, strict=True)
    }
