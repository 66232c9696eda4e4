"""The rows of a CSV or XLSX file with their line numbers, whatever program wrote it, within limits."""

from __future__ import annotations

import csv
import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from analysis import delimited
from survey.errors import ImportRefused
from survey.i18n import msgid

Cell: TypeAlias = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
MOST_BYTES = 300 * 1024 * 1024
MOST_UNPACKED = 600 * 1024 * 1024
MOST_TEXTS = 96 * 1024 * 1024  # the shared strings, which are held in memory
MOST_RATIO = 150
MOST_PARTS = 2000
MOST_ROWS = 1_048_576  # a spreadsheet's own limit

_TOO_LARGE = msgid("The file is too large. Please split it into several files.")
_EMPTY = msgid("The file is empty.")
_OLD_EXCEL = msgid("This is a file of an old Excel (.xls). Please save it as .xlsx or as “CSV UTF-8”.")
_NOT_UTF8 = msgid("Line %(line)s is not UTF-8 text. Please save the file as “CSV UTF-8” or as .xlsx.")
_BAD_CSV = msgid("Line %(line)s cannot be read as CSV; probably a quotation mark is not closed.")
_BAD_XLSX = msgid("The file cannot be read as .xlsx. Please open it in a spreadsheet program and save it again.")
_TOO_MANY = msgid("The file has more than %(number)s rows. Please split it into several files.")


def rows(path: Path) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the cells of every row that is not blank, with the number of its (first) line.

    Raises:
        ImportRefused: no file that can be read, or one beyond the limits; says what to do.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(delimited.START_BYTES)
    except OSError as error:
        raise ImportRefused(
            msgid("The file %(name)s cannot be opened. Please check its name and who may read it."), name=path.name
        ) from error
    if not start:
        raise ImportRefused(_EMPTY)
    if size > MOST_BYTES:
        raise ImportRefused(_TOO_LARGE)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportRefused(_OLD_EXCEL)
    numbered = _xlsx(path) if start.startswith(b"PK\x03\x04") else _csv(path, start)
    for number, (line, cells) in enumerate(numbered, 1):
        if number > MOST_ROWS:
            raise ImportRefused(_TOO_MANY, number=MOST_ROWS)
        if any(cell is not None and str(cell).strip() for cell in cells):
            yield line, cells


def estimate(path: Path) -> int:
    """Return about how many rows a file has, to show progress by."""
    try:
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) or 1
        with zipfile.ZipFile(path) as archive:
            return 1 + sum(part.file_size for part in archive.infolist() if "worksheets/" in part.filename) // 600
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return 1


def _csv(path: Path, start: bytes) -> Iterator[tuple[int, list[Cell]]]:
    line = 0
    try:
        dialect = delimited.dialect(start)
        with path.open(encoding=dialect.encoding, newline="") as file:
            for _ in range(dialect.skip):
                file.readline()
            line = dialect.skip
            reader = csv.reader(file, delimiter=dialect.separator, strict=True)
            for cells in reader:
                yield line + 1, list(cells)
                line = dialect.skip + reader.line_num
    except UnicodeError as error:
        raise ImportRefused(_NOT_UTF8, line=line + 1) from error
    except csv.Error as error:
        raise ImportRefused(_BAD_CSV, line=line + 1) from error


def _xlsx(path: Path) -> Iterator[tuple[int, list[Cell]]]:
    import openpyxl  # only where a spreadsheet is read: it is large
    from openpyxl.utils.escape import unescape

    _check_archive(path)
    with path.open("rb") as file:  # openpyxl leaves a file open that it opens and cannot read
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not concern the cells
            try:
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # what a file says of its size need not be true
            except Exception as error:
                raise ImportRefused(_BAD_XLSX) from error
        with closing(book):
            lines = enumerate(sheet.iter_rows(values_only=True), 1)
            while (numbered := _next(lines)) is not None:
                line, cells = numbered
                if line > MOST_ROWS:
                    raise ImportRefused(_TOO_MANY, number=MOST_ROWS)
                # Spreadsheets write control characters as _x000D_.
                yield line, [unescape(c) if isinstance(c, str) and "_x" in c else c for c in cells]


def _next(lines: Iterator[tuple[int, Any]]) -> tuple[int, Any] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return next(lines, None)
    except Exception as error:  # a hostile archive can make the reader fail in any way
        raise ImportRefused(_BAD_XLSX) from error


def _check_archive(path: Path) -> None:
    """Refuse an archive that unpacks to more than a sheet can need."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ImportRefused(_BAD_XLSX) from error
    unpacked = sum(part.file_size for part in parts)
    texts = max((part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")), default=0)
    packed = max(1, sum(part.compress_size for part in parts))
    bomb = unpacked > 8 * 1024 * 1024 and unpacked / packed > MOST_RATIO
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or texts > MOST_TEXTS or bomb:
        raise ImportRefused(_TOO_LARGE)
