"""Where the header of a table stands and which column holds what: below titles, in one row or in two."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis import delimited
from analysis.garbled import meant
from analysis.sheet_rows import Cell, SheetRow
from survey.i18n import msgid
from survey.imports.cells import ReadCell, word_key, written
from survey.imports.faults import Findings
from survey.imports.worksheet import blank

ROWS = 20  # among the first of these, blank ones not counted, the header stands
REMARK = re.compile(r"\([^()]*\)|\*")

_MISSING_COLUMN = msgid("This column is missing. Add it with one of these headers: %(headers)s.")
_TWICE = msgid("Two columns mean the same. Remove one of them.")
_UNKNOWN_COLUMN = msgid("This column is not used.")


@dataclass(frozen=True)
class Column:
    """One column: our word for it, its headers (the first is the Vietnamese one) and how a cell is read.

    `needed`: every row must fill it; `optional`: the file may lack it; `secret`: its cells are never shown;
    `spared`: a cell that cannot be read is warned of and left out, and its row is taken.
    """

    name: str
    headers: tuple[str, ...]
    read: ReadCell
    needed: bool = True
    optional: bool = False
    secret: bool = False
    spared: bool = False


Placed = tuple[int, str, Column]


@dataclass(frozen=True)
class Header:
    """What a row, or two, say as a header: for each place its title and the column that it means, if any."""

    first: int
    last: int
    titles: list[tuple[int, str, Column | None]]

    @property
    def columns(self) -> set[str]:
        """Return the columns that it names."""
        return {column.name for _, _, column in self.titles if column}

    @property
    def width(self) -> int:
        """Return up to which place there are titles."""
        return 1 + max((place for place, _, _ in self.titles), default=-1)

    def placed(self) -> dict[str, Placed]:
        """Return each column's place and title; of a code and a name for one thing it is the code."""
        placed: dict[str, Placed] = {}
        for place, title, column in self.titles:
            if column and (column.name not in placed or (_code(title) and not _code(placed[column.name][1]))):
                placed[column.name] = place, title, column
        return placed


def find(rows: Sequence[SheetRow], columns: Sequence[Column]) -> Header:
    """Return the header among the first rows of a table: what names every column, or the most of them."""
    asked = {column.name for column in columns if not column.optional}
    headers = [_header(columns, row) for row in rows]
    headers += [_header(columns, row, over) for over, row in pairwise(rows)]
    return max(headers, key=lambda header: (asked <= header.columns, len(header.columns)))


def check(header: Header, columns: Sequence[Column], findings: Findings) -> None:
    """Name the columns that are missing, mean the same or mean nothing, and note the titles of the others."""
    placed = header.placed()
    for place, title, column in header.titles:
        if column is None:
            findings.warn(header.last, title[:80], "", _UNKNOWN_COLUMN)
        elif placed[column.name][0] != place:
            other = placed[column.name][1]
            if _code(title) == _code(other):
                findings.fault(header.last, title, title, _TWICE)
            else:
                findings.warn(header.last, title, "", _UNKNOWN_COLUMN)
    findings.titles.update({name: title for name, (_, title, _) in placed.items()})
    for column in columns:
        if column.name not in placed and not column.optional:
            headers = ", ".join(column.headers)
            findings.fault(header.last, column.headers[0], "", _MISSING_COLUMN, headers=headers)


def numbered(cells: Sequence[Cell]) -> bool:
    """Return whether a row only numbers the columns: (1) (2) (3), or A B 1 2."""
    return delimited.numbers_columns([written(cell) for cell in cells if not blank(cell)])


def _header(columns: Sequence[Column], row: SheetRow, over: SheetRow | None = None) -> Header:
    by_title = {word_key(title): column for column in columns for title in (column.name, *column.headers)}
    titles = []
    for place, choices in _titles(row.cells, over.cells if over else ()):
        named = ((title, by_title.get(word_key(REMARK.sub(" ", title)))) for title in choices)
        readings = [*named, *((title, by_title.get(word_key(meant(title) or ""))) for title in choices)]
        title, column = next((pair for pair in readings if pair[1]), (choices[-1], None))
        titles.append((place, title, column))
    return Header(over.number if over else row.number, row.number, titles)


def _titles(cells: Sequence[Cell], over: Sequence[Cell]) -> Iterator[tuple[int, list[str]]]:
    """Yield each place that has a title, with the titles that it may be: its own, with that of its group."""
    group = ""
    for place in range(max(len(cells), len(over))):
        above, own = (_title(row[place]) if place < len(row) else "" for row in (over, cells))
        group = above or group
        if own and group and group != own:
            yield place, [f"{group} {own}", f"{own} {group}", own]
        elif own or above:
            yield place, [own or above]


def _title(cell: Cell) -> str:
    return "" if blank(cell) else " ".join(written(cell).split())


def _code(title: str) -> bool:
    return word_key(title).startswith("ma") or word_key(title).endswith("code")
