"""Counts in, one row of figures per cell out: the only door between tables of counts and the statistics."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from analysis import nonresponse, publication, scores
from analysis._unique_rows import by_unique_rows
from analysis.call_back import CallBack, call_back_rate, call_back_total
from analysis.stratification import poststratify
from analysis.validation import Real, Target, Whole, columns, exact_target, whole
from analysis.verdict import Design, assess, assess_effective, responses_needed

COUNTS = ["answered", "satisfied"]
LEVELS = [f"level_{rating}" for rating in range(1, 6)]
CALLED = ["called", "called_satisfied", "unreached"]
WEIGHTS = ["weight", "weight_satisfied", "weight_squares"]
NEEDED = ["needed_if_all_satisfied", "needed_if_all_dissatisfied", "needed_if_rate_holds"]


def summary(
    frame: pd.DataFrame,
    by: Sequence[str] = (),
    target: Target = "0.90",
    confidence: float = 0.95,
    population: str | None = None,
    design: Design = "self-selected",
) -> pd.DataFrame:
    """Return one row of figures per cell of `by`, in order of first appearance, from counts that are added up first.

    `frame` has the columns `by`, `answered`, `satisfied`; if it has them also `level_1` … `level_5` (mean score) and
    `weight`, `weight_satisfied`, `weight_squares` (sums of w, w of the satisfied, w²: the rate is then weighted and
    judged at Kish's effective number of answers); with `population` also `called`, `called_satisfied`, `unreached` of
    a random sample of those who did not answer. `population` names the column with the cases handled; with `design`
    "random" or "census" interval and test use it, with "self-selected" only what needs no assumption does.

    Columns out: those, then rate, lower, upper, verdict, certain, p_met, p_not_met, needed_if_all_satisfied,
    needed_if_all_dissatisfied, needed_if_rate_holds (NA: no number suffices), suppress, flag_complement, review; with
    `population` response_rate, possible_lower, possible_upper, break_even; with levels mean, mean_lower, mean_upper,
    index; with calls all_rate, all_rate_if_alike, all_lower, all_upper, all_verdict, silent_lower and silent_upper, of
    `call_back_rate`; with weights n_eff, design_effect, unweighted_rate (satisfied/answered, as the counts show).
    Shares lie in 0 … 1. Percentages are never averaged.

    Edges: a cell without answers stays, with rate NaN, limits 0 and 1, inconclusive; an empty `by` gives one row; a
    frame without rows gives none.
    Source: docs/statistics.md §1–§6, §10 through the functions named there.

    Raises:
        ValueError: a column is missing, or counts are impossible (not whole, more satisfied than answered, more
            answered than handled, levels that do not add up).

    >>> cells = pd.DataFrame({"office": ["A", "A", "B"], "answered": [200, 300, 200], "satisfied": [190, 285, 160]})
    >>> summary(cells, by=["office"])[["office", "answered", "rate", "verdict"]].values.tolist()
    [['A', 500, 0.95, 'met'], ['B', 200, 0.8, 'not_met']]
    """
    goal = exact_target(target)
    cells = _added_up(frame, list(by), population)
    k, n = cells["satisfied"].to_numpy(), cells["answered"].to_numpy()
    N = None if population is None else cells[population].to_numpy()
    judged = assess(k, n, goal, confidence, N, design)
    figures: dict[str, Any] = {
        "rate": judged.rate,
        "lower": judged.lower,
        "upper": judged.upper,
        "verdict": judged.verdict.astype(str),
        "certain": judged.certain,
        "p_met": judged.p_met,
        "p_not_met": judged.p_not_met,
    }
    weighted = set(WEIGHTS) <= set(cells.columns)
    figures |= dict.fromkeys(NEEDED) if weighted else _needed(k, n, goal, confidence, N, design)
    effect = np.ones(n.size)
    if weighted:
        rate, n_eff = _weighted(cells)
        heavy = assess_effective(rate, n_eff, goal, confidence)
        effect = np.where(n > 0, n / np.where(n_eff > 0, n_eff, 1.0), 1.0)
        shown = {name: getattr(heavy, name) for name in ("rate", "lower", "upper", "verdict", "p_met", "p_not_met")}
        figures |= shown | {"n_eff": n_eff, "design_effect": effect, "unweighted_rate": judged.rate}
    firm = publication.reliability(k, n, effect)
    figures |= {"suppress": firm.suppress, "flag_complement": firm.flag_complement, "review": firm.review}
    if N is not None:
        figures |= _silence(k, n, N, goal)
        if set(CALLED) <= set(cells.columns):
            figures |= _all_cases(
                call_back_rate(N, n, k, *_calls(cells), confidence, unreached=cells["unreached"], target=goal)
            )
    if set(LEVELS) <= set(cells.columns):
        figures |= _scores(cells[LEVELS].to_numpy(), confidence, N, design)
    figures |= {name: pd.array(np.broadcast_to(figures[name], n.shape), dtype="Int64") for name in NEEDED}
    counted: dict[Any, Any] = dict(cells.items())
    return pd.DataFrame(counted | figures, index=cells.index)  # at once: column by column takes long


def total(
    frame: pd.DataFrame,
    by: Sequence[str] = (),
    target: Target = "0.90",
    confidence: float = 0.95,
    population: str | None = None,
    design: Design = "self-selected",
) -> pd.DataFrame:
    """Return the one row over all cells; with `population` its rate weighs the cells of `by` by the cases they handled.

    Columns as in `summary`, those of calls by `call_back_total`, each cell having been sampled by itself; a
    post-stratified row has also n_eff, design_effect, unweighted_rate and covered_share (the share of the cases that
    lie in cells with answers), and answers needed are NA. A certain verdict stands, and the limits never leave the
    bounds that need no assumption. Edges: without `by` nothing is weighed; a cell with cases but no answers leaves the
    rate NaN, limits as wide as those bounds.
    Source: docs/statistics.md §4.

    Raises:
        ValueError: as `summary`.

    >>> cells = pd.DataFrame({"office": ["A", "B"], "answered": [50, 90], "satisfied": [45, 80], "cases": [200, 500]})
    >>> float(total(cells, ["office"], population="cases")["rate"].round(6).item())
    0.892063
    """
    row = summary(frame, (), target, confidence, population, design)
    if population is None or not by or not row[population].to_numpy().any():
        return row
    strata = _added_up(frame, list(by), population)
    k, n, N = (strata[name].to_numpy() for name in ("satisfied", "answered", population))
    weighed = poststratify(k, n, N, confidence, fpc=design != "self-selected")
    rate, n_eff = (np.nan if value is None else value for value in (weighed.rate, weighed.n_eff))
    judged = assess_effective(rate, n_eff, target, confidence)
    certain = row["certain"].to_numpy()
    kept: dict[str, Any] = {
        name: np.where(certain, row[name], getattr(judged, name)) for name in ("verdict", "p_met", "p_not_met")
    }
    kept["lower"] = np.maximum(judged.lower, row["possible_lower"])
    kept["upper"] = np.minimum(judged.upper, row["possible_upper"])
    extent: dict[str, Any] = {
        "n_eff": n_eff,
        "design_effect": weighed.design_effect,
        "covered_share": weighed.covered_share,
        "unweighted_rate": row["rate"].to_numpy(),
    }
    kept |= extent | dict.fromkeys(NEEDED)
    if set(CALLED) <= set(strata.columns):
        unreached = strata["unreached"]
        all_cases = call_back_total(N, n, k, *_calls(strata), confidence, unreached=unreached, target=target)
        kept |= _all_cases(all_cases)
    row = row.assign(rate=judged.rate, **kept)
    return row.astype({"verdict": str, "design_effect": float} | dict.fromkeys(NEEDED, "Int64"))


def _added_up(frame: pd.DataFrame, by: list[str], population: str | None) -> pd.DataFrame:
    columns(frame.columns, [*by, *COUNTS, *([population] if population else [])])
    extras = [group for group in (LEVELS, WEIGHTS, CALLED) if set(group) <= set(frame.columns)]
    numbers = [*COUNTS, *(name for group in extras for name in group), *([population] if population else [])]
    if by:
        cells = frame[[*by, *numbers]]
        if cells.duplicated(by).any():
            cells = cells.groupby(by, sort=False, observed=True, dropna=False, as_index=False)[numbers].sum()
        cells = cells.reset_index(drop=True)
    else:
        cells = frame[numbers].sum().to_frame().T
    exact = {name: whole(cells[name].to_numpy(), name) for name in numbers if name not in WEIGHTS}
    cells = cells.assign(**exact)
    if LEVELS in extras and (cells[LEVELS].sum(axis=1) != cells["answered"]).any():
        raise ValueError("level_1 … level_5 must add up to answered")
    return cells


def _weighted(cells: pd.DataFrame) -> tuple[Real, Real]:
    total, satisfied, squares = (cells[name].to_numpy(dtype=float) for name in WEIGHTS)
    some = total > 0
    rate = np.divide(satisfied, total, out=np.full(total.size, np.nan), where=some)
    return rate, np.divide(total**2, squares, out=np.zeros(total.size), where=some)


def _needed(k: Whole, n: Whole, goal: Fraction, confidence: float, N: Whole | None, design: Design) -> dict[str, Any]:
    given = (k, n) if N is None else (k, n, N)

    def answers(x: Whole, m: Whole, cases: Whole | None = None) -> tuple[Real, ...]:
        needed = responses_needed(x, m, goal, confidence, cases, design)
        return needed.if_all_satisfied, needed.if_all_dissatisfied, needed.if_rate_holds

    return dict(zip(NEEDED, by_unique_rows(answers, *given), strict=True))


def _silence(k: Whole, n: Whole, N: Whole, goal: Fraction) -> dict[str, Any]:
    possible = nonresponse.manski_bounds(k, n, N)
    return {
        "response_rate": np.divide(n, N, out=np.full(n.size, np.nan), where=N > 0),
        "possible_lower": possible.lower,
        "possible_upper": possible.upper,
        "break_even": nonresponse.breakeven_share(k, n, N, goal),
    }


def _calls(cells: pd.DataFrame) -> tuple[Whole, Whole]:
    return cells["called"].to_numpy(), cells["called_satisfied"].to_numpy()


def _all_cases(checked: CallBack) -> dict[str, Any]:
    figures = {
        "all_rate": np.array(checked.rate, dtype=float),  # None becomes NaN
        "all_rate_if_alike": np.array(checked.if_alike.rate, dtype=float),
        "all_lower": checked.lower,
        "all_upper": checked.upper,
        "all_verdict": np.asarray(checked.verdict, dtype=object).astype(str),
        "silent_lower": checked.silent_lower,
        "silent_upper": checked.silent_upper,
    }
    return {name: np.atleast_1d(figure) for name, figure in figures.items()}


def _scores(levels: Whole, confidence: float, N: Whole | None, design: Design) -> dict[str, Any]:
    score = scores.mean_score(levels, confidence, N, design)
    return {"mean": score.mean, "mean_lower": score.lower, "mean_upper": score.upper, "index": score.index}
