"""What the rated cases of a period can have said at least and at most, told by its answers alone.

Nearly all cases are rated in the period in which they were finished, and its answers are counted anyway. What the few
said who answered on the other side of an edge of the period is kept nowhere once links are cut: so it is left open.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.nonresponse import breakeven_share, manski_bounds
from analysis.tables import summary
from survey.results.scope import Standard


def limits_of_rated(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return how many of the rated cases of each row were satisfied, at least and at most.

    Of `answered` answers of the period, `satisfied` of them satisfied, `carried` are of other cases; so of the `rated`
    cases rated − answered + carried were rated in another period. Both limits are `satisfied` where nothing is carried.
    Source: bounds without assumptions as in `analysis.nonresponse.manski_bounds`.
    Edges: with counts that do not hang together the limits stay within 0 and `rated`.

    >>> row = pd.DataFrame([{"answered": 50, "satisfied": 40, "rated": 48, "carried": 3}])
    >>> [int(limit[0]) for limit in limits_of_rated(row)]
    [37, 41]
    """
    elsewhere = (frame["rated"] - frame["answered"] + frame["carried"]).clip(lower=0)
    least = (frame["satisfied"] - frame["carried"]).clip(lower=0).clip(upper=frame["rated"])
    most = (frame["satisfied"] + elsewhere).clip(upper=frame["rated"])
    return least, most


def of_all_cases(frame: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """Return what follows for all finished cases of each row: as `analysis.tables.summary` with a population.

    The lower bound holds if as few of the rated ones were satisfied as can have been, the upper bound and the share of
    the silent that is needed if as many were; what is certain is so only where both are the same (`nothing_carried`).
    """
    least, most = limits_of_rated(frame)
    finished, rated = frame["finished"], frame["rated"]
    counted = {"row": np.arange(len(frame)), "answered": rated, "satisfied": least, "finished": finished}
    rows = summary(pd.DataFrame(counted), ["row"], standard.target, standard.confidence, "finished")
    rows["possible_upper"] = manski_bounds(most, rated, finished).upper
    rows["break_even"] = breakeven_share(most, rated, finished, standard.target)
    return rows


def nothing_carried(frame: pd.DataFrame) -> pd.Series:
    """Return for each row whether the answers of the period are those of the cases that were finished in it."""
    same: pd.Series = (frame["carried"] == 0) & (frame["rated"] == frame["answered"])
    return same
