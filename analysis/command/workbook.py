"""Read the sheets of a workbook (.xlsx) as rows of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import delimited
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
    if delimited.kind(start):
        raise refuse(
            "a web page, XML, a PDF, a document or a picture, not a table: open it and save its table as .xlsx"
        )
    return start.startswith(b"PK\x03\x04")


def header(
    path: Path, wanted: Sequence[str], first: int, named: str = ""
) -> tuple[str, int, tuple[str, ...], tuple[str, ...]]:
    """Return the sheet, the rows before the header and the header: the first of a sheet's `first` rows with all wanted.

    Last come the hidden sheets that hold such a table too and are not read.

    It is looked for in the sheet that is `named`, otherwise in all. Without such a row it is the first row that is not
    blank, of the first sheet that has one.

    Raises:
        FileRefused: a damaged workbook, one without any row, or several sheets or a hidden one with the wanted columns.
    """
    other, tables, hidden = None, list[tuple[str, int, tuple[str, ...]]](), set[str]()
    with _opened(path) as sheets:
        if named and named not in [sheet.name for sheet in sheets]:
            raise refuse(f"no sheet “{named}”; there are: {', '.join(sheet.name for sheet in sheets)}")
        for sheet in sheets:
            if named not in ("", sheet.name):
                continue
            if sheet.hidden:
                hidden.add(sheet.name)
            for number, titles in _titles(sheet, first):
                if wanted and set(wanted) <= set(titles):
                    tables.append((sheet.name, number - 1, titles))
                    break
                if other is None and any(titles):
                    other = sheet.name, number - 1, titles
    shown = [table for table in tables if table[0] not in hidden]
    if not named and (len(shown) > 1 or (tables and not shown)):
        among = ", ".join(f"“{title}”" for title, _, _ in shown or tables)
        why = "several sheets hold these columns" if shown else "only a hidden sheet holds these columns"
        raise refuse(f"{why}: {among}: say which is meant as --sheet NAME")
    chosen = next(iter(shown or tables), other)
    if chosen is None:
        raise refuse("the file is empty, or its first line is: it must name the columns")
    title, above, titles = chosen
    return title, above, titles, tuple(table[0] for table in tables if table[0] in hidden - {title})


def _titles(sheet: XlsxSheet, first: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the first rows of a sheet, each with its number, as a header would be read."""
    for row in sheet.rows():
        if row.number > first:
            return
        yield row.number, tuple(name(stored(cell)) for cell in row.cells)


def rows(path: Path, title: str, skip: int) -> Iterator[tuple[int, list[str], bool]]:
    """Yield the rows after the first `skip` that are not blank: number in the sheet, texts, whether it is hidden."""
    with _opened(path) as sheets:
        [sheet] = [sheet for sheet in sheets if sheet.name == title]
        for row in sheet.rows():
            if row.number > skip and any(texts := [stored(cell) for cell in row.cells]):
                yield row.number, texts, row.hidden


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
