"""Working once per distinct cell gives what working on every cell gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis._unique_rows import WORTH_SORTING, by_unique_rows


@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 10**6, 2**40]))
def test_every_cell_gets_its_own_result(seed, most):
    rng = np.random.default_rng(seed)
    rows = WORTH_SORTING + int(rng.integers(0, 9))
    few = rng.integers(0, most, 5)
    columns = [rng.choice(few, rows) for _ in range(3)]
    asked = []

    def weigh(a, b, c):
        asked.append(a.size)
        return a - 3 * b, c % 7

    first, second = by_unique_rows(weigh, *columns)
    np.testing.assert_array_equal(first, columns[0] - 3 * columns[1])
    np.testing.assert_array_equal(second, columns[2] % 7)
    assert asked[0] <= 125 or most == 2**40, "three columns of five values have 125 combinations at most"


@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (2, WORTH_SORTING)])
def test_the_shape_stays(shape):
    (got,) = by_unique_rows(lambda a, b: (a + b,), np.ones(shape, np.int64), np.int64(2))
    assert got.shape == shape
    assert (got == 3).all()
