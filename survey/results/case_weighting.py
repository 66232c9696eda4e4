"""The share in which each unit or procedure counts by its finished cases: for comparison beside the judged one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.stratification import poststratify
from survey.results.disclosure import Disclosure


@dataclass(frozen=True)
class CaseWeightedShare:
    """The share over the rows that have ratings, each counting by its finished cases; from how many such rows.

    `unweighted`: each rated case counts once.
    """

    rate: float
    unweighted: float
    lower: float
    upper: float
    n_eff: float
    rows: int


def case_weighted(judged: pd.DataFrame, shown: Disclosure, confidence: float) -> CaseWeightedShare | None:
    """Weight the rows that have ratings by their finished cases; `covered` tells how many of all cases those are.

    None where a row would be told by it that is not shown, and to a guarded reader: it is of other answers.
    """
    strata = judged[(judged["answered"] > 0) & (judged["finished"] > 0) & (judged["withheld"] == "")]
    hidden = judged["withheld"].ne("").any() and judged["pooled"].eq("").all()
    if not len(strata) or hidden or shown.scope.reader.guarded:
        return None
    return weighted_by_cases(strata, confidence)


def weighted_by_cases(strata: pd.DataFrame, confidence: float) -> CaseWeightedShare:
    """Return the share over rows that all have answers and finished cases, each weighted by these, with its limits.

    `strata` has the columns satisfied, answered, finished. Source: docs/statistics.md §4.

    >>> rows = pd.DataFrame({"satisfied": [90, 40], "answered": [100, 50], "finished": [200, 600]})
    >>> share = weighted_by_cases(rows, 0.95)
    >>> round(share.rate, 4), round(share.unweighted, 4)
    (0.825, 0.8667)
    """
    k, n, cases = (strata[name].to_numpy() for name in ("satisfied", "answered", "finished"))
    # Some answers are of cases finished before: only what share each row has of the cases matters, not how many.
    share = poststratify(k, n, cases * int(np.ceil(n / cases).max()), confidence)
    rate, lower, upper, n_eff = (float(np.asarray(one)) for one in (share.rate, share.lower, share.upper, share.n_eff))
    return CaseWeightedShare(rate, float(k.sum() / n.sum()), lower, upper, n_eff, len(strata))


def covered(judged: pd.DataFrame) -> float | None:
    """Return the share of all finished cases that lie in rows with answers; None without a case."""
    judged = judged[judged["pooled"] == ""]
    finished = int(judged["finished"].sum())
    return int(judged["finished"][judged["answered"] > 0].sum()) / finished if finished else None
