"""The .xlsx: a summary that prints on one page with its charts, and behind it a sheet for each table of the annexes."""

from __future__ import annotations

from pathlib import Path

from survey.i18n import date, text
from survey.reports import texts
from survey.reports.report import Report
from survey.reports.sheets import sheets
from survey.reports.summary_sheet import add_summary
from survey.reports.workbook import PaperMarks, add_table, formats, new_book
from survey.results.period_names import period_words
from survey.version import version


def write_xlsx(report: Report, path: Path) -> None:
    """Write the report as a workbook."""
    with new_book(str(path)) as book:
        issuer = text(report.units.agency.name)
        about = {"title": texts.title(report), "author": issuer, "category": texts.demo_note(report)}
        book.set_properties({**about, "comments": f"hailong {version()}"})
        shapes, marks = formats(book), _marks(report)
        summary = add_summary(book, report, shapes, marks)
        for table in sheets(report):
            add_table(book, table, shapes, marks)
        summary.activate()


def _marks(report: Report) -> PaperMarks:
    figures = report.units
    period = f"{period_words(figures.period)} ({date(figures.period.first)}–{date(figures.period.last)})"
    return PaperMarks(text(figures.agency.name), period, texts.demo_note(report))
