"""A table of counts becomes a table of figures, and every figure is the one that the single functions give."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.call_back import call_back_rate, call_back_total
from analysis.nonresponse import breakeven_share, manski_bounds
from analysis.publication import reliability
from analysis.scores import mean_score
from analysis.stratification import kish
from analysis.tables import summary, total
from analysis.verdict import assess, responses_needed


def cells(*rows: tuple[object, ...], names: str = "office answered satisfied") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=names.split())


@given(
    st.lists(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=8)
)
def test_a_row_says_what_assess_says_of_its_counts(pairs: list[tuple[int, int]]) -> None:
    frame = cells(*[(place, n, k) for place, (k, n) in enumerate(pairs)])
    for row, (k, n) in zip(summary(frame, by=["office"]).itertuples(), pairs, strict=True):
        judged = assess(k, n)
        assert (row.answered, row.satisfied, row.verdict) == (n, k, str(judged.verdict))
        figures = (judged.lower, judged.upper, judged.p_met, judged.p_not_met)
        assert (row.lower, row.upper, row.p_met, row.p_not_met) == pytest.approx(figures, abs=1e-14)
        assert row.rate == judged.rate or (np.isnan(row.rate) and judged.rate is None)
        assert row.suppress == reliability(k, n).suppress


def test_counts_are_added_before_anything_is_divided() -> None:
    table = summary(cells(("A", 10, 10), ("B", 4, 1), ("A", 990, 792)), by=["office"])
    assert table["office"].tolist() == ["A", "B"]
    assert table["rate"].tolist() == [802 / 1000, 0.25]
    whole = summary(cells(("A", 10, 10), ("B", 4, 1), ("A", 990, 792)))
    assert (whole.shape[0], whole["rate"].item()) == (1, 803 / 1004)


def test_a_cell_without_answers_stays_and_concludes_nothing() -> None:
    row = summary(cells(("A", 0, 0), ("B", 50, 45)), by=["office"]).iloc[0]
    assert np.isnan(row["rate"])
    assert (row["lower"], row["upper"], row["verdict"]) == (0, 1, "inconclusive")
    assert (row["needed_if_all_satisfied"], row["needed_if_rate_holds"]) == (36, pd.NA)


def test_a_table_without_rows_gives_a_table_without_rows() -> None:
    assert summary(cells().astype({"answered": int, "satisfied": int}), by=["office"]).empty


def test_needed_answers_are_whole_numbers_or_unknown() -> None:
    table = summary(cells(("A", 100, 92), ("B", 10, 9), ("C", 500, 475)), by=["office"])
    assert table["needed_if_all_satisfied"].tolist() == [54, responses_needed(9, 10).if_all_satisfied, 0]
    assert table["needed_if_all_dissatisfied"].iloc[0] == 11
    assert table["needed_if_rate_holds"].tolist() == [775, pd.NA, 0]
    assert str(table["needed_if_rate_holds"].dtype) == "Int64"


def test_a_population_gives_response_rate_bounds_and_break_even() -> None:
    frame = cells(("A", 180, 162, 2000), ("B", 0, 0, 0), names="office answered satisfied finished")
    table = summary(frame, by=["office"], population="finished")
    row = table.iloc[0]
    bounds = manski_bounds(162, 180, 2000)
    assert row["response_rate"] == 0.09
    assert (row["possible_lower"], row["possible_upper"]) == (bounds.lower, bounds.upper)
    assert row["break_even"] == breakeven_share(162, 180, 2000)
    assert np.isnan(table["response_rate"].iloc[1])


def test_only_a_random_part_or_all_of_the_cases_narrows_the_interval() -> None:
    frame = cells(("A", 180, 162, 200), names="office answered satisfied finished")
    kept = summary(frame, by=["office"], population="finished").iloc[0]
    drawn = summary(frame, by=["office"], population="finished", design="random").iloc[0]
    exact = assess(162, 180, population=200, design="random")
    assert (drawn["lower"], drawn["upper"], drawn["verdict"]) == (exact.lower, exact.upper, str(exact.verdict))
    assert kept["upper"] - kept["lower"] > drawn["upper"] - drawn["lower"]


def test_a_verdict_that_silence_cannot_change_is_certain() -> None:
    frame = cells(("A", 46, 46, 50), ("B", 46, 40, 50), names="office answered satisfied finished")
    table = summary(frame, by=["office"], population="finished")
    assert table["certain"].tolist() == [True, True]
    assert table["verdict"].tolist() == ["met", "not_met"]


def test_a_certain_verdict_stands_for_the_total_too() -> None:
    frame = cells(("A", 5, 5, 6), ("B", 4, 4, 4), names="office answered satisfied finished")
    row = total(frame, by=["office"], population="finished").iloc[0]
    assert (row["verdict"], row["certain"]) == ("met", True)
    assert (row["lower"], row["upper"]) == (0.9, 1.0)
    assert row["p_met"] <= 0.025


def test_a_group_without_answers_leaves_the_total_open() -> None:
    frame = cells(("A", 50, 48, 60), ("B", 0, 0, 40), names="office answered satisfied finished")
    row = total(frame, by=["office"], population="finished").iloc[0]
    assert np.isnan(row["rate"])
    assert (row["verdict"], row["covered_share"]) == ("inconclusive", 0.6)
    assert (row["lower"], row["upper"]) == pytest.approx((0.48, 0.98))


def test_what_can_still_come_limits_what_is_needed() -> None:
    frame = cells(("A", 20, 18, 40), ("B", 20, 20, 22), names="office answered satisfied finished")
    table = summary(frame, by=["office"], population="finished")
    # 18 more satisfied of the 20 left make 36 of 40 certain; nothing is missing where 20 of 22 are satisfied.
    assert table["needed_if_all_satisfied"].tolist() == [18, 0]
    assert table["needed_if_all_dissatisfied"].tolist() == [3, pd.NA]


def test_five_levels_give_the_mean_score() -> None:
    levels = [2, 3, 10, 45, 40]
    frame = pd.DataFrame([{"answered": 100, "satisfied": 85} | {f"level_{i + 1}": c for i, c in enumerate(levels)}])
    row = summary(frame).iloc[0]
    score = mean_score(levels)
    assert (row["mean"], row["mean_lower"], row["index"]) == pytest.approx((score.mean, score.lower, score.index))


def test_weighted_answers_are_judged_at_the_effective_number() -> None:
    weights = np.array([1.0, 1, 1, 1, 2, 2, 4, 8])
    happy = np.array([1, 1, 0, 1, 1, 1, 1, 1])
    sums = {"weight": weights.sum(), "weight_satisfied": weights @ happy, "weight_squares": (weights**2).sum()}
    row = summary(pd.DataFrame([{"answered": 8, "satisfied": 7, **sums}])).iloc[0]
    assert row["n_eff"] == pytest.approx(kish(weights).n_eff)
    assert row["rate"] == pytest.approx(0.95)
    assert row["upper"] - row["lower"] > assess(7, 8).upper - assess(7, 8).lower
    assert row["needed_if_all_satisfied"] is pd.NA


def test_equal_weights_change_nothing() -> None:
    plain = pd.DataFrame([{"answered": 500, "satisfied": 475}])
    doubled = plain.assign(weight=1000.0, weight_satisfied=950.0, weight_squares=2000.0)
    left, right = summary(plain).iloc[0], summary(doubled).iloc[0]
    for name in ("rate", "lower", "upper", "p_met", "p_not_met"):
        assert left[name] == pytest.approx(right[name], rel=1e-12)
    assert left["verdict"] == right["verdict"] == "met"


def test_calls_of_the_silent_give_figures_of_all_cases_each_office_being_a_sample_of_its_own() -> None:
    names = "office answered satisfied cases called called_satisfied unreached"
    frame = cells(("A", 190, 169, 1000, 60, 41, 0), ("B", 472, 430, 2540, 120, 96, 9), names=names)
    rows, whole = summary(frame, ["office"], population="cases"), total(frame, ["office"], population="cases").iloc[0]
    columns = (frame[name].to_numpy() for name in ("cases", "answered", "satisfied", "called", "called_satisfied"))
    counts = [*columns]
    parts, both = (function(*counts, unreached=frame["unreached"]) for function in (call_back_rate, call_back_total))
    assert rows["all_lower"].tolist() == parts.lower.tolist()
    assert rows["all_upper"].tolist() == parts.upper.tolist()
    assert rows["all_verdict"].tolist() == ["not_met", "inconclusive"]
    assert (rows["all_rate"][0], rows["silent_lower"][0]) == (parts.rate[0], parts.silent_lower[0])
    assert math.isnan(rows["all_rate"][1])
    assert rows["all_rate_if_alike"].tolist() == parts.if_alike.rate.tolist()
    assert (whole["all_lower"], whole["all_upper"], whole["all_verdict"]) == (both.lower, both.upper, "not_met")
    assert (whole["silent_upper"], whole["all_rate_if_alike"]) == (both.silent_upper, both.if_alike.rate)
    assert math.isnan(whole["all_rate"])
    assert "all_rate" not in summary(frame, ["office"])


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (cells(("A", 1, 2)), "k must not exceed n"),
        (cells(("A", 1.5, 1)), "whole numbers"),
        (cells(("A", 10), names="office answered"), "no column satisfied; there are: office, answered"),
        (
            cells(
                ("A", 9, 8, *[1] * 5), names="office answered satisfied " + " ".join(f"level_{i}" for i in range(1, 6))
            ),
            "add up to answered",
        ),
    ],
)
def test_impossible_tables_are_refused_in_plain_words(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        summary(frame, by=["office"])


def test_the_frame_given_is_not_changed() -> None:
    frame = cells(("A", 10, 9), ("A", 5, 5))
    before = frame.copy()
    summary(frame, by=["office"])
    pd.testing.assert_frame_equal(frame, before)
