"""The lines of lists and tables: one unit or procedure each, its channels side by side, in a chosen order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from analysis import Verdict
from survey.i18n import sort_key
from survey.models import Channel
from survey.results.channel_names import REFERENCE
from survey.results.figures import Figures
from survey.results.live_counts import MEASURES
from survey.results.open_cohort import COHORT_SHOWN
from survey.results.rows import FiguresRow, JudgedRow, name_of

VERDICT_ORDER = {"not_met": 0, "inconclusive": 1, "met": 2}
NOTHING = JudgedRow(  # of answers to no one procedure, where none came by invitation
    **dict.fromkeys((*MEASURES, *COHORT_SHOWN), 0),
    rated_satisfied=0,
    needed_if_all_satisfied=None,
    needed_if_all_dissatisfied=None,
    needed_if_rate_holds=None,
    withheld="",
    pooled="",
    id=0,
    code="",
    name={},
    rate=None,
    lower=0.0,
    upper=1.0,
    mean=None,
    mean_lower=None,
    mean_upper=None,
    index=None,
    suppress=False,
    flag_complement=False,
    review=False,
    verdict=Verdict.INCONCLUSIVE,
    p_met=1.0,
    p_not_met=1.0,
    named=False,
    response_rate=None,
    possible_lower=0.0,
    possible_upper=1.0,
    break_even=None,
    certain="",
)


@dataclass(frozen=True)
class DashboardRow:
    """One unit or procedure."""

    id: int
    code: str
    name: str
    judged: JudgedRow
    beside: Mapping[Channel, FiguresRow]  # what came by channels that are not judged, where anything did


SortValue: TypeAlias = Callable[[DashboardRow], Any]


def _rate_by(channel: Channel, line: DashboardRow) -> float | None:
    return line.beside[channel].rate if channel in line.beside else None


SORTS: Mapping[str, SortValue] = {
    "name": lambda line: sort_key(line.name),
    "verdict": lambda line: VERDICT_ORDER[line.judged.verdict] if line.judged.shown else None,
    "rate": lambda line: line.judged.rate,
    "lower": lambda line: line.judged.lower if line.judged.shown or not line.judged.answered else None,
    "answered": lambda line: line.judged.answered,
    "response": lambda line: line.judged.response_rate,
    **{channel.name.lower(): partial(_rate_by, channel) for channel in REFERENCE},
}


def lines(figures: Figures, order: str = "") -> list[DashboardRow]:
    """Return the lines in the order asked for ("rate", "-rate"; else as the figures have them: by kind, then name)."""
    judged = {row.id: row for row in figures.judged.rows}
    others = {channel: {row.id: row for row in figures.channels[channel].rows} for channel in REFERENCE}
    rows: dict[int, FiguresRow] = {key: row for rows in reversed(others.values()) for key, row in rows.items()} | judged
    every = [
        DashboardRow(
            *(row.id, row.code, name_of(row), judged.get(key, NOTHING)),
            {channel: rows[key] for channel, rows in others.items() if key in rows},
        )
        for key, row in rows.items()
    ]
    name = order.removeprefix("-")
    return ordered(every, SORTS[name], order.startswith("-")) if name in SORTS else every


def ordered(given: Sequence[DashboardRow], read: SortValue, backwards: bool) -> list[DashboardRow]:
    """Return lines by what is read of them; those that have nothing stand last either way."""
    some = [line for line in given if read(line) is not None]
    return sorted(some, key=read, reverse=backwards) + [line for line in given if read(line) is None]
