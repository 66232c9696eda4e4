"""The .csv for programs, the same in every language: stable keys, commas, decimal points, and one line feed a row.

Beside it stands its dictionary: what each column means, in the language of the report. Who opens a table by
double-click under Vietnamese settings takes `csv_excel`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from analysis.formulas import inert
from survey.i18n import gettext, language_name, languages, msgid
from survey.reports.columns import ABOUT, CODE, MEASURES, POOLED, WITHHELD, RecordColumn, Value
from survey.reports.records import records
from survey.reports.report import Report

KINDS = {
    "text": msgid("text"),
    "long": msgid("text"),
    "day": msgid("day as 2026-10-31"),
    "count": msgid("whole number"),
    "share": msgid("share from 0 to 1"),
    "limit": msgid("share from 0 to 1"),
    "score": msgid("number"),
    "flag": msgid("true or false"),
}


def write_csv(report: Report, path: Path) -> None:
    """Write the report's rows."""
    keys = [column.key for column in columns()]
    lines = (record.plain() for record in records(report))
    path.write_text(table_text(keys, ([line.get(key) for key in keys] for line in lines)), "utf-8", newline="")


def dictionary() -> str:
    """Return what the columns of the .csv mean, itself as a .csv, in the language in use."""
    head = [gettext("Key"), gettext("Head"), gettext("Values"), gettext("Meaning")]
    words = ([one.key, gettext(one.head), gettext(KINDS[one.kind]), gettext(one.meaning)] for one in columns())
    return table_text(head, words)


def columns() -> Iterator[RecordColumn]:
    """Yield the columns in their order; a name has one for each language."""
    yield from (*ABOUT, CODE)
    for language in languages():
        head = gettext("Name (%(language)s)", language=language_name(language))
        yield RecordColumn(f"name.{language}", head, "long", msgid("Name of the unit or procedure in this language."))
    yield from (POOLED, WITHHELD, *MEASURES)


def cell(value: Value) -> str:
    """Return a value as a cell: numbers in full, days as 2026-10-31, and no text that a spreadsheet would compute.

    >>> cell("=1+1"), cell(0.925), cell(-0.5), cell(None), cell(True)
    ("'=1+1", '0.925', '-0.5', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    return inert(value) if isinstance(value, str) else repr(value)


def table_text(head: Sequence[str], lines: Iterable[Sequence[Value]]) -> str:
    """Return a table as programs read it: commas, decimal points, one line feed a row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([*map(cell, line)] for line in lines)
    return text.getvalue()
