"""What the rows of a list are called, in which group and order they stand, and how wide their axis is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from survey.i18n import speaking
from survey.models import Channel
from survey.results.channel_names import REFERENCE
from survey.results.disclosure import Withheld
from survey.results.figures import By
from survey.results.rows import JudgedRow
from survey.web.staff.dashboard_rows import NOTHING
from survey.web.staff.listed_rows import RowList, row_list, standing_of
from tests.support.figures import assessed


def row(satisfied: int, answered: int, number: int = 1, withheld: Withheld = "", named: bool = False) -> JudgedRow:
    counted = assessed(satisfied, answered)
    return replace(counted, id=number, name={"vi": str(number)}, withheld=withheld, pooled="", named=named)


def listed(rows: Sequence[JudgedRow], by: By = "unit", opened: Sequence[JudgedRow] = (), **asked: str) -> RowList:
    """Return the list of these rows; rows with odd numbers stand in a group with a name."""
    beside = {channel: SimpleNamespace(rows=opened if channel == Channel.OPEN else ()) for channel in REFERENCE}
    figures: Any = SimpleNamespace(by=by, judged=SimpleNamespace(rows=rows), channels=beside)
    with speaking("vi"):
        return row_list(figures, {}, lambda line: (str(line.id), "Hộ tịch" if line.id % 2 else ""), **asked)


@pytest.mark.parametrize(
    ("withheld", "standing"), [("open", "hidden"), ("others", "hidden"), ("few", "few"), ("", "not_met")]
)
def test_why_a_row_is_not_shown_tells_few_answers_from_those_that_others_would_give_away(
    withheld: Withheld, standing: str
) -> None:
    assert standing_of(row(20, 60, withheld=withheld)) == standing


def test_answers_for_reference_alone_are_something_to_list() -> None:
    nothing = replace(NOTHING, id=1, name={"vi": "1"})
    assert listed([nothing], opened=[row(9, 12)]).heard
    assert not listed([nothing]).heard


def test_of_rows_that_missed_the_target_the_certain_ones_stand_first() -> None:
    [group] = listed([row(20, 60, 1), row(30, 60, 3, named=True), row(25, 60, 5)]).groups
    assert [one.name for one in group.rows] == ["3", "1", "5"]


def test_procedures_of_no_field_stand_last_whatever_they_missed() -> None:
    groups = listed([row(20, 60, 2, named=True), row(59, 60, 1)], "procedure").groups
    assert [group.name for group in groups] == ["Hộ tịch", ""]


def test_the_axis_is_that_of_all_rows_whichever_are_shown_and_no_wide_interval_of_few_answers_stretches_it() -> None:
    rows = [row(55, 60, 1), row(41, 60, 3)]
    whole = listed(rows).axis
    assert whole.first == 0.5 and listed(rows, only="inconclusive").axis == listed(rows, only="met").axis == whole
    assert listed([row(119, 120, 1), row(10, 12, 3)]).axis.first == 0.8
