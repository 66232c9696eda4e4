"""A file as a table: which column holds what, by its Vietnamese or English header, and what each row says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.errors import ImportRefused
from survey.i18n import msgid
from survey.imports import reading
from survey.imports.cells import ReadCell, Unreadable, word_key, written
from survey.imports.faults import HIDDEN, Findings
from survey.imports.reading import Cell

_MISSING_COLUMN = msgid("This column is missing. Add it with one of these headers: %(headers)s.")
_TWICE = msgid("Two columns mean the same. Remove one of them.")
_UNKNOWN_COLUMN = msgid("This column is not used.")
_EMPTY = msgid("This must be filled in.")
_MORE_CELLS = msgid(
    "This line has more cells than the first line has headers. Remove them, or put text with a separator "
    "in quotation marks."
)
_NO_ROWS = msgid("The file has headers but no row below them.")


@dataclass(frozen=True)
class Column:
    """One column: our word for it, its headers (the first is the Vietnamese one) and how a cell is read.

    `needed`: every row must fill it; `optional`: the file may lack it; `secret`: its cells are never shown.
    """

    name: str
    headers: tuple[str, ...]
    read: ReadCell
    needed: bool = True
    optional: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What one line says by our words; `whole` if it has no fault."""

    line: int
    values: dict[str, Any]
    whole: bool


def rows(path: Path, columns: Sequence[Column], findings: Findings) -> Iterator[Row]:
    """Yield the rows of a file; faults of single cells are noted in `findings`.

    Raises:
        ImportRefused: the file cannot be read, or lacks a column.
    """
    lines = reading.rows(path)
    line, head = next(lines, (1, []))
    placed = _placed(line, head, columns, findings)
    findings.check()
    row = None
    for line, cells in lines:
        row = _row(line, cells, placed, len(head), findings)
        yield row
    if row is None:
        raise ImportRefused(_NO_ROWS)


def kept(before: Mapping[str, str], after: Mapping[str, str], part: str, columns: Collection[str]) -> dict[str, str]:
    """Return a text in every language as the file tells it, or as it is known where the file has no column for it.

    >>> kept({"vi": "Cũ", "en": "Old"}, {"vi": "Mới"}, "name", ["name_vi"])
    {'vi': 'Mới', 'en': 'Old'}
    """
    return dict(after) | {lang: text for lang, text in before.items() if f"{part}_{lang}" not in columns}


def _placed(
    line: int, head: Sequence[Cell], columns: Sequence[Column], findings: Findings
) -> list[tuple[int, str, Column]]:
    """Return each column's place and its header as the file writes it."""
    by_header = {word_key(header): column for column in columns for header in (column.name, *column.headers)}
    placed: dict[str, tuple[int, str, Column]] = {}
    for place, cell in enumerate(head):
        title = " ".join(written(cell).split())
        column = by_header.get(word_key(title))
        if column is None:
            if title:
                findings.warn(line, title[:80], "", _UNKNOWN_COLUMN)
        elif column.name in placed:
            findings.fault(line, title, title, _TWICE)
        else:
            placed[column.name] = (place, title, column)
            findings.titles[column.name] = title
    for column in columns:
        if column.name not in placed and not column.optional:
            findings.fault(line, column.headers[0], "", _MISSING_COLUMN, headers=", ".join(column.headers))
    return list(placed.values())


def _row(
    line: int, cells: Sequence[Cell], placed: Sequence[tuple[int, str, Column]], width: int, findings: Findings
) -> Row:
    values: dict[str, Any] = {}
    whole = True
    for place, title, column in placed:
        cell = cells[place] if place < len(cells) else None
        empty = cell is None or (isinstance(cell, str) and not cell.strip())
        try:
            if not empty:
                values[column.name] = column.read(cell)
            elif column.needed:
                raise Unreadable(_EMPTY)
        except Unreadable as error:
            whole = False
            findings.fault(line, title, HIDDEN if column.secret and not empty else cell, error.message, **error.values)
    if any(cell is not None and str(cell).strip() for cell in cells[width:]):
        whole = False
        findings.fault(line, "", cells[width], _MORE_CELLS)
    return Row(line, values, whole)
