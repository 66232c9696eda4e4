"""What every kind of file gives: sheets with their rows, numbered as a spreadsheet program shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from analysis.sheet_rows import Cell, SheetRow
from survey.i18n import msgid

TOO_LARGE = msgid("The file is too large. Please split it into several files.")
BAD_XLSX = msgid("The file cannot be read as .xlsx. Please open it in a spreadsheet program and save it again.")

TOO_MANY = msgid("The file has more than %(number)s rows. Please split it into several files.")


class Worksheet(Protocol):
    """One table of a file: its only one, or a sheet of a workbook."""

    name: str
    hidden: bool

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows."""


def blank(cell: Cell) -> bool:
    """Return whether a cell holds nothing, or nothing that anybody sees."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
