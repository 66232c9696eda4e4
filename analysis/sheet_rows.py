"""What every kind of table gives row by row, and why a workbook cannot be read; its reader is large, and apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None

MOST_ROWS = 1_048_576  # a spreadsheet's own limit


class WorkbookRefused(Exception):
    """A workbook cannot be read: DamagedWorkbook, WorkbookTooLarge or TooManyRows."""


class DamagedWorkbook(WorkbookRefused):
    """It is no workbook, or a part of it is missing or broken."""


class WorkbookTooLarge(WorkbookRefused):
    """It unpacks to more than a sheet can need."""


class TooManyRows(WorkbookRefused):
    """A sheet has more rows than a spreadsheet can have."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """The cells of one row, with the number of its (first) line."""

    number: int
    cells: list[Cell]
    hidden: bool = False
