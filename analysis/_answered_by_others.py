"""Was it the citizen herself: a random sample of those who answered is asked, so that others' answers are counted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from analysis import validation
from analysis._finite_population import hypergeometric
from analysis.validation import Design, Target
from analysis.verdict import Verdict, assess


@dataclass(frozen=True)
class AnsweredByOthers:
    """How many answers were not the person's own and free, and whether the verdict stands without them.

    `share`, with its limits, is of all answers; None where somebody called was not reached, or nobody called. `most`
    is the upper limit as a number of answers. `verdict_without` is the verdict after that many answers are taken away
    in the worst way, and `can_turn` tells that it is not the same.
    """

    share: float | None
    lower: float
    upper: float
    most: int
    verdict: Verdict
    verdict_without: Verdict
    can_turn: bool
    response_rate: float | None
    target: Fraction
    confidence: float
    answered: int
    satisfied: int
    called: int
    others: int
    unreached: int
    population: int | None
    design: Design


def answered_by_others(
    answered: int,
    satisfied: int,
    called: int,
    others: int,
    confidence: float = 0.95,
    *,
    unreached: int = 0,
    target: Target = "0.90",
    population: int | None = None,
    design: Design = "self-selected",
) -> AnsweredByOthers:
    """Return the share x/m1 of answers not given by the person, or not freely: m1 of the n1 answered were called.

    The limits are hypergeometric out of n1: the lower one takes those unreached for the persons themselves, the upper
    one for others. `most` = n1·upper answers are taken away in the worst way: satisfied ones where the verdict on the
    n1 is met, dissatisfied ones where it is not met, as far as there are any. `population` and `design` as in `assess`.
    Shapes: scalars. Edges: m1 = 0 gives no share, limits 0 and 1, and every verdict can turn; an inconclusive one
    cannot, for it claims nothing.
    Source: Buonaccorsi 1987, Am Stat 41:215; docs/statistics.md §15.

    Raises:
        ValueError: counts that are not whole numbers ≥ 0, more called than answered, more others and unreached than
            called, and as `assess`.

    >>> result = answered_by_others(500, 475, 60, 2)
    >>> round(result.share, 4), result.lower, result.upper, result.most, result.can_turn
    (0.0333, 0.006, 0.11, 55, False)
    """
    n1, m1, x, u = (
        int(validation.whole(value, name))
        for value, name in ((answered, "answered"), (called, "called"), (others, "others"), (unreached, "unreached"))
    )
    if m1 > n1:
        raise ValueError("called must not exceed answered")
    if x + u > m1:
        raise ValueError("others and unreached together must not exceed called")
    arguments = (target, confidence, population, design)
    judged = assess(int(satisfied), n1, *arguments)
    lower = float(hypergeometric(x, m1, n1, confidence).lower)
    upper = float(hypergeometric(x + u, m1, n1, confidence).upper)
    most = round(upper * n1)
    without = judged.verdict
    if judged.verdict is Verdict.MET:
        away = min(most, judged.k)
        without = assess(judged.k - away, n1 - away, *arguments).verdict
    elif judged.verdict is Verdict.NOT_MET:
        without = assess(judged.k, n1 - min(most, n1 - judged.k), *arguments).verdict
    return AnsweredByOthers(
        share=x / m1 if m1 and not u else None,
        lower=lower,
        upper=upper,
        most=most,
        verdict=judged.verdict,
        verdict_without=without,
        can_turn=without is not judged.verdict,
        response_rate=(m1 - u) / m1 if m1 else None,
        target=judged.target,
        confidence=confidence,
        answered=n1,
        satisfied=judged.k,
        called=m1,
        others=x,
        unreached=u,
        population=population,
        design=design,
    )
