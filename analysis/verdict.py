"""Met, not met, or not yet enough grounds to conclude: one share judged against the target by the exact test."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis import validation
from analysis._binomial import beta_limits
from analysis._effective_verdict import EffectiveAssessment, assess_effective
from analysis._exact_test import Verdict, p_met, p_not_met, proves
from analysis._finite_population import hypergeometric, target_count
from analysis._responses_needed import ResponsesNeeded, responses_needed
from analysis._unique_rows import by_unique_rows
from analysis.validation import Design, Flags, Real, Target, Whole

__all__ = [
    "Assessment",
    "Assessments",
    "Design",
    "EffectiveAssessment",
    "ResponsesNeeded",
    "Verdict",
    "assess",
    "assess_effective",
    "responses_needed",
]


_VERDICTS = np.array([Verdict.INCONCLUSIVE, Verdict.MET, Verdict.NOT_MET], dtype=object)


@dataclass(frozen=True)
class Assessment:
    """One rate, its limits and the verdict beside the counts they came from; the rate is None without answers."""

    k: int
    n: int
    rate: float | None
    lower: float
    upper: float
    verdict: Verdict
    p_met: float
    p_not_met: float
    certain: bool
    target: Fraction
    confidence: float
    population: int | None
    design: Design = "random"


@dataclass(frozen=True)
class Assessments:
    """The same of many rates, each field an array of one shape; a rate is NaN without answers."""

    k: Whole
    n: Whole
    rate: Real
    lower: Real
    upper: Real
    verdict: NDArray[np.object_]
    p_met: Real
    p_not_met: Real
    certain: Flags
    target: Fraction
    confidence: float
    population: Whole | None
    design: Design = "random"


@overload
def assess(
    k: int,
    n: int,
    target: Target = "0.90",
    confidence: float = 0.95,
    population: int | None = None,
    design: Design = "random",
) -> Assessment: ...


@overload
def assess(
    k: NDArray[Any],
    n: NDArray[Any],
    target: Target = "0.90",
    confidence: float = 0.95,
    population: NDArray[Any] | None = None,
    design: Design = "random",
) -> Assessments: ...


@overload
def assess(
    k: ArrayLike,
    n: ArrayLike,
    target: Target = "0.90",
    confidence: float = 0.95,
    population: ArrayLike | None = None,
    design: Design = "random",
) -> Assessment | Assessments: ...


def assess(
    k: ArrayLike,
    n: ArrayLike,
    target: Target = "0.90",
    confidence: float = 0.95,
    population: ArrayLike | None = None,
    design: Design = "random",
) -> Assessment | Assessments:
    """Judge `k` satisfied of `n` answers against the target.

    met ⟺ p_met ≤ a ⟺ lower ≥ float(target); not met ⟺ p_not_met ≤ a ⟺ upper ≤ float(target), and with N known
    upper < float(target), since whole cases can equal the target and then meet it; a = (1−confidence)/2. The limits
    are Clopper–Pearson's, decided together with the exact test, so that p-value, limit and verdict never contradict
    each other; each wrong verdict has probability ≤ a for every n.

    `population` is the number N of cases handled. With `design` "random" or "census" (the answers are a random part,
    or all, of the cases) limits and test are hypergeometric. With "self-selected" they stay binomial, except for what
    needs no assumption at all: the limits stay within k/N … (k+N−n)/N, and a certain verdict stands. `certain` marks
    verdicts that hold whatever the silent cases think: k ≥ ⌈p0·N⌉, or n−k > N−⌈p0·N⌉.

    Shapes: k, n, population broadcast; scalars give an `Assessment`, arrays `Assessments`. Edges: n = 0 has rate None
    (NaN inside an array), limits [0, 1] and is inconclusive.
    Source: Clopper & Pearson 1934; Buonaccorsi 1987; docs/statistics.md §2.

    Raises:
        ValueError: impossible counts, n above the population (duplicates), a binary float as target, bad confidence.

    >>> result = assess(475, 500)
    >>> result.verdict.value, round(result.rate, 3), round(result.lower, 4), round(result.upper, 4)
    ('met', 0.95, 0.9271, 0.9674)
    >>> assess(45, 50, population=50).certain
    True
    """
    share = validation.exact_target(target)
    validation.tail(confidence)
    satisfied, answered = validation.counts(k, n)
    validation.drawn(design)
    columns: tuple[Whole, ...] = (satisfied, answered)
    if population is not None:
        answered, handled = validation.population(answered, population)
        columns = tuple(np.broadcast_arrays(satisfied, answered, handled))

    def judge(x: Whole, m: Whole, N: Whole | None = None) -> tuple[np.ndarray[Any, Any], ...]:
        return _judge(x, m, N, share, confidence, design)

    lower, upper, reached, missed, code, certain = by_unique_rows(judge, *columns)
    x, m = columns[:2]
    rate = np.where(m > 0, x / np.maximum(m, 1), np.nan)
    cases = None if population is None else columns[2]
    if x.ndim:
        figures = (lower, upper, _VERDICTS[code], reached, missed, certain)
        return Assessments(x, m, rate, *figures, share, confidence, cases, design)
    return Assessment(
        k=int(x),
        n=int(m),
        rate=float(rate) if m else None,
        lower=float(lower),
        upper=float(upper),
        verdict=_VERDICTS[int(code)],
        p_met=float(reached),
        p_not_met=float(missed),
        certain=bool(certain),
        target=share,
        confidence=confidence,
        population=None if cases is None else int(cases),
        design=design,
    )


def _judge(
    k: Whole, n: Whole, N: Whole | None, target: Fraction, confidence: float, design: Design
) -> tuple[np.ndarray[Any, Any], ...]:
    a = validation.tail(confidence)
    if N is None or not validation.drawn(design):
        lower, upper = beta_limits(k.astype(np.float64), n.astype(np.float64), a)
        reached, missed = p_met(k, n, target), p_not_met(k, n, target)
    else:
        lower, upper = (np.asarray(limit) for limit in hypergeometric(k, n, N, confidence))
        reached, missed = p_met(k, n, target, N), p_not_met(k, n, target, N)
    certain = np.zeros(k.shape, dtype=np.bool_)
    if N is not None:
        needed, cases = target_count(N, target), np.maximum(N, 1)
        surely_met, surely_not = (k >= needed) & (n > 0), n - k > N - needed
        reached = np.where(surely_met, 0.0, np.where(surely_not, 1.0, reached))
        missed = np.where(surely_not, 0.0, np.where(surely_met, 1.0, missed))
        lower, upper = np.maximum(lower, k / cases), np.minimum(upper, np.where(N > 0, (k + N - n) / cases, 1.0))
        certain = surely_met | surely_not
    met, not_met = proves(reached, a) & (n > 0), proves(missed, a) & (n > 0)
    lower, upper = _agree(lower, upper, met, not_met, float(target), finite=N is not None)
    reached, missed = _settle(reached, met, a), _settle(missed, not_met, a)
    return lower, upper, reached, missed, np.where(met, 1, np.where(not_met, 2, 0)), certain


def _agree(lower: Real, upper: Real, met: Flags, not_met: Flags, target: float, *, finite: bool) -> tuple[Real, Real]:
    """Move a limit that rounding left on the wrong side of the target by its last digit."""
    under, over = np.nextafter(target, 0), np.nextafter(target, 1)
    lower = np.where(met, np.maximum(lower, target), np.minimum(lower, under))
    # A share of N whole cases can equal the target, and then it is met; a limit of the binomial test is a boundary.
    still, beyond = (under, target) if finite else (target, over)
    return lower, np.where(not_met, np.minimum(upper, still), np.maximum(upper, beyond))


def _settle(p: Real, proven: Flags, a: float) -> Real:
    return np.where(proven, np.minimum(p, a), np.maximum(p, np.nextafter(a, 1)))
