"""The counts cube against pandas, which counts the same people another way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import counts
from analysis.counts import CountCube, tally

LABELS = {"agency": ["A", "B", "C"], "month": ["2026-10", "2026-11"]}


def people(rows: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = {"agency": rng.integers(0, 3, rows), "month": rng.integers(0, 2, rows)}
    frame |= {question: rng.integers(0, 6, rows) for question in ("S1", "S2")}
    return pd.DataFrame(frame).astype({"agency": np.uint16, "month": np.uint8, "S1": np.uint8, "S2": np.int64})


def cube_of(frame: pd.DataFrame) -> CountCube:
    codes = {axis: frame[axis].to_numpy() for axis in LABELS}
    return tally(codes, {question: frame[question].to_numpy() for question in ("S1", "S2")}, LABELS)


@pytest.mark.parametrize("rows", [0, 1, 999, counts.CHUNK_ROWS, counts.CHUNK_ROWS * 2 + 1])
def test_every_cell_equals_what_pandas_counts(rows):
    frame = people(rows)
    cube = cube_of(frame)
    assert cube.counts.shape == (3, 2, 2, 6)
    assert cube.counts.dtype == np.int64
    assert cube.axes == ("agency", "month", "question")
    for place, question in enumerate(("S1", "S2")):
        by_hand = frame.groupby(["agency", "month", question]).size()
        for (agency, month, rating), count in by_hand.items():
            assert cube.counts[agency, month, place, rating] == count
        assert cube.counts[:, :, place].sum() == rows


def test_satisfied_and_answered_follow_the_definition():
    cube = tally({"agency": np.array([0, 0, 0, 1])}, np.array([5, 4, 0, 3]), {"agency": ["A", "B"]})
    assert cube.satisfied.tolist() == [2, 0]
    assert cube.answered.tolist() == [2, 1]
    assert cube.levels.tolist() == [[0, 0, 0, 1, 1], [0, 0, 1, 0, 0]]


def test_a_marginal_sums_the_other_axes_and_keeps_the_order_asked():
    cube = cube_of(people(5000))
    turned = cube.marginal("month", "agency")
    assert turned.axes == ("month", "agency")
    np.testing.assert_array_equal(turned.counts, cube.counts.sum(axis=2).transpose(1, 0, 2))
    assert dict(turned.labels) == {"month": tuple(LABELS["month"]), "agency": tuple(LABELS["agency"])}
    assert cube.marginal().counts.shape == (6,)
    for wrong in (("year",), ("month", "month")):
        with pytest.raises(ValueError, match=r"axis"):
            cube.marginal(*wrong)


def test_a_large_cube_is_counted_in_longer_pieces():
    rng = np.random.default_rng(2)
    agency, rating = rng.integers(0, 20_000, 300_000), rng.integers(0, 6, 300_000)
    cube = tally({"agency": agency}, rating, {"agency": range(20_000)})
    np.testing.assert_array_equal(cube.counts.ravel(), np.bincount(agency * 6 + rating, minlength=120_000))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 5), st.integers(0, 5))), st.randoms())
def test_the_order_of_people_and_reading_in_pieces_change_nothing(rows, random):
    frame = pd.DataFrame(rows, columns=["agency", "month", "S1", "S2"], dtype=np.int64)
    cube = cube_of(frame)
    order = list(range(len(rows)))
    random.shuffle(order)
    np.testing.assert_array_equal(cube_of(frame.iloc[order]).counts, cube.counts)
    half = len(rows) // 2
    np.testing.assert_array_equal((cube_of(frame[:half]) + cube_of(frame[half:])).counts, cube.counts)


def test_cubes_over_other_cells_do_not_add_up():
    cube = cube_of(people(5))
    with pytest.raises(ValueError, match="same cells"):
        cube + cube.marginal("agency")


@pytest.mark.parametrize(
    ("codes", "rating"),
    [
        ([0, 3], [1, 1]),
        ([0, -1], [1, 1]),
        ([0, 1], [1, 6]),
        ([0, 1], [1, -1]),
        ([0, 1], [1.0, 2.5]),
        ([0, 1, 2], [1, 1]),
        ([[0, 1]], [1, 1]),
    ],
)
def test_what_cannot_be_counted_is_refused_by_name(codes, rating):
    with pytest.raises(ValueError, match=r"codes of agency|ratings"):
        tally({"agency": np.array(codes)}, np.array(rating), {"agency": ["A", "B", "C"]})
