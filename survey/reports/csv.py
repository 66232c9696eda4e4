"""The .csv: every row complete in itself, UTF-8 with a byte order mark so that spreadsheets read Vietnamese.

Columns are separated by commas and numbers have a decimal point, as RFC 4180 readers in any country expect; who opens
a file by double-click under Vietnamese settings takes the .xlsx, which has real numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from analysis.formulas import inert
from survey.i18n import gettext
from survey.reports.records import Value, heads, records
from survey.reports.report import Report
from survey.reports.texts import demo_note
from survey.results.verdict_text import definition


def write_csv(report: Report, path: Path) -> None:
    """Write the report's rows."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*heads(), gettext("Definition")])
        meaning = " ".join(part for part in (demo_note(report), definition()) if part)
        writer.writerows([*map(cell, record), cell(meaning)] for record in records(report))


def cell(value: Value) -> str:
    """Return a value as a cell: numbers in full, days as 2026-10-31, and no text that a spreadsheet would compute.

    >>> cell("=1+1"), cell(0.925), cell(-0.5), cell(None)
    ("'=1+1", '0.925', '-0.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return inert(value) if isinstance(value, str) else repr(value)
