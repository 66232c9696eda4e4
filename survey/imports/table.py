"""A file as a table: where it stands in the file, and what each of its rows says."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from analysis.sheet_rows import SheetRow
from survey.errors import ImportRefused
from survey.i18n import msgid
from survey.imports import cells as cell_readers
from survey.imports import header, reading
from survey.imports.cells import Unreadable, word_key, written
from survey.imports.exchanged_days import Days
from survey.imports.faults import HIDDEN, Findings
from survey.imports.header import Column, Header, Placed
from survey.imports.worksheet import Worksheet, blank

MOST_ABOVE = 200  # rows, blank ones among them, in which the header is looked for
MOST_BELOW = 40  # more rows that are none of the table are no foot of it
HEADING_CELLS = 2  # a number and a name
TOTAL = re.compile(r"(?:tong|cong|tongcong|tongso|total|grandtotal|subtotal|sum)(?:so)?(?:hoso|donvi|thutuc)?\d*")

_EMPTY = msgid("This must be filled in.")
_MORE_CELLS = msgid(
    "This line has more cells than the first line has headers. Remove them, or put text with a separator "
    "in quotation marks."
)
_NO_ROWS = msgid("The file has headers but no row below them.")
_SHEETS = msgid("Several sheets hold such a table: %(sheets)s. Keep one of them in the file.")
_OTHER_SHEET = msgid("The table is read from this sheet.")
_HIDDEN_SHEET = msgid("This hidden sheet holds such a table too. It is not read; show it if it should be.")
_HIDDEN_ROWS = msgid("Hidden rows from this line on: %(number)s. They are read like all others.")
_TOTAL_ROW = msgid("This line is a total and is not read.")
_HEADING_ROW = msgid("This line is a heading of those below it and is not read.")
_FOOT = msgid("From this line on nothing is read: no row of the table follows, only totals or signatures.")


@dataclass(frozen=True, slots=True)
class Row:
    """What one line says by our words; `whole` if it has no fault."""

    line: int
    values: dict[str, Any]
    whole: bool


def rows(path: Path, columns: Sequence[Column], findings: Findings) -> Iterator[Row]:
    """Yield the rows of a file; faults of single cells are noted in `findings`. The first column is the key.

    Raises:
        ImportRefused: the file cannot be read, lacks a column, or has days whose month may be the day.
    """
    with reading.opened(path) as sheets:
        sheet, head = _chosen(sheets, columns, findings)
        header.check(head, columns, findings)
        findings.check()
        placed = list(head.placed().values())
        days = {column.name: Days() for _, _, column in placed if column.read is cell_readers.day}
        row = None
        for line in _body(sheet, head, columns[0], findings):
            row = _row(line, placed, head.width, findings)
            for place, _title, column in placed:
                if column.name in days and not days[column.name].sound and place < len(line.cells):
                    days[column.name].note(line.number, line.cells[place])
            yield row
        if row is None:
            raise ImportRefused(_NO_ROWS)
        for name, column_days in days.items():
            column_days.check(findings.titles[name], findings)


def kept(before: Mapping[str, str], after: Mapping[str, str], part: str, columns: Collection[str]) -> dict[str, str]:
    """Return a text in every language as the file tells it, or as it is known where the file has no column for it.

    >>> kept({"vi": "Cũ", "en": "Old"}, {"vi": "Mới"}, "name", ["name_vi"])
    {'vi': 'Mới', 'en': 'Old'}
    """
    return dict(after) | {lang: text for lang, text in before.items() if f"{part}_{lang}" not in columns}


def _chosen(sheets: Sequence[Worksheet], columns: Sequence[Column], findings: Findings) -> tuple[Worksheet, Header]:
    """Return the sheet that holds the table, and its header; what is hidden is not chosen but told."""
    asked = {column.name for column in columns if not column.optional}
    heads = []
    for sheet in sheets:
        top = [row for row in islice(sheet.rows(), MOST_ABOVE) if not all(map(blank, row.cells))][: header.ROWS]
        heads.append((sheet, header.find(top or [SheetRow(1, [])], columns)))
    shown = [(sheet, head) for sheet, head in heads if not sheet.hidden] or heads
    whole = [(sheet, head) for sheet, head in shown if asked <= head.columns]
    if len(whole) > 1:
        raise ImportRefused(_SHEETS, sheets=", ".join(sheet.name for sheet, _ in whole))
    sheet, head = whole[0] if whole else max(shown, key=lambda pair: len(pair[1].columns))
    if sheet is not sheets[0]:
        findings.warn(head.last, "", sheet.name, _OTHER_SHEET)
    for other, head_of_other in heads:
        if other.hidden and other is not sheet and asked <= head_of_other.columns:
            findings.warn(head_of_other.last, "", other.name, _HIDDEN_SHEET)
    return sheet, head


def _body(sheet: Worksheet, head: Header, key: Column, findings: Findings) -> Iterator[SheetRow]:
    """Yield the rows below the header that belong to the table.

    Rows that look like none of it are held back until one that does follows: they are then headings of those below
    them, or rows with faults; and the foot of the table otherwise.
    """
    placed = list(head.placed().values())
    key_place = head.placed()[key.name][0]
    titles = {place: word_key(title) for place, title, _ in head.titles}
    held: deque[SheetRow] = deque()
    first, began, hidden = True, False, [0, 0]
    for row in reading.lines(sheet):
        if row.number <= head.last:
            continue
        skipped = (first and header.numbered(row.cells)) or _repeats(row, titles)
        first = False
        if skipped:
            continue
        hidden = [hidden[0] or row.number, hidden[1] + 1] if row.hidden else hidden
        if _total(row, placed):
            findings.warn(row.number, "", _first(row), _TOTAL_ROW)
        elif (began or _heading(row)) and _loose(row, key, key_place, placed) and len(held) < MOST_BELOW:
            held.append(row)
        else:
            began = True
            yield from _above(held, findings)
            yield row
    if not began:
        yield from held
    elif held:
        findings.warn(held[0].number, "", _first(held[0]), _FOOT)
    if hidden[1]:
        findings.warn(hidden[0], "", "", _HIDDEN_ROWS, number=hidden[1])


def _above(held: deque[SheetRow], findings: Findings) -> Iterator[SheetRow]:
    """Yield what was held back and is no heading of the row that follows."""
    while held:
        if _heading(row := held.popleft()):
            findings.warn(row.number, "", _first(row), _HEADING_ROW)
        else:
            yield row


def _first(row: SheetRow) -> str:
    return next(written(cell) for cell in row.cells if not blank(cell))


def _repeats(row: SheetRow, titles: Mapping[int, str]) -> bool:
    """Return whether a row says the header again, as at the top of a printed page."""
    cells = [(place, cell) for place, cell in enumerate(row.cells) if not blank(cell)]
    return len(cells) > 1 and all(titles.get(place) == word_key(written(cell)) for place, cell in cells)


def _total(row: SheetRow, placed: Sequence[Placed]) -> bool:
    words = (written(cell) for cell in row.cells if isinstance(cell, str) and len(cell) <= 40)
    return not _filled(row, placed, len(placed)) and any(TOTAL.fullmatch(word_key(word)) for word in words)


def _heading(row: SheetRow) -> bool:
    """Return whether a row, of those that say too little, is one that only names the rows below it."""
    filled = [cell for cell in row.cells if not blank(cell)]
    return len(filled) <= HEADING_CELLS and any(
        isinstance(cell, str) and any(map(str.isalpha, cell)) for cell in filled
    )


def _loose(row: SheetRow, key: Column, place: int, placed: Sequence[Placed]) -> bool:
    """Return whether a row says neither its key nor more than half of what it must."""
    needed = sum(column.needed for _, _, column in placed)
    if _filled(row, placed, needed // 2 + 1):
        return False
    cell = row.cells[place] if place < len(row.cells) else None
    if blank(cell):
        return True
    try:
        key.read(cell)
    except Unreadable:
        return True
    return False


def _filled(row: SheetRow, placed: Sequence[Placed], least: int) -> bool:
    """Return whether a row fills at least so many of the cells that it must, or all of them."""
    needed = [place for place, _, column in placed if column.needed]
    filled = sum(place < len(row.cells) and not blank(row.cells[place]) for place in needed)
    return filled >= min(least, len(needed))


def _row(row: SheetRow, placed: Sequence[Placed], width: int, findings: Findings) -> Row:
    values: dict[str, Any] = {}
    whole = True
    for place, title, column in placed:
        cell = row.cells[place] if place < len(row.cells) else None
        empty = blank(cell)
        try:
            if not empty:
                values[column.name] = column.read(cell)
            elif column.needed:
                raise Unreadable(_EMPTY)
        except Unreadable as error:
            shown = HIDDEN if column.secret and not empty else cell
            if column.spared:
                findings.warn(row.number, title, shown, error.message, **error.values)
            else:
                whole = False
                findings.fault(row.number, title, shown, error.message, **error.values)
    if not all(blank(cell) for cell in row.cells[width:]):
        whole = False
        findings.fault(row.number, "", row.cells[width], _MORE_CELLS)
    return Row(row.number, values, whole)
