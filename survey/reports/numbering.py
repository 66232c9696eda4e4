"""The numbers of tables and figures of one document, given as they come: none is missing where nothing stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from survey.reports.outline import OutlineFigure, OutlineTable, ReportChart, ReportTable


@dataclass
class Numbering:
    """The last number given to a table, and to a figure."""

    tables: int = 0
    figures: int = 0

    def table(self, title: str, table: ReportTable | None) -> Iterator[OutlineTable]:
        """Yield a table with the next number; nothing for one that is missing or has no rows."""
        if table is not None and table.rows:
            self.tables += 1
            yield OutlineTable(self.tables, title, table)

    def figure(self, title: str, chart: ReportChart | None) -> Iterator[OutlineFigure]:
        """Yield a figure with the next number; nothing for one that is missing."""
        if chart is not None:
            self.figures += 1
            yield OutlineFigure(self.figures, title, chart)
