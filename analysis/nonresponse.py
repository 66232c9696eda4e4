"""What silence can hide: response rates, bounds without assumptions, the break-even share, representativeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.interval import Interval
from analysis.validation import (
    Count,
    Figure,
    Number,
    Real,
    Target,
    Whole,
    counts,
    exact_target,
    none_for_nan,
    plain,
    population,
    whole,
)


@dataclass(frozen=True)
class ResponseRates:
    """The six response rates of AAPOR, beside the dispositions they came from."""

    rr1: Figure
    rr2: Figure
    rr3: Figure
    rr4: Figure
    rr5: Figure
    rr6: Figure
    complete: Count
    partial: Count
    refusal: Count
    non_contact: Count
    other: Count
    unknown_household: Count
    unknown_other: Count
    e: Number


def response_rates(
    complete: ArrayLike,
    partial: ArrayLike = 0,
    refusal: ArrayLike = 0,
    non_contact: ArrayLike = 0,
    other: ArrayLike = 0,
    unknown_household: ArrayLike = 0,
    unknown_other: ArrayLike = 0,
    e: ArrayLike = 1.0,
) -> ResponseRates:
    """Return AAPOR's RR1 … RR6.

    With K = complete + partial + refusal + non-contact + other and U = the unknown: RR1 = I/(K+U), RR2 = (I+P)/(K+U);
    RR3, RR4 count only e·U; RR5, RR6 leave U out. `e` is the share of the unknown thought eligible. Where the frame is
    a list of dossiers nothing is unknown: complete = n, non_contact = N − n, and RR1 = RR3 = RR5 = n/N.

    Source: AAPOR Standard Definitions, 10th ed. 2023.
    Shapes: all arguments broadcast.
    Edges: where nobody was eligible a rate is None (NaN in an array).

    Raises:
        ValueError: numbers that are not whole or are negative, or `e` outside [0, 1].

    >>> rates = response_rates(450, 50, 120, 300, 10, 70, 20, 0.6)
    >>> round(rates.rr1, 6), round(rates.rr4, 6), round(rates.rr6, 6)
    (0.441176, 0.50813, 0.537634)
    """
    reached = {"complete": complete, "partial": partial, "refusal": refusal, "non_contact": non_contact, "other": other}
    unsure = {"unknown_household": unknown_household, "unknown_other": unknown_other}
    numbers = {name: whole(value, name) for name, value in (reached | unsure).items()}
    eligible = np.asarray(e, dtype=np.float64)
    if not ((eligible >= 0) & (eligible <= 1)).all():
        raise ValueError("e must lie between 0 and 1")
    surely = sum((numbers[name] for name in reached), start=np.zeros((), dtype=np.int64))
    unknown = numbers["unknown_household"] + numbers["unknown_other"]
    sheets = (numbers["complete"], numbers["complete"] + numbers["partial"])
    bases = (surely + unknown, surely + eligible * unknown, surely + 0 * unknown)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [none_for_nan(numerator / base) for base in bases for numerator in sheets]
    inputs = [plain(value) for value in (*numbers.values(), eligible)]
    return ResponseRates(*rates, *inputs)


def manski_bounds(k: ArrayLike, n: ArrayLike, N: ArrayLike) -> Interval:
    """Return what the share among all N cases can be whatever the silent think: [k/N, (k+N−n)/N].

    The width is 1 − n/N. Counting silence as satisfaction is the upper bound, and must be labelled so.

    Source: Manski 1989, J. Human Resources 24:343; Manski 2003.
    Shapes: k, n, N broadcast.
    Edges: n = N gives [p̂, p̂]; no cases at all give [0, 1].

    Raises:
        ValueError: k > n, n > N, or counts that are not whole numbers ≥ 0.

    >>> manski_bounds(450, 500, 2000)
    Interval(lower=0.225, upper=0.975)
    """
    satisfied, answered = counts(k, n)
    answered, cases = population(answered, N)
    some = np.maximum(cases, 1)
    upper = np.where(cases > 0, (satisfied + cases - answered) / some, 1.0)
    return Interval(plain(satisfied / some), plain(upper))


def breakeven_share(k: ArrayLike, n: ArrayLike, N: ArrayLike, target: Target = "0.90") -> Any:
    """Return the share b = (p0·N − k)/(N − n) of the silent who must be satisfied for the whole to meet the target.

    Source: arithmetic on the bounds of Manski 1989.
    Shapes: k, n, N broadcast.
    Edges: b ≤ 0: met even if none of the silent were satisfied; b > 1: missed even if all were; n = N: None (NaN in an
    array), there are no silent.

    Raises:
        ValueError: as `manski_bounds`, or a target that is a binary float or outside (0, 1).

    >>> breakeven_share(450, 500, 2000)
    0.9
    >>> breakeven_share(1800, 1900, 2000)
    0.0
    """
    goal = exact_target(target)
    satisfied, answered = counts(k, n)
    answered, cases = population(answered, N)
    silent = cases - answered
    # In whole numbers, so that a share that just meets the target gives exactly 0 and not 1e-16.
    missing = goal.numerator * cases.astype(object) - goal.denominator * satisfied.astype(object)
    share = np.asarray(missing, dtype=np.float64) / (goal.denominator * np.where(silent > 0, silent, 1).astype(float))
    return none_for_nan(np.where(silent > 0, share, np.nan))


@dataclass(frozen=True)
class RIndicator:
    """How evenly the strata answered, and the largest bias of a share that this unevenness can cause."""

    response_rate: Number
    S: Number
    R: Number
    cv: Figure
    max_bias: Figure
    partial_unconditional: Real
    n: Whole
    N: Whole


def r_indicator(n: ArrayLike, N: ArrayLike) -> RIndicator:
    """Return S, R = 1 − 2S, CV = S/ρ̄ and max_bias = CV/2 from the response rates ρ_h = n_h/N_h of strata.

    S² = ΣN_h(ρ_h − ρ̄)²/(ΣN − 1); the partial indicator of a stratum is (ρ_h − ρ̄)√(N_h/ΣN). Show max_bias: it says in
    percentage points how far the share can be off, if it differs between strata as much as a share can.

    Source: Schouten, Cobben & Bethlehem 2009, Survey Methodology 35:101.
    Shapes: strata along the last axis.
    Edges: strata with N = 0 count for nothing; without any answers cv and max_bias are None; one case gives S = 0;
    max_bias never exceeds 1.

    Raises:
        ValueError: n > N, counts that are not whole numbers ≥ 0, or all N are 0.

    >>> result = r_indicator([50, 90, 20], [200, 500, 60])
    >>> round(result.R, 6), round(result.max_bias, 6)
    (0.905837, 0.111819)
    """
    answered, cases = population(whole(np.atleast_1d(n), "n"), np.atleast_1d(N))
    total = cases.sum(axis=-1)
    if not (total > 0).all():
        raise ValueError("N must not be 0 in all strata")
    mean = answered.sum(axis=-1) / total
    offset: Real = answered / np.maximum(cases, 1) - mean[..., None]
    S = np.sqrt((cases * offset**2).sum(axis=-1) / np.maximum(total - 1, 1))
    cv = np.divide(S, mean, out=np.full(S.shape, np.nan), where=mean > 0)
    partial = offset * np.sqrt(cases / total[..., None])
    return RIndicator(
        none_for_nan(mean),
        none_for_nan(S),
        none_for_nan(1 - 2 * S),
        none_for_nan(cv),
        none_for_nan(np.minimum(cv / 2, 1.0)),
        partial,
        answered,
        cases,
    )
