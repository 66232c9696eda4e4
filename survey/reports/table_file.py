"""One table as a file of its own, .xlsx or .csv, with nothing that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from survey.reports.columns import Value
from survey.reports.csv import cell

ENDINGS = ("xlsx", "csv")


def table_file(
    title: str, head: Sequence[str], kinds: Sequence[str], lines: Sequence[Sequence[Value]], ending: str
) -> bytes:
    """Return a table as a file; `kinds` are those of its columns, `ending` is one of ENDINGS."""
    if ending == "xlsx":
        from survey.reports.workbook import write_table  # only where a workbook is written: its library is large

        workbook = io.BytesIO()
        write_table(workbook, title, head, kinds, lines)
        return workbook.getvalue()
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([*map(cell, line)] for line in lines)
    return file.getvalue().encode("utf-8-sig")
