"""The files of a nation's report: to be signed (.docx), to be read (.pdf), to be reckoned with (.xlsx, .csv)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from survey.i18n import current_language, date, gettext
from survey.reports import columns, nation_report, texts
from survey.reports.columns import CODE, INTERVAL, LEVELS, NAME, RESULTS, RecordColumn, Value
from survey.reports.csv import table_text
from survey.reports.docx import write_document
from survey.reports.pdf import write_pages
from survey.reports.printed_cells import printed_cells
from survey.reports.records import row_values
from survey.reports.workbook import PaperMarks, SheetTable, add_table, formats, new_book
from survey.reports.writing import set_moment
from survey.results.nation import NationFigures
from survey.results.period_names import period_words
from survey.results.rows import JudgedRow, short_name
from survey.results.verdict_text import definition, interval, row_word, sentence, withheld
from survey.version import version

SHOWN = (CODE, *RESULTS[:5], INTERVAL, RESULTS[5], *LEVELS, *columns.CASES[:4])
KEPT = ("period", "basis", "first_day", "last_day", "target", "confidence", "line", "code", "name.vi", "name.en")
FIGURES = (*(one.key for one in (*RESULTS[:6], *LEVELS, *columns.CASES[:6])), "withheld", "months", "months_missing")


def write_nation(figures: NationFigures, folder: Path, issuer: str, as_of: dt.datetime) -> list[Path]:
    """Write the four files into a folder, each whole or not at all, in the language in use, and return their paths.

    Raises:
        OSError: they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    printed = nation_report.nation_outline(figures, issuer, as_of)
    name, paths = f"nation_{figures.period.code}_{figures.period.basis}_{current_language()}", []
    for ending in ("docx", "pdf", "xlsx", "csv"):
        path = folder / f"{name}.{ending}"
        part = path.with_name(f".{path.name}.part")
        try:
            if ending == "docx":
                write_document(printed, part)
            elif ending == "pdf":
                write_pages(printed, part)
            elif ending == "xlsx":
                _write_book(figures, part, issuer)
            else:
                part.write_text(_table(figures), "utf-8", newline="")
            if ending in ("docx", "xlsx"):
                set_moment(part, as_of)
            paths.append(part.replace(path))
        finally:
            part.unlink(missing_ok=True)
    return paths


def _table(figures: NationFigures) -> str:
    """Return the rows for programs: stable keys, shares in full, nothing of what is withheld."""
    keys = [*KEPT, *FIGURES]
    return table_text(keys, ([line.get(key) for key in keys] for line in _lines(figures)))


def _lines(figures: NationFigures) -> Iterator[dict[str, Value]]:
    period = figures.period
    about: dict[str, Value] = {
        "period": period.code,
        "basis": str(period.basis),
        "first_day": period.first,
        "last_day": period.last,
        "target": float(figures.target),
        "confidence": figures.confidence,
    }
    for line, rows in (("total", (figures.total,)), ("province", figures.rows)):
        for row in rows:
            names: dict[str, Value] = {f"name.{language}": words for language, words in row.name.items()}
            yield {**row_values(row), **about, **names, "line": line, **_there(figures, row, line)}


def _there(figures: NationFigures, row: JudgedRow, line: str) -> dict[str, Value]:
    codes = {row.code, *(code for code, now in figures.merged.items() if now == row.code)}
    absent = (months for code, months in figures.absent.items() if code in codes or line == "total")
    return {"months": len(figures.months), "months_missing": sum(map(len, absent))}


def _write_book(figures: NationFigures, path: Path, issuer: str) -> None:
    with new_book(str(path)) as book:
        about = {"title": nation_report.title(figures), "author": issuer, "comments": f"hailong {version()}"}
        book.set_properties({**about, "category": nation_report.demo_note(figures)})
        shapes, period = formats(book), figures.period
        days = f"{period_words(period)} ({date(period.first)}–{date(period.last)})"
        marks = PaperMarks(gettext("Provinces and cities"), days, nation_report.demo_note(figures))
        for table in _sheets(figures):
            add_table(book, table, shapes, marks)


def _sheets(figures: NationFigures) -> Iterator[SheetTable]:
    every = [NAME, *SHOWN]
    rows = [(gettext("The whole"), figures.total), *((short_name(row), row) for row in figures.rows)]
    lines = [[_words(figures, row, name).get(column.key) for column in every] for name, row in rows]
    head, kinds = [gettext(column.head) for column in every], [str(column.kind) for column in every]
    yield SheetTable(gettext("Provinces and cities"), head, kinds, lines, [8, 6, 4])
    if (absent := nation_report.absent(figures)) is not None:
        yield SheetTable(gettext("Months that are missing"), absent.head, ["long", "wide"], absent.rows)
    yield _notes(figures)
    yield _definitions(every)


def _words(figures: NationFigures, row: JudgedRow, name: str) -> dict[str, Value]:
    """Return a row as a person reads it: shares as they are printed, a verdict in words, no limits that say nothing."""
    values = {**row_values(row), **printed_cells(vars(row), figures.target), "name": name, "verdict": row_word(row)}
    if row.shown:
        return {**values, "interval": interval(row, target=figures.target)}
    return {**values, "interval": withheld(row) or None, "lower": None, "upper": None}


def _notes(figures: NationFigures) -> SheetTable:
    """Return what stands in sentences: the conclusion, the share by cases, and the method."""
    words = [sentence(figures.total, figures.standard), nation_report.by_cases(figures)]
    words += [texts.days_words(figures.period), *nation_report.method(figures)]
    lines: list[list[Value]] = [[one[:1].upper() + one[1:]] for one in words if one]
    return SheetTable(gettext("How the figures came about"), [gettext("Note")], ["wide"], lines)


def _definitions(shown: Sequence[RecordColumn]) -> SheetTable:
    meanings = {
        "rate": definition(),
        "code": gettext("Code of the province or city as which all stands that was merged into it."),
        "name": gettext("Name of the province or city as it is now."),
    }
    lines: list[list[Value]] = [
        [gettext(one.head), meanings.get(one.key) or gettext(one.meaning), one.key] for one in shown
    ]
    head = [gettext("Column"), gettext("Meaning"), gettext("Key in .csv")]
    return SheetTable(gettext("Definitions of columns"), head, ["long", "wide", "text"], lines)
