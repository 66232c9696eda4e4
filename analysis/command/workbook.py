"""Read the sheets of a workbook (.xlsx) as rows of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.command.faults import refuse
from analysis.command.values import name, stored
from analysis.sheet_rows import TooManyRows, WorkbookRefused, WorkbookTooLarge

if TYPE_CHECKING:
    from analysis.workbook import XlsxSheet

OLD = b"\xd0\xcf\x11\xe0"
DAMAGED = "cannot be read as .xlsx: open it in a spreadsheet program and save it again"


def is_one(start: bytes) -> bool:
    """Tell by its first bytes whether a file is a workbook.

    Raises:
        FileRefused: an old or protected workbook, or a page that only carries a workbook's name.
    """
    if start.startswith(OLD):
        raise refuse(
            "an old workbook (.xls) or a protected one: save it as .xlsx without a password, or as “CSV UTF-8”"
        )
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:5].lower() in (b"<html", b"<!doc", b"<?xml", b"<tabl"):
        raise refuse("a web page or XML, not a table: open it in a spreadsheet program and save it as .xlsx")
    return start.startswith(b"PK\x03\x04")


def header(path: Path, wanted: Sequence[str], first: int) -> tuple[str, int, tuple[str, ...]]:
    """Return the sheet, the rows before the header and the header: the first of a sheet's `first` rows with all wanted.

    Without such a row it is the first row that is not blank, of the first sheet that has one.

    Raises:
        FileRefused: a damaged workbook, or one without any row.
    """
    other = None
    with _opened(path) as sheets:
        for sheet in sheets:
            for row in sheet.rows():
                if row.number > first:
                    break
                titles = tuple(name(stored(cell)) for cell in row.cells)
                if wanted and set(wanted) <= set(titles):
                    return sheet.name, row.number - 1, titles
                if other is None and any(titles):
                    other = sheet.name, row.number - 1, titles
    if other is None:
        raise refuse("the file is empty, or its first line is: it must name the columns")
    return other


def rows(path: Path, title: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows after the first `skip` ones that are not blank, with their numbers in the sheet."""
    with _opened(path) as sheets:
        [sheet] = [sheet for sheet in sheets if sheet.name == title]
        for row in sheet.rows():
            if row.number > skip and any(texts := [stored(cell) for cell in row.cells]):
                yield row.number, texts


@contextmanager
def _opened(path: Path) -> Iterator[list[XlsxSheet]]:
    from analysis import workbook  # only where a workbook is read: its library is large

    try:
        with workbook.opened(path) as sheets:
            yield sheets
    except (WorkbookTooLarge, TooManyRows) as error:
        raise refuse("the workbook is too large: divide it, or save the sheet as “CSV UTF-8”") from error
    except WorkbookRefused as error:
        raise refuse(DAMAGED) from error
