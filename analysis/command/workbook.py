"""Read the sheets of a workbook (.xlsx) as rows of texts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis import delimited
from analysis.command.faults import refuse
from analysis.command.values import name, stored

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
        raise refuse("a web page, XML, a PDF or a document, not a table: open it and save its table as .xlsx")
    return start.startswith(b"PK\x03\x04")


def header(path: Path, wanted: Sequence[str], first: int, named: str = "") -> tuple[str, int, tuple[str, ...]]:
    """Return the sheet, the rows before the header and the header: the first of a sheet's `first` rows with all wanted.

    It is looked for in the sheet that is `named`, otherwise in all. Without such a row it is the first row that is not
    blank, of the first sheet that has one.

    Raises:
        FileRefused: a damaged workbook, one without any row, or several sheets or a hidden one with the wanted columns.
    """
    other, tables, hidden = None, list[tuple[str, int, tuple[str, ...]]](), set[str]()
    with _opened(path) as book:
        titles = [sheet.title for sheet in book.worksheets]
        if named and named not in titles:
            raise refuse(f"no sheet “{named}”; there are: {', '.join(titles)}")
        for sheet in book.worksheets:
            if named not in ("", sheet.title):
                continue
            if sheet.sheet_state != "visible":
                hidden.add(sheet.title)
            for number, row in _numbered(sheet, first):
                texts = tuple(name(stored(cell)) for cell in row)
                if wanted and set(wanted) <= set(texts):
                    tables.append((sheet.title, number - 1, texts))
                    break
                if other is None and any(texts):
                    other = sheet.title, number - 1, texts
    shown = [table for table in tables if table[0] not in hidden]
    if not named and (len(shown) > 1 or (tables and not shown)):
        sheets = ", ".join(f"“{title}”" for title, _, _ in shown or tables)
        why = "several sheets hold these columns" if shown else "only a hidden sheet holds these columns"
        raise refuse(f"{why}: {sheets}: say which is meant as --sheet NAME")
    if not tables and other is None:
        raise refuse("the file is empty, or its first line is: it must name the columns")
    return next(iter(shown or tables), other)  # type: ignore[return-value]  # one of them is there


def rows(path: Path, title: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows after the first `skip` ones that are not blank, with their numbers in the sheet."""
    with _opened(path) as book:
        for number, row in _numbered(book[title]):
            if number > skip and any(texts := [stored(cell) for cell in row]):
                yield number, texts


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import openpyxl  # only where a workbook is read: it is large

    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that do not concern the cells
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # a damaged archive can make the reader fail in any way
            raise refuse(DAMAGED) from error
        try:
            yield book
        finally:
            book.close()


def _numbered(sheet: Any, most: int | None = None) -> Iterator[tuple[int, Sequence[Any]]]:
    sheet.reset_dimensions()  # what a file says of its size need not be true
    lines = enumerate(sheet.iter_rows(values_only=True, max_row=most), 1)
    while True:
        try:
            numbered = next(lines, None)
        except Exception as error:  # as above
            raise refuse(DAMAGED) from error
        if numbered is None:
            return
        yield numbered
