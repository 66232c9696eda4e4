"""Where rows stand on one strip: all on one axis, from the lowest rate to the highest, outliers with their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis import Verdict
from survey.charts.axis import Axis, axis_for
from survey.results import caveats
from survey.results.rows import JudgedRow

LETTER, NARROWEST = 7.3, 576  # pixels: of a bold letter of a chart, and of the strip where names stand beside intervals
NUMBERS = 13  # letters of rate and answers behind a name


@dataclass(frozen=True)
class StripRow:
    """A row with its place.

    `named`: its verdict is told, so its name stands there; on which `side` of its interval it has room: "start"
    (before it), "end" (after it), or "above" where it has on neither.
    """

    name: str
    row: JudgedRow
    named: bool
    side: str


@dataclass(frozen=True)
class Strip:
    """The rows that have answers enough for a verdict, lowest rate first, and the axis that they have in common."""

    axis: Axis
    rows: tuple[StripRow, ...]


def strip(rows: Iterable[tuple[str, JudgedRow]], target: float) -> Strip:
    """Return the strip of named rows; without those of few answers, and those that are pooled or withheld."""
    judged = [(name, row) for name, row in rows if caveats.judged(row) and not row.pooled]
    drawn = sorted(judged, key=lambda one: (one[1].rate or 0.0, one[1].lower, one[1].id))
    axis = axis_for([*(row.lower for _, row in drawn), target])
    return Strip(axis, tuple(_placed(name, row, axis) for name, row in drawn))


def _placed(name: str, row: JudgedRow, axis: Axis) -> StripRow:
    needed = 100 * LETTER * (len(name) + NUMBERS) / NARROWEST
    room = {"start": axis.at(row.lower), "end": 100 - axis.at(row.upper)}
    side = next((side for side in sorted(room, key=lambda one: -room[one]) if room[side] >= needed), "above")
    return StripRow(name, row, row.verdict != Verdict.INCONCLUSIVE, side)
