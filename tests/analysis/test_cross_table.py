from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.publication import suppress_cross_table
from tests.analysis.test_publication import cells, extremes


def equations(rows, columns):
    """Return one equation per line of a table with totals: its counts minus its total are 0."""
    result = []
    for line in range(max(rows, columns) + 1):
        for place, length in (((line, slice(None)), rows), ((slice(None), line), columns)):
            if line <= length:
                table = np.zeros((rows + 1, columns + 1))
                table[place] = 1
                table[place][-1] = -1
                result.append(table.ravel())
    return result


@settings(deadline=None, max_examples=100)
@given(hnp.arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=cells), st.integers(2, 6))
def test_no_hidden_count_is_recovered_from_row_and_column_totals(n, threshold):
    result = suppress_cross_table(n, threshold)
    lines = equations(*n.shape)
    values, hidden = result.n.ravel(), result.hidden.ravel()
    assert (np.array(lines) @ values == 0).all()
    assert len(lines) == sum(n.shape) + 2
    assert all(least < most for least, most in extremes(lines, [0] * len(lines), values, hidden))
    assert (hidden | (values == 0) | (values >= threshold)).all()


def test_the_smallest_rectangle_is_hidden_and_totals_stay():
    result = suppress_cross_table([[3, 20, 30], [40, 9, 25], [50, 60, 70]])
    assert result.primary.sum() == 1
    assert np.argwhere(result.secondary).tolist() == [[0, 1], [1, 0], [1, 1]]


def test_small_cells_that_protect_each_other_hide_nothing_else():
    result = suppress_cross_table([[3, 2, 30], [4, 4, 25]])
    assert np.argwhere(result.hidden).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert not suppress_cross_table([[0, 5], [9, 0]]).hidden.any()


@pytest.mark.parametrize(
    ("n", "hidden"),
    [
        ([[20, 0, 0], [9, 3, 8], [1, 12, 6]], [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]),
        ([[9, 3, 0], [0, 12, 1], [8, 20, 20]], [[1, 1, 0, 0], [0, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0]]),
    ],
)
def test_what_is_hidden_already_protects_the_next_and_zeros_stay(n, hidden):
    assert suppress_cross_table(n).hidden.astype(int).tolist() == hidden


def test_a_single_small_cell_takes_its_totals_with_it():
    assert suppress_cross_table([[3]]).hidden.all()
    one_row = suppress_cross_table([[3, 50]])
    assert one_row.hidden[0, 0]
    assert one_row.hidden[1, 0]


@settings(deadline=None, max_examples=60)
@given(hnp.arrays(np.int64, (3, 3), elements=st.sampled_from([0, 0, 0, 1, 2, 9])))
def test_tables_of_many_zeros_are_safe_too(n):
    result = suppress_cross_table(n)
    lines = equations(3, 3)
    limits = extremes(lines, [0] * len(lines), result.n.ravel(), result.hidden.ravel())
    assert all(least < most for least, most in limits)


@pytest.mark.parametrize(("n", "threshold"), [([1, 2], 5), ([[1, -2]], 5), ([[1]], 0), ([[]], 5)])
def test_what_is_no_table_is_refused(n, threshold):
    with pytest.raises(ValueError, match="must"):
        suppress_cross_table(n, threshold)
