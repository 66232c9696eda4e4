"""The rows of the lists of units and procedures: what each has to be called, in which group it stands, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey.charts.axis import Axis, axis_for
from survey.i18n import gettext, msgid, ngettext, number, sort_key
from survey.results.caveats import judged as has_verdict
from survey.results.figures import Figures
from survey.results.overview_text import TALLIES
from survey.results.rows import JudgedRow
from survey.results.trends import RateChange
from survey.results.withholding import POOLED
from survey.web.staff.dashboard_rows import SORTS, DashboardRow, lines, ordered

STANDINGS = {  # in the order in which they are listed
    "not_met": msgid("Not met"),
    "inconclusive": msgid("Inconclusive"),
    "met": msgid("Met"),
    "few": msgid("Few answers"),
    "hidden": msgid("Not shown"),
    "none": msgid("No answers"),
}
DRAWN = ("not_met", "inconclusive", "met", "few")
ORDERS = {  # by which the list can be put in order, and which way round it is first
    "": msgid("Not met first, then by rate"),
    "name": msgid("By name"),
    "rate": msgid("Lowest rate first"),
    "-rate": msgid("Highest rate first"),
    "-answered": msgid("Most answers first"),
    "change": msgid("Largest fall first"),
}


@dataclass(frozen=True)
class ListedRow:
    """One unit or procedure in a list; `standing` is its verdict, or why there is none."""

    line: DashboardRow
    name: str
    group: str
    standing: str
    change: RateChange | None

    @property
    def row(self) -> JudgedRow:
        """Return its answers by invitation."""
        return self.line.judged

    @property
    def drawn(self) -> bool:
        """Return whether a rate and an interval of it are shown."""
        return self.row.shown


@dataclass(frozen=True)
class RowGroup:
    """The rows that stand below one heading: with an interval, with answers that are not shown, and without any."""

    name: str
    rows: tuple[ListedRow, ...]

    @property
    def drawn(self) -> list[ListedRow]:
        """Return the rows that have an interval."""
        return [row for row in self.rows if row.drawn]

    def withheld(self, standing: str) -> list[ListedRow]:
        """Return the rows of a standing of which only the number of answers is shown."""
        return [row for row in self.rows if row.standing == standing and not row.drawn]

    @property
    def silent(self) -> list[ListedRow]:
        """Return the rows without an answer."""
        return [row for row in self.rows if not row.row.answered]

    @property
    def tally(self) -> list[tuple[str, str]]:
        """Return each standing with its number of rows, in words."""
        return tally(self.rows)


@dataclass(frozen=True)
class RowList:
    """A list: all rows, those that are asked for in their groups, and the one axis on which they are drawn.

    `pool`: the rows that are withheld, together, where that may be told.
    """

    every: tuple[ListedRow, ...]
    groups: tuple[RowGroup, ...]
    pool: ListedRow | None
    axis: Axis

    @property
    def heard(self) -> bool:
        """Return whether there is anything to list: a finished case, or an answer by any channel."""
        lines = [one.line for one in self.every]
        answers = [part.answered for line in lines for part in (line.judged, *line.beside.values())]
        return any(answers) or any(line.judged.finished for line in lines)

    @property
    def numbers(self) -> Mapping[str, int]:
        """Return the number of rows by standing."""
        return Counter(one.standing for one in self.every)


def standing_of(row: JudgedRow) -> str:
    """Return what a row is listed as: its verdict, or why it has none."""
    if not row.answered:
        return "none"
    if has_verdict(row):
        return str(row.verdict)
    return "hidden" if row.withheld in ("open", "others") else "few"


def row_list(
    figures: Figures,
    moved: Mapping[int, RateChange],
    named: Callable[[DashboardRow], tuple[str, str]],
    order: str = "",
    only: str = "",
) -> RowList:
    """Return the rows of figures in the order asked for, those of one standing `only` if it is one.

    Without an order they stand in groups, worst and certain first. `named` gives the name and the group of a row.
    """
    every = [
        ListedRow(line, *named(line), standing_of(line.judged), moved.get(line.id))
        for line in lines(figures)
        if line.id != POOLED  # even where only answers for reference are pooled
    ]
    few = sum(row.row.answered > 0 and not row.drawn for row in every)
    pool = next((_pooled(line, few) for line in lines(figures) if line.judged.pooled), None)
    wanted = [row for row in every if row.standing == only] if only in STANDINGS else every
    groups = _groups(wanted, order)
    axis = axis_for(_leftmost(row.row) for row in every if row.drawn)
    return RowList(
        tuple(every),
        tuple(_worst_first(groups) if figures.by == "procedure" else groups),
        pool if only not in STANDINGS or only in ("few", "hidden") else None,
        axis,
    )


def figures_tally(figures: Figures) -> list[tuple[str, str]]:
    """Return each standing that the rows of figures have with how many, in words, as their list tells it."""
    return _in_words(Counter(standing_of(line.judged) for line in lines(figures) if line.id != POOLED), STANDINGS)


def tally(rows: Iterable[ListedRow], standings: Iterable[str] = STANDINGS) -> list[tuple[str, str]]:
    """Return each standing that rows have with how many, in words."""
    return _in_words(Counter(row.standing for row in rows), standings)


def _in_words(numbers: Mapping[str, int], standings: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, gettext(TALLIES[one], number=number(numbers[one]))) for one in standings if numbers.get(one)]


def finding(listed: RowList) -> str:
    """Return what a list comes to in a few words: how many rows have each verdict, or why none has."""
    if not listed.heard:
        return gettext("no case and no answer in this period")
    parts = tally(listed.every, ("not_met", "met", "inconclusive")) or tally(listed.every)
    return ", ".join(words for _standing, words in parts)


def _leftmost(row: JudgedRow) -> float:
    """Return how far to the left an axis must reach: to the lower limit of what has a verdict, else to the rate."""
    return row.lower if has_verdict(row) or row.rate is None else row.rate


def _pooled(line: DashboardRow, rows: int) -> ListedRow:
    """Return the row of all that are withheld, named by how many they are."""
    if line.judged.pooled == "unit":
        name = ngettext(
            "%(number)s unit not shown alone, together",
            "%(number)s units not shown alone, together",
            rows,
            number=number(rows),
        )
    else:
        name = ngettext(
            "%(number)s procedure not shown alone, together",
            "%(number)s procedures not shown alone, together",
            rows,
            number=number(rows),
        )
    return ListedRow(line, name, "", "few", None)


def _groups(rows: Sequence[ListedRow], order: str) -> list[RowGroup]:
    name = order.removeprefix("-")
    if name in SORTS or name == "change":
        return [RowGroup("", tuple(_sorted(rows, name, order.startswith("-"))))] if rows else []
    groups: dict[str, list[ListedRow]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return [RowGroup(group, tuple(sorted(those, key=_place))) for group, those in groups.items()]


def _worst_first(groups: Iterable[RowGroup]) -> list[RowGroup]:
    """Return groups by how many rows of each have missed the target, for certain and at all; the nameless one last."""

    def missed(group: RowGroup) -> tuple[bool, int, int]:
        certain = sum(row.row.named for row in group.rows)
        return not group.name, -certain, -sum(row.standing == "not_met" for row in group.rows)

    return sorted(groups, key=missed)


def _sorted(rows: Sequence[ListedRow], name: str, backwards: bool) -> list[ListedRow]:
    if name in SORTS:
        of = {row.line.id: row for row in rows}
        return [of[line.id] for line in ordered([row.line for row in rows], SORTS[name], backwards)]
    some = [row for row in rows if row.change]
    some.sort(key=lambda row: row.change.difference if row.change else 0.0, reverse=backwards)
    return some + [row for row in rows if not row.change]


def _place(row: ListedRow) -> tuple[int, bool, float, object]:
    rate = row.row.rate
    return [*STANDINGS].index(row.standing), not row.row.named, 0.0 if rate is None else rate, sort_key(row.name)
