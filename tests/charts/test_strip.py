"""The strip of rows: who has a verdict is named, who has few answers is left out, and names have room."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from survey.charts.strip import LETTER, NARROWEST, NUMBERS, strip
from survey.results.rows import JudgedRow
from tests.support.figures import assessed

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def row(k: int, n: int, number: int = 1, **more: object) -> JudgedRow:
    return replace(assessed(k, n), id=number, withheld="", pooled="", **more)


@given(st.lists(st.tuples(st.text("abc ơ", min_size=1, max_size=60), COUNTS), max_size=12))
def test_rows_stand_from_low_to_high_and_no_name_runs_out_of_its_picture(
    asked: list[tuple[str, tuple[int, int]]],
) -> None:
    rows = [(name, row(k, n, number)) for number, (name, (k, n)) in enumerate(asked)]
    drawn = strip(rows, 0.9)
    assert {one.row.id for one in drawn.rows} == {one.id for _, one in rows if one.answered >= 30}
    rates = [one.row.rate or 0.0 for one in drawn.rows]
    assert rates == sorted(rates)
    for one in drawn.rows:
        assert one.named is (one.row.verdict != "inconclusive")
        length = 100 * LETTER * (len(one.name) + NUMBERS) / NARROWEST
        room = {"start": drawn.axis.at(one.row.lower), "end": 100 - drawn.axis.at(one.row.upper), "above": length}
        assert room[one.side] >= length


def test_rows_that_are_withheld_or_pooled_are_not_drawn() -> None:
    rows = [row(50, 60), replace(row(50, 60, 2), withheld="others"), replace(row(50, 60, -1), pooled="unit")]
    assert [one.row.id for one in strip([("Xã", one) for one in rows], 0.9).rows] == [1]
