"""Days whose day and month a spreadsheet has exchanged: it read 05/10 as 10 May and left 25/10 as text."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from analysis.sheet_rows import Cell
from survey.i18n import msgid
from survey.imports.cells import LOCAL, day_text
from survey.imports.faults import Findings

MONTHS = 12
_EXCHANGED = msgid(
    "The spreadsheet has probably exchanged day and month: from here on some cells of this column are days, none of "
    "them after the 12th, and all others are text. Format the column as text and fill it again from where it came."
)


@dataclass
class Days:
    """What the cells of one column are: days of the spreadsheet, or text of one with a day after the 12th."""

    first: tuple[int, dt.date] | None = None
    late_text: bool = False
    sound: bool = False

    def note(self, line: int, cell: Cell) -> None:
        """Look at one cell."""
        if isinstance(cell, dt.date):
            day = cell.date() if isinstance(cell, dt.datetime) else cell
            self.first = self.first or (line, day)
            self.sound = self.sound or day.day > MONTHS
        elif isinstance(cell, str) and (match := LOCAL.fullmatch(day_text(cell))):
            late = int(match[1]) > MONTHS
            self.late_text, self.sound = self.late_text or late, self.sound or not late

    def check(self, title: str, findings: Findings) -> None:
        """Name the first day of the column if day and month are exchanged, by all that can be seen."""
        if self.first and self.late_text and not self.sound:
            line, day = self.first
            findings.fault(line, title, f"{day:%d/%m/%Y}", _EXCHANGED)
