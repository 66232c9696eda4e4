"""The .xlsx: one table of all rows, the factors, the reasons, the trend and the definitions, with real numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from analysis.printed import printed_limits
from survey.i18n import gettext, text
from survey.periods import local_day
from survey.reports import texts
from survey.reports.printed_cells import BelowTarget, printed_cells
from survey.reports.records import COLUMNS, Value, heads, records
from survey.reports.report import Report
from survey.results import exclusion_text
from survey.results.factors import by_questionnaire
from survey.version import version

LIMIT = "0.0########%"  # with the decimals of a target that has more than one
FORMATS = {
    "share": "0.0%",
    "limit": LIMIT,
    "below": f'"<"{LIMIT}',
    "long": "@",
    "score": "0.00",
    "count": "#,##0",
    "day": "dd/mm/yyyy",
    "text": "@",
}
FONT = {"font_name": "Times New Roman", "font_size": 12}
WIDTHS = {"long": 42, "limit": 11, "text": 18, "day": 12, "count": 11, "share": 11, "score": 11}
A4, COLUMNS_PER_PAGE = 9, 12
SENTENCE_WIDTH, LINE_HEIGHT = 76, 16.5
MOST_OF_A_SHEETS_NAME = 31
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "remove_timezone": True}


def write_xlsx(report: Report, path: Path) -> None:
    """Write the report as a workbook of six sheets."""
    with xlsxwriter.Workbook(str(path), SAFE) as book:
        made_by = f"hailong {version()}"
        book.set_properties({"title": texts.title(report), "category": texts.demo_note(report), "comments": made_by})
        formats = _formats(book)
        _explain(book, report)
        kinds = [column.kind for column in COLUMNS]
        _table(book, gettext("Figures"), heads(), kinds, list(records(report, printed=True)), formats)
        _table(book, gettext("Factors"), *_factors(report), formats)
        _table(book, gettext("Reasons"), *_reasons(report), formats)
        _table(book, gettext("Trend"), *_trend(report), formats)
        _table(book, gettext("Left out"), *_exclusions(report), formats)


def write_table(
    file: BinaryIO, title: str, head: Sequence[str], kinds: Sequence[str], lines: Sequence[Sequence[Value]]
) -> None:
    """Write one table as a workbook of its own; `kinds` are those of its columns, and no text is ever a formula."""
    with xlsxwriter.Workbook(file, {**SAFE, "in_memory": True}) as book:
        book.set_properties({"title": title, "comments": f"hailong {version()}"})
        _table(book, title[:MOST_OF_A_SHEETS_NAME], head, kinds, lines, _formats(book))


def _formats(book: Any) -> dict[str, Any]:
    formats = {  # indented, so that no text touches a number
        kind: book.add_format({**FONT, "num_format": code, "indent": int(code == "@")})
        for kind, code in FORMATS.items()
    }
    formats["head"] = book.add_format({**FONT, "bold": True, "text_wrap": True, "valign": "vcenter", "border": 1})
    return formats


def _table(
    book: Any, name: str, head: Sequence[str], kinds: Sequence[str], lines: Sequence[Sequence[Any]], formats: Any
) -> None:
    sheet = book.add_worksheet(name)
    sheet.add_write_handler(BelowTarget, partial(_write_below, formats["below"]))
    columns = [
        {"header": words, "format": formats[kind], "header_format": formats["head"]}
        for words, kind in zip(head, kinds, strict=True)
    ]
    options = {"columns": columns, "data": lines, "style": "Table Style Light 1"}
    sheet.add_table(0, 0, max(len(lines), 1), len(head) - 1, options)
    for place, kind in enumerate(kinds):
        sheet.set_column(place, place, WIDTHS[kind])
    lines_of_head = (-(-len(words) // (WIDTHS[kind] - 2)) for words, kind in zip(head, kinds, strict=True))
    sheet.set_row(0, LINE_HEIGHT * max(lines_of_head))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(-(-len(head) // COLUMNS_PER_PAGE), 0)
    sheet.repeat_rows(0)


def _factors(report: Report) -> tuple[list[str], list[str], list[list[Value]]]:
    """Return heads, kinds and rows of the factors."""
    levels = [f"level_{rating}" for rating in range(1, 6)]
    keys = ["answered", "satisfied", "rate", "lower", "upper", "mean", *levels]
    columns = {column.key: column for column in COLUMNS}
    head = [
        gettext("Questionnaire"),
        gettext("Name"),
        gettext("Question"),
        *[gettext(columns[key].head) for key in keys],
        gettext("No opinion"),
    ]
    kinds = ["long", "long", "long", *[str(columns[key].kind) for key in keys], "count"]
    lines: list[list[Value]] = []
    for row in chain.from_iterable(by_questionnaire(report.overview.factors)):
        values = _printed(vars(row), report.units.target)
        words = [text(row.title), text(row.name), text(row.text)]
        lines.append([*words, *[values[key] for key in keys], row.no_opinion])
    return head, kinds, lines


def _reasons(report: Report) -> tuple[list[str], list[str], list[list[Value]]]:
    """Return heads, kinds and rows of what people were not satisfied with; nothing where it is not shown."""
    columns = {
        gettext("What was not right"): "long",
        gettext("People"): "count",
        gettext("Of so many who gave a reason"): "count",
        gettext("Share"): "share",
        gettext("Lower limit"): "limit",
        gettext("Upper limit"): "limit",
    }
    question = report.overview.reasons
    lines: list[list[Value]] = []
    for choice in question.choices if question is not None and question.shown else ():
        limits: list[Value] = [None, None]
        if choice.people is not None:
            printed = printed_limits(choice.lower, choice.upper)
            limits = [float(printed.lower / 100), float(printed.upper / 100)]
        lines.append([text(choice.text), choice.people, question.answered if question else None, choice.rate, *limits])
    return list(columns), list(columns.values()), lines


def _trend(report: Report) -> tuple[list[str], list[str], list[list[Value]]]:
    """Return heads, kinds and rows of the trend."""
    columns = {
        gettext("Period"): "text",
        gettext("First day"): "day",
        gettext("Last day"): "day",
        gettext("Answers"): "count",
        gettext("Satisfied answers"): "count",
        gettext("Satisfaction rate"): "share",
        gettext("Lower limit"): "limit",
        gettext("Upper limit"): "limit",
    }
    lines: list[list[Value]] = []
    for row in report.overview.trend.rows:
        values = _printed(vars(row), report.units.target)
        counts: list[Value] = [row.code, row.first, row.last, row.answered, row.satisfied]
        lines.append([*counts, values["rate"], values["lower"], values["upper"]])
    return list(columns), list(columns.values()), lines


def _exclusions(report: Report) -> tuple[list[str], list[str], list[list[Value]]]:
    """Return heads, kinds and rows of what was proposed about answers that are left out."""
    head, kinds = [*exclusion_text.heads(), gettext("Answers")], ["long", "long", "long", "day", "long", "count"]
    rows: list[list[Value]] = []
    for line in report.exclusions.lines:
        what, why, words, _day, state = exclusion_text.printed(line)
        rows.append([what, why, words, local_day(line.proposed_at), state, line.answers])
    return head, kinds, rows


def _printed(row: Mapping[str, Value], target: str) -> dict[str, Value]:
    """Return a row with its shares as they are printed, and no limits where what was said is withheld."""
    nothing: dict[str, Value] = {"lower": None, "upper": None} if row["withheld"] else {}
    return {**row, **printed_cells(row, target), **nothing}


def _write_below(shape: Any, sheet: Any, line: int, column: int, value: float, _: Any = None) -> Any:
    return sheet.write_number(line, column, value, shape)


def _explain(book: Any, report: Report) -> None:
    """Write the first sheet: what this is, the verdict, the definitions and the notes, one line each."""
    sheet = book.add_worksheet(gettext("About"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, SENTENCE_WIDTH)
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    wrapped = book.add_format({**FONT, "text_wrap": True, "valign": "top"})
    bold = book.add_format({**FONT, "text_wrap": True, "bold": True})
    lines = [(texts.demo_note(report), bold), (text(report.units.agency.name), bold), (texts.title(report), bold)]
    lines += [(line, wrapped) for line in (*texts.results(report), *texts.scope(report), *texts.notes(report))]
    for place, (line, shape) in enumerate(pair for pair in lines if pair[0]):
        # Not every program finds the height of wrapped text by itself.
        sheet.set_row(place, LINE_HEIGHT * (1 + len(line) // SENTENCE_WIDTH))
        sheet.write_string(place, 0, line, shape)
