"""One rounding: what is printed of a count is exact, and a printed limit never contradicts its verdict."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import assess
from analysis.charts.appearance import Words
from analysis.charts.figures import table
from analysis.printed import printed_limits, printed_rate, printed_share, printed_target

WORDS = Words(
    title="", target="", rate="", answered="", interval="", no_answers="", to_below="{lower} đến dưới {upper}"
)
PAIRS = [(k, n) for n in range(1, 401) for k in range(n + 1)]
TARGETS = ("0.90", "0.85", "0.925", "0.9025", Fraction(2, 3))
COUNTS = st.one_of(st.integers(1, 400), st.integers(1, 10**7)).flatmap(
    lambda n: st.tuples(
        st.one_of(st.integers(0, n), st.integers(max(0, n * 9 // 10 - 40), min(n, n * 9 // 10 + 40))), st.just(n)
    )
)


def test_a_share_is_its_nearest_tenth_whether_it_comes_as_a_float_or_as_a_fraction() -> None:
    wrong = [
        (k, n)
        for k, n in PAIRS
        if not int(10 * printed_share(k / n)) == (2000 * k + n) // (2 * n) == int(10 * printed_share(Fraction(k, n)))
    ]
    assert wrong == []


def test_every_share_of_up_to_2000_that_lies_on_or_near_a_tie_is_rounded_half_up(campaign: bool) -> None:
    near = 2000 if campaign else 40  # in units of a tie's distance to the next share: then they are all
    pairs = [
        (k, n) for n in range(1, 2001) for k in range(n + 1) if (2000 * k - n + near) % (2 * n) <= 2 * near or near >= n
    ]
    assert {(51, 80), (377, 400), (1, 2000), (1999, 2000)} <= set(pairs) and len(pairs) > 60_000
    wrong = [(k, n) for k, n in pairs if int(10 * printed_share(k / n)) != (2000 * k + n) // (2 * n)]
    assert wrong == []


@given(st.integers(1, 10**8 - 1).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_float_of_large_counts_rounds_as_their_fraction_does(counts: tuple[int, int]) -> None:
    k, n = counts
    for rounding in (floor, ceil):
        assert printed_share(k / n, rounding) == printed_share(Fraction(k, n), rounding)
    assert printed_share(k / n) == printed_share(Fraction(k, n))


@pytest.mark.parametrize(
    ("k", "n", "printed"), [(51, 80, "63.8"), (377, 400, "94.3"), (1, 2000, "0.1"), (1, 1, "100.0")]
)
def test_a_tie_goes_up_as_spreadsheets_show_it(k: int, n: int, printed: str) -> None:
    assert str(printed_share(k / n)) == printed


@given(COUNTS, st.sampled_from(TARGETS))
def test_no_printed_figure_contradicts_its_verdict(counts: tuple[int, int], target: str | Fraction) -> None:
    judged, goal = assess(*counts, target), printed_target(target)
    limits = printed_limits(judged.lower, judged.upper, target, judged.verdict)
    assert limits.lower <= printed_rate(judged.rate, target) <= limits.upper
    assert limits.lower <= max(Decimal(100 * judged.lower) + Decimal("1e-9"), goal if judged.verdict == "met" else 0)
    assert limits.upper >= Decimal(100 * judged.upper) - Decimal("1e-9")
    proven = {"met": limits.lower >= goal, "not_met": limits.below_target or limits.upper < goal}
    assert proven.get(judged.verdict, limits.lower <= goal <= limits.upper and not limits.below_target)
    assert (printed_rate(judged.rate, target) >= goal) == (judged.rate >= float(Fraction(target)))


def test_the_words_of_a_chart_say_what_the_table_says() -> None:
    judged = assess(265, 307)
    row = {"name": "A", "answered": 307, "rate": judged.rate, "lower": judged.lower, "upper": judged.upper}
    [with_verdict] = table([{**row, "verdict": "not_met"}], "0.90")
    assert with_verdict.sentence(WORDS) == "A: 86,3% (81,9% đến dưới 90,0%; n = 307)"
    [without] = table([row], "0.90")
    assert without.sentence(WORDS) == "A: 86,3% (81,9%–90,0%; n = 307)"


def test_a_chart_never_prints_the_target_for_a_rate_that_misses_it() -> None:
    [row] = table([{"name": "A", "answered": 10_000, "rate": 0.8999, "lower": 0.89, "upper": 0.91}], "0.90")
    assert row.figure(WORDS, " · ") == "89,9% · n = 10.000"


@pytest.mark.parametrize(("target", "printed"), [("0.90", "90.0"), ("0.925", "92.5"), ("0.9025", "90.25")])
def test_a_target_keeps_its_decimals(target: str, printed: str) -> None:
    assert str(printed_target(target)) == printed
