"""A city's real survey, from answers to counts to verdicts, by district and by channel."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.counts import CountCube, tally
from analysis.interval import newcombe
from analysis.verdict import assess
from tests.analysis import golden
from tests.analysis.kansas_city import residents


def by_group(item: str, column: str) -> CountCube:
    frame = residents()
    groups = frame[column].dropna().unique().tolist()
    rows_of_groups = frame[frame[column].isin(groups)]
    rating = rows_of_groups[item].where(rows_of_groups[item].between(1, 5), 0).to_numpy().astype(np.uint8)
    place = rows_of_groups[column].map(groups.index).to_numpy().astype(np.uint8)
    return tally({column: place}, rating, {column: groups})


def counts(cube: CountCube, group: object) -> tuple[int, int]:
    place = cube.labels[cube.axes[0]].index(group)
    return int(cube.satisfied[place]), int(cube.answered[place])


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "item_by_group"))
def test_each_district_equals_the_reference_values(row):
    k, n = counts(by_group(row.inputs["item"], row.inputs["group_column"]), row.inputs["group"])
    assert (k, n) == (row.expected["k"], row.expected["n"])


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "item_by_group"))
def test_the_limits_of_each_district_follow_from_its_counts(row):
    got = assess(row.expected["k"], row.expected["n"])
    assert (got.rate, got.lower, got.upper) == row.near(
        tuple(row.expected[name] for name in ("share", "cp_lower", "cp_upper"))
    )


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "difference_by_channel"))
def test_the_channels_are_counted_apart(row):
    cube = by_group(row.inputs["item"], row.inputs["group_column"])
    first, second = counts(cube, row.inputs["group1"]), counts(cube, row.inputs["group2"])
    assert (*first, *second) == tuple(row.expected[name] for name in ("k1", "n1", "k2", "n2"))


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "difference_by_channel"))
def test_the_difference_of_the_channels_follows_from_their_counts(row):
    got = newcombe(*(row.expected[name] for name in ("k1", "n1", "k2", "n2")))
    assert got == row.near(tuple(row.expected[name] for name in ("difference", "newcombe_lower", "newcombe_upper")))
