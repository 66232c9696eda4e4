from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.call_back import answered_by_others
from analysis.interval import hypergeometric
from analysis.verdict import Verdict, assess


def test_the_share_of_answers_by_others_has_exact_limits_out_of_all_answers():
    result = answered_by_others(300, 280, 100, 45)
    assert (result.share, result.lower, result.upper) == (0.45, 111 / 300, 160 / 300)
    assert result.most == 160
    assert (result.response_rate, result.called, result.others) == (1, 100, 45)


def test_those_not_reached_count_as_themselves_below_and_as_others_above():
    result = answered_by_others(300, 280, 100, 5, unreached=10)
    assert result.share is None
    assert (result.lower, result.upper) == (hypergeometric(5, 100, 300).lower, hypergeometric(15, 100, 300).upper)
    assert result.response_rate == 0.9


@given(st.data())
def test_a_verdict_turns_where_any_removal_of_so_many_answers_turns_it(data):
    n = data.draw(st.integers(1, 400))
    k = data.draw(st.one_of(st.integers(0, n), st.integers(9 * n // 10, n)))
    m = data.draw(st.integers(1, n))
    x = data.draw(st.integers(0, min(m, 3)))
    result = answered_by_others(n, k, m, x)
    judged = assess(k, n)
    assert result.verdict is judged.verdict
    if judged.verdict is Verdict.INCONCLUSIVE:
        assert not result.can_turn
        return
    removals = {(s, d) for s in range(min(result.most, k) + 1) for d in {0, min(result.most - s, n - k)}}
    others = {assess(k - s, n - s - d).verdict for s, d in removals}
    assert result.can_turn == (others != {judged.verdict})
    assert result.verdict_without in others


def test_a_census_and_nobody_called():
    known = answered_by_others(500, 475, 500, 20)
    assert (known.share, known.lower, known.upper, known.most) == (0.04, 0.04, 0.04, 20)
    assert (known.verdict, known.verdict_without, known.can_turn) == (Verdict.MET, Verdict.MET, False)
    nobody = answered_by_others(500, 475, 0, 0)
    assert (nobody.share, nobody.lower, nobody.upper, nobody.response_rate) == (None, 0, 1, None)
    assert nobody.can_turn
    missed = answered_by_others(500, 300, 400, 0)
    assert (missed.verdict, missed.can_turn) == (Verdict.NOT_MET, False)
    certain = answered_by_others(190, 182, 190, 1, population=200, design="random")
    assert (certain.verdict, certain.verdict_without) == (Verdict.MET, Verdict.MET)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((5, 5, 6, 0), "called must not exceed answered"),
        ((5, 5, 3, 4), "others and unreached"),
        ((5, 6, 3, 0), "k must not exceed n"),
        ((5, 5, 3, -1), "others must not be negative"),
    ],
)
def test_impossible_counts_are_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        answered_by_others(*counts)
