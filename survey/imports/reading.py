"""The tables in a CSV or XLSX file with their line numbers, whatever program wrote it, within limits."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis import delimited
from analysis.sheet_rows import MOST_ROWS, SheetRow, TooManyRows, WorkbookRefused, WorkbookTooLarge
from survey.errors import ImportRefused
from survey.i18n import msgid
from survey.imports.worksheet import BAD_XLSX, TOO_LARGE, TOO_MANY, Worksheet, blank

MOST_BYTES = 300 * 1024 * 1024
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_UNOPENED = msgid("The file %(name)s cannot be opened. Please check its name and who may read it.")
_EMPTY = msgid("The file is empty.")
_OLD_EXCEL = msgid("This is a file of an old Excel (.xls). Please save it as .xlsx or as “CSV UTF-8”.")
_PROTECTED = msgid("This workbook is protected by a password. Please save it without one, as .xlsx or as “CSV UTF-8”.")
_HTML = msgid("This is a web page (HTML) under the name of a table. Please open it and save it as .xlsx.")
_XML = msgid("This is XML under the name of a table. Please open it in a spreadsheet program and save it as .xlsx.")
_PDF = msgid("This is a PDF. Please ask for the table itself, as .xlsx or as “CSV UTF-8”.")
_OPEN_DOCUMENT = msgid("This is a file of LibreOffice (.ods). Please save it as .xlsx or as “CSV UTF-8”.")
_BINARY = msgid("This is a binary workbook (.xlsb). Please save it as .xlsx or as “CSV UTF-8”.")
_WORD = msgid("This is a document of Word. Please copy its table into a spreadsheet and save that as .xlsx.")
_PICTURE = msgid("This is a picture, not a table. Please ask for the table itself, as .xlsx or as “CSV UTF-8”.")
_NOT_UTF8 = msgid("Line %(line)s is not UTF-8 text. Please save the file as “CSV UTF-8” or as .xlsx.")
_BAD_CSV = msgid("Line %(line)s cannot be read as CSV; probably a quotation mark is not closed.")
KINDS = {"html": _HTML, "xml": _XML, "rtf": _WORD, "pdf": _PDF, "picture": _PICTURE}
ARCHIVES = (
    ("content.xml", _OPEN_DOCUMENT),
    ("xl/workbook.bin", _BINARY),
    ("word/document.xml", _WORD),
)


@contextmanager
def opened(path: Path) -> Iterator[list[Worksheet]]:
    """Open a file; its tables, of which there is at least one, can be read while it is open.

    Raises:
        ImportRefused: no file that can be read, or one beyond the limits; says what it is and what to do.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(delimited.START_BYTES)
    except OSError as error:
        raise ImportRefused(_UNOPENED, name=path.name) from error
    if not start:
        raise ImportRefused(_EMPTY)
    if size > MOST_BYTES:
        raise ImportRefused(TOO_LARGE)
    if start.startswith(OLE):
        raise ImportRefused(_PROTECTED if _holds(path, ENCRYPTED) else _OLD_EXCEL)
    if not start.startswith(ZIP):
        yield [_Delimited(path, start)]
        return
    from analysis import workbook  # only where a spreadsheet is read: its library is large

    _check_kind(path)
    try:
        with workbook.opened(path) as sheets:
            yield [*sheets]
    except WorkbookTooLarge as error:
        raise ImportRefused(TOO_LARGE) from error
    except TooManyRows as error:
        raise ImportRefused(TOO_MANY, number=MOST_ROWS) from error
    except WorkbookRefused as error:
        raise ImportRefused(BAD_XLSX) from error


def lines(sheet: Worksheet) -> Iterator[SheetRow]:
    """Yield the rows of a table that are not blank.

    Raises:
        ImportRefused: they are more than a spreadsheet can have, or cannot be read.
    """
    for number, row in enumerate(sheet.rows(), 1):
        if number > MOST_ROWS:
            raise ImportRefused(TOO_MANY, number=MOST_ROWS)
        if not all(blank(cell) for cell in row.cells):
            yield row


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


@dataclass
class _Delimited:
    """The one table of a text file."""

    path: Path
    start: bytes
    name: str = ""
    hidden: bool = False

    def rows(self) -> Iterator[SheetRow]:
        line = 0
        try:
            if kind := delimited.kind(self.start):  # what programs save under the name of a table though it is none
                raise ImportRefused(KINDS[kind])
            dialect = delimited.dialect(self.start)
            with self.path.open(encoding=dialect.encoding, newline="") as file:
                for _ in range(dialect.skip):
                    file.readline()
                line = dialect.skip
                reader = csv.reader(file, delimiter=dialect.separator, strict=True)
                for cells in reader:
                    yield SheetRow(line + 1, list(cells))
                    line = dialect.skip + reader.line_num
        except UnicodeError as error:
            raise ImportRefused(_NOT_UTF8, line=line + 1) from error
        except csv.Error as error:
            raise ImportRefused(_BAD_CSV, line=line + 1) from error


def _check_kind(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # whoever opens the workbook says so
    for part, message in ARCHIVES:
        if part in parts:
            raise ImportRefused(message)


def _holds(path: Path, word: bytes) -> bool:
    before = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if word in before + block:
                return True
            before = block[-len(word) :]
    return False
