"""The answers needed while the share holds, against trying every total one after the other."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom

from analysis._responses_needed_search import least_total
from analysis.verdict import responses_needed

LONGEST = 4000


def one_by_one(k: int, n: int, share: Fraction) -> float:
    totals = np.arange(n, LONGEST)
    proven = np.flatnonzero(binom.sf(k * totals // n - 1, totals, float(share)) <= 0.025 * (1 + 1e-9))
    return totals[proven[0]] if proven.size else np.nan


@given(st.integers(1, 250), st.data(), st.sampled_from(["9/10", "1/10", "1/2", "7/8"]))
def test_no_smaller_total_proves_it(n: int, data: st.DataObject, target: str) -> None:
    share = Fraction(target)
    k = data.draw(st.integers(0, n))
    assume(Fraction(k, n) > share)
    result = least_total(np.array([k]), np.array([n]), share, 0.025, LONGEST - 1)[0]
    assert result == pytest.approx(one_by_one(k, n, share), nan_ok=True)


def test_many_cells_at_once_say_what_each_says_alone() -> None:
    random = np.random.default_rng(7)
    n = random.integers(1, 3000, 200)
    k = random.binomial(n, 0.92)
    together = responses_needed(k, n).if_rate_holds
    alone = [responses_needed(int(x), int(m)).if_rate_holds for x, m in zip(k, n, strict=True)]
    np.testing.assert_array_equal(together, np.array(alone, dtype=float))
