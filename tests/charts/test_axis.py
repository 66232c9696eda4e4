"""The axis that rows have in common: it begins at a written share, never above the lowest one, and holds its width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.charts.axis import NARROWEST, WIDEST, Axis, axis_for


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7, 0.8])  # 0.7 / 0.1 is a little less than seven in binary
def test_a_share_on_a_written_step_begins_the_axis(share: float) -> None:
    assert axis_for([share, 0.9]).first == share


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_an_axis_holds_its_shares_between_its_widest_and_narrowest(shares: list[float]) -> None:
    axis = axis_for(shares)
    assert WIDEST <= axis.first <= NARROWEST
    assert axis.first <= min(shares) or axis.first == WIDEST
    assert axis.ticks()[0] == axis.first and axis.ticks()[-1] == 1.0
    assert all(0 <= axis.at(share) <= 100 for share in shares)


def test_places_are_written_with_two_decimals() -> None:
    assert [Axis(0.7).at(share) for share in (0.8, 0.9, 0.95)] == [33.33, 66.67, 83.33]
