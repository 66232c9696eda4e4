"""Overlapping periods: whatever they tell, no sum of fewer answers than may be shown follows from all together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.publication import suppress_over_time

LIMIT = 10


def menu(months: int) -> list[tuple[int, int]]:
    """The periods closed in a year of half months, each as it ends: months of both kinds, quarters, halves."""
    spans = []
    for month in range(months):
        spans += [(2 * month - 1, 2 * month + 1)] if month else []
        spans.append((2 * month, 2 * month + 2))
        spans += [(2 * month - 2 * ahead, 2 * month + 2) for ahead in (2, 5, 8, 11) if (month + 1) % (ahead + 1) == 0]
    return spans


def small_sums_told(n: np.ndarray, spans: list[tuple[int, int]]) -> list[tuple[object, int, int]]:
    """Return the rows and times of fewer answers than the limit that are a sum of what is told: by linear algebra."""
    hidden = suppress_over_time(n, spans, LIMIT)
    told = []
    for place, (i, j) in enumerate(spans):
        lines = [] if hidden.total[place] else [slice(None), *np.flatnonzero(~hidden.rows[place])]
        for line in lines:
            told.append(np.zeros(n.shape))
            told[-1][line, i:j] = 1
    answered = n.ravel() > 0
    if not told or not answered.any():
        return []
    _, sizes, vectors = np.linalg.svd(np.array([one.ravel()[answered] for one in told]), full_matrices=False)
    basis = vectors[sizes > 1e-9]
    found = []
    for line in (slice(None), *range(len(n))):
        for i in range(n.shape[1]):
            for j in range(i + 1, n.shape[1] + 1):
                cell = np.zeros(n.shape)
                cell[line, i:j] = 1
                asked = cell.ravel()[answered]
                if 0 < (cell * n).sum() < LIMIT and np.linalg.norm(asked - basis.T @ (basis @ asked)) < 1e-7:
                    found.append((line, i, j))
    return found


@given(
    st.integers(1, 5).flatmap(
        lambda rows: st.integers(1, 9).flatmap(
            lambda slices: st.tuples(
                st.lists(st.lists(st.integers(0, 30), min_size=slices, max_size=slices), min_size=rows, max_size=rows),
                st.lists(
                    st.tuples(st.integers(0, slices - 1), st.integers(1, slices)).map(
                        lambda pair: (pair[0], max(pair[0] + 1, pair[1]))
                    ),
                    max_size=10,
                ),
            )
        )
    )
)
def test_no_small_sum_follows_from_any_periods(table: tuple[list[list[int]], list[tuple[int, int]]]) -> None:
    n, spans = np.array(table[0]), table[1]
    assert small_sums_told(n, spans) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_year_of_months_of_both_kinds_quarters_and_halves_tells_nothing_small(seed: int, campaign: bool) -> None:
    for turn in range(40 if campaign else 2):
        rng = np.random.default_rng([seed, turn])
        rows = rng.integers(2, 8)
        n = rng.poisson(rng.gamma(0.6, 9, rows)[:, None], (rows, 24))
        assert small_sums_told(n, menu(12)) == []


def test_what_was_told_stays_told_whatever_comes_later() -> None:
    rng = np.random.default_rng(7)
    n, spans = rng.poisson(rng.gamma(0.6, 9, 6)[:, None], (6, 24)), menu(12)
    every = suppress_over_time(n, spans, LIMIT)
    for place in range(1, len(spans)):
        seen = n.copy()
        seen[:, max(j for _, j in spans[:place]) :] = 0  # later answers have not come yet
        before = suppress_over_time(seen, spans[:place], LIMIT)
        assert before.rows.tolist() == every.rows[:place].tolist()
        assert before.total.tolist() == every.total[:place].tolist()


def test_little_is_hidden_that_has_enough_answers() -> None:
    rng = np.random.default_rng(1)
    n, spans = rng.poisson(rng.gamma(0.5, 6, 30)[:, None], (30, 24)), menu(12)
    hidden = suppress_over_time(n, spans, LIMIT)
    enough = np.array([n[:, i:j].sum(axis=1) >= LIMIT for i, j in spans])
    assert not hidden.total.any()
    assert (~hidden.rows & enough).sum() > 0.85 * enough.sum()


@pytest.mark.parametrize(
    ("n", "spans", "rows", "total"),
    [
        ([[4], [40]], [(0, 1)], [[True, True]], [False]),  # one hidden row alone would be the total minus the other
        ([[4], [7], [40]], [(0, 1)], [[True, True, False]], [False]),
        ([[4], [4], [40]], [(0, 1)], [[True, True, True]], [False]),
        ([[4], [3]], [(0, 1)], [[True, True]], [True]),
        ([[12, 3]], [(0, 1), (0, 2)], [[False], [True]], [False, True]),  # the later period minus the earlier one
        ([[12, 30]], [(0, 1), (0, 2)], [[False], [False]], [False, False]),
        ([[0, 12]], [(0, 2), (1, 2)], [[False], [False]], [False, False]),  # the same answers twice
        # With its rows the second period would tell what nine said in the first: 20 minus the difference of the totals.
        ([[1, 9, 10], [0, 20, 0]], [(1, 2), (0, 3)], [[True, True], [True, True]], [False, True]),
    ],
)
def test_examples(n: list[list[int]], spans: list[tuple[int, int]], rows: object, total: object) -> None:
    hidden = suppress_over_time(n, spans, LIMIT)
    assert (hidden.rows.tolist(), hidden.total.tolist()) == (rows, total)


@pytest.mark.parametrize(
    ("n", "spans", "threshold"), [([1, 2], [], 5), ([[1]], [(0, 2)], 5), ([[1]], [(1, 1)], 5), ([[1]], [], 0)]
)
def test_impossible_questions_are_refused(n: object, spans: list[tuple[int, int]], threshold: int) -> None:
    with pytest.raises(ValueError, match="n must be a table"):
        suppress_over_time(n, spans, threshold)  # type: ignore[arg-type]
