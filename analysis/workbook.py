"""An .xlsx row by row, in bounded memory however many empty rows are formatted, with what is hidden or merged."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from analysis.sheet_rows import (
    MOST_ROWS,
    Cell,
    DamagedWorkbook,
    SheetRow,
    TooManyRows,
    WorkbookRefused,
    WorkbookTooLarge,
)

MOST_UNPACKED = 600 * 1024 * 1024
MOST_TEXTS = 96 * 1024 * 1024  # the shared strings, which are held in memory
MOST_RATIO = 150
MOST_PARTS = 2000
MOST_MERGED = 100_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,99}?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_TAIL = 256  # bytes that are read again with the next block: longer than one element


@contextmanager
def opened(path: Path) -> Iterator[list[XlsxSheet]]:
    """Open a workbook; its sheets can be read while it is open.

    Raises:
        WorkbookRefused: it is damaged, or unpacks to more than a sheet can need.
    """
    _check_archive(path)
    with path.open("rb") as file:  # openpyxl leaves a file open that it opens and cannot read
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not concern the cells
            try:
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
                if not book.worksheets:
                    raise DamagedWorkbook
            except WorkbookRefused:
                raise
            except Exception as error:  # a hostile archive can make the reader fail in any way
                raise DamagedWorkbook from error
        try:
            yield [XlsxSheet(book, one) for one in book.worksheets]
        finally:
            book.close()


class XlsxSheet:
    """One sheet of a workbook."""

    def __init__(self, book: Any, worksheet: Any) -> None:
        self.name: str = worksheet.title
        self.hidden: bool = worksheet.sheet_state != "visible"
        self._book, self._worksheet = book, worksheet

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows of the sheet; every row of cells that are merged downwards says what the first of them does.

        Raises:
            WorkbookRefused: the sheet cannot be read, or has too many rows.
        """
        rows = self._numbered()
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    row = next(rows, None)
            except WorkbookRefused:
                raise
            except Exception as error:  # a hostile archive can make the reader fail in any way
                raise DamagedWorkbook from error
            if row is None:
                return
            yield row

    def _numbered(self) -> Iterator[SheetRow]:
        # The public reader keeps a record of each formatted row, and tells neither hidden nor merged ones.
        book, source = self._book, self._worksheet._get_source
        with source() as part:
            merged = _merged(part)
        with source() as part:
            parser = _Parser(
                part,
                self._worksheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            below: dict[int, tuple[int, Cell]] = {}  # column -> until which row it says what
            for number, hidden, values in parser.lines():
                if number > MOST_ROWS:
                    raise TooManyRows
                for column, (last, value) in list(below.items()):
                    if number <= last:
                        values[column] = value
                    else:
                        del below[column]
                for column, last in merged.get(number, ()):
                    if column in values:
                        below[column] = last, values[column]
                yield SheetRow(number, [values.get(column) for column in range(1, 1 + max(values, default=0))], hidden)


class _Parser(WorkSheetParser):
    """Rows with what they hold, none of them kept."""

    def lines(self) -> Iterator[tuple[int, bool, dict[int, Cell]]]:
        """Yield each row's number, whether it is hidden, and its cells that hold something, by column."""
        rows = None
        for event, element in iterparse(self.source, events=("start", "end")):
            if event == "start":
                rows = element if element.tag == DATA_TAG else rows
            elif element.tag == DATA_TAG:
                return
            elif element.tag == ROW_TAG:
                hidden = element.get("hidden") in ("1", "true")
                number, values = self._row(element)
                if rows is not None:
                    rows.clear()
                yield number, hidden, values

    def _row(self, element: Any) -> tuple[int, dict[int, Cell]]:
        if not any(map(len, element)):  # formatted and empty, as a million of them can be
            self.row_counter = int(element.get("r", self.row_counter + 1))
            return self.row_counter, {}
        number, cells = self.parse_row(element)
        self.row_dimensions.clear()
        return number, {cell["column"]: _value(cell["value"]) for cell in cells if cell["value"] is not None}


def _value(value: Any) -> Cell:
    # Spreadsheets write control characters as _x000D_.
    cell: Cell = unescape(value) if isinstance(value, str) and "_x" in value else value
    return cell


def _merged(part: IO[bytes]) -> dict[int, list[tuple[int, int]]]:
    """Return the ranges of more than one row by their first row: column and last row. They stand after all cells."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    ranges_seen, before = 0, b""
    while block := part.read(1 << 20):
        text = before + block
        end = 0
        for match in _MERGED.finditer(text):
            end = match.end()
            column, first, _, last = (int(number or 0) for number in range_boundaries(match[1].decode()))
            ranges_seen += 1
            if ranges_seen > MOST_MERGED:
                raise WorkbookTooLarge
            if last > first:
                ranges.setdefault(first, []).append((column, last))
        before = text[max(end, len(text) - _TAIL) :]
    return ranges


def _check_archive(path: Path) -> None:
    """Refuse an archive that unpacks to more than a sheet can need."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DamagedWorkbook from error
    unpacked = sum(part.file_size for part in parts)
    texts = max((part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")), default=0)
    packed = max(1, sum(part.compress_size for part in parts))
    bomb = unpacked > 8 * 1024 * 1024 and unpacked / packed > MOST_RATIO
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or texts > MOST_TEXTS or bomb:
        raise WorkbookTooLarge
