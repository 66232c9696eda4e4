"""The first sheet of the workbook: the verdict, the totals, the lowest units and two charts, on one page of A4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis.publication import LEAST_ANSWERS
from survey.callbacks.words import headline as headline_of_all
from survey.i18n import date, gettext, number, percent, text
from survey.models import Channel
from survey.periods import local_day
from survey.reports import texts
from survey.reports.columns import Value
from survey.reports.records import LINES, Record, record, records
from survey.reports.report import Report
from survey.reports.sheets import trend_sheet
from survey.reports.workbook import A4, PaperMarks, height, pixels_of
from survey.results import caveats, exclusion_text
from survey.results.rows import JudgedRow, short_name
from survey.results.second_target import second_sentence
from survey.results.verdict_text import headline, row_word, target_text

WIDTHS = (34, 11, 11, 11, 20, 24)
ALL = sum(WIDTHS)
LOWEST = 8  # units that fit with the charts on one page
CHART_PIXELS, CHART_LINES = 310, 15
BLUE, GREY, RED = "#1F5FA8", "#8A8A8A", "#B3261E"
TREND_RATE, TREND_LIMITS, TREND_TARGET = 5, (6, 7), 8


def add_summary(book: Workbook, report: Report, shapes: Mapping[str, Format], marks: PaperMarks) -> Worksheet:
    """Add the sheet that says in one page what the others hold."""
    sheet = book.add_worksheet(gettext("Summary"))
    sheet.hide_gridlines(2)
    sheet.set_paper(A4)
    sheet.set_margins(0.6, 0.4, 0.75, 0.75)
    sheet.fit_to_pages(1, 1)
    marks.print_on(sheet)
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    at = 0
    for words, shape in _opening(report):
        at = _sentence(sheet, at, words, shapes[shape])
    at = _totals(sheet, at + 1, report, shapes) + 1
    for words in _beside(report):
        at = _sentence(sheet, at, words, shapes["wrapped"])
    first = at + 2
    at = _lowest(sheet, at + 1, report, shapes)
    _charts(book, sheet, at + 1, report, (first, at))
    return sheet


def _sentence(sheet: Any, at: int, words: str, shape: Any) -> int:
    if not words:
        return at
    sheet.merge_range(at, 0, at, len(WIDTHS) - 1, "", shape)
    sheet.write_string(at, 0, words, shape)
    sheet.set_row(at, height([(words, ALL)]))
    return at + 1


def _opening(report: Report) -> Iterator[tuple[str, str]]:
    figures = report.units
    yield texts.demo_note(report), "bold"
    yield text(figures.agency.name), "bold"
    yield texts.title(report), "bold"
    yield headline(figures), "wrapped"
    yield second_sentence(figures), "wrapped"
    yield "" if report.call_back is None else headline_of_all(report.call_back), "wrapped"
    closing = figures.scope.closing
    if closing is None:
        yield gettext("Figures as of %(day)s; the period is not closed.", day=date(figures.today)), "wrapped"
    else:
        yield gettext("The figures were closed on %(day)s.", day=date(local_day(closing.closed_at))), "wrapped"


def _totals(sheet: Any, at: int, report: Report, shapes: Mapping[str, Format]) -> int:
    """Write the totals, which stand here alone, so that adding up a column of another sheet counts once."""
    heads = ("Channel", "Answers", "Satisfied answers", "Satisfaction rate", "Interval, rounded outwards", "Verdict")
    _heads(sheet, at, [gettext(head) for head in heads], shapes)
    for line in records(report):
        if line.line in ("unit", "procedure"):
            continue
        at += 1
        values = line.words()
        name = str(values["channel"]) if line.line == "total" else f"{values['channel']}: {gettext(LINES[line.line])}"
        cells = [name, *[values.get(key) for key in ("answered", "satisfied", "rate", "interval", "verdict")]]
        _cells(sheet, at, cells, shapes)
    for line in _together(report):
        at += 1
        values = line.words()
        cells = [str(values["name"]), *[values.get(key) for key in ("answered", "satisfied", "rate", "interval")], ""]
        _cells(sheet, at, cells, shapes)
    return at + 1


def _together(report: Report) -> Iterator[Record]:
    """Yield the units with few answers as one row: it is among the total, and beside no other row."""
    for row in report.units.judged.rows:
        if row.pooled:
            yield record(report, Channel.INVITATION, "procedure", row)


def _beside(report: Report) -> Iterator[str]:
    figures, total, moved = report.units, report.units.judged.total, report.overview.trend.change
    yield gettext("Target: %(target)s satisfied or more.", target=target_text(figures.target))
    if total.finished:
        yield gettext(
            "%(rated)s of %(finished)s finished cases were rated (%(share)s).",
            rated=number(total.rated),
            finished=number(total.finished),
            share=percent(total.response_rate),
        )
    yield "" if moved is None else gettext("Against the period before: %(change)s", change=caveats.change(moved))
    rows = [row for row in figures.judged.rows if not row.pooled]
    if len(rows) > 1:
        counted = Counter(_standing(report, row) for row in rows)
        yield gettext(
            "Units: %(counts)s.", counts="; ".join(f"{name} {number(many)}" for name, many in counted.most_common())
        )
    yield from exclusion_text.summary(report.exclusions, figures.target)


def _standing(report: Report, row: JudgedRow) -> str:
    if row.answered and (row.withheld or row.answered < LEAST_ANSWERS):
        return gettext("Few answers, no verdict")
    return row_word(row, provisional=report.units.provisional, closed=report.units.closed)


def _lowest(sheet: Any, at: int, report: Report, shapes: Mapping[str, Format]) -> int:
    """Write the judged rows with the lowest rates; return the line below the last one."""
    figures = report.by_row
    heads = [gettext("Lowest rates (from %(least)s answers on)", least=number(LEAST_ANSWERS))]
    names = ("Answers", "Satisfied answers", "Satisfaction rate", "Interval, rounded outwards", "Verdict")
    _heads(sheet, at, [*heads, *[gettext(head) for head in names]], shapes)
    rows = [row for row in figures.judged.rows if row.shown and not row.pooled and row.answered >= LEAST_ANSWERS]
    for row in sorted(rows, key=lambda row: (row.rate or 0, -row.answered))[:LOWEST]:
        at += 1
        line = "unit" if figures is report.units else "procedure"
        values = record(report, Channel.INVITATION, line, row).words()
        shown = [values.get(key) for key in ("answered", "satisfied", "rate", "interval", "verdict")]
        _cells(sheet, at, [short_name(row), *shown], shapes)
    return at + 1


def _heads(sheet: Any, at: int, heads: Sequence[str], shapes: Mapping[str, Format]) -> None:
    sheet.set_row(at, height(zip(heads, WIDTHS, strict=True)))
    for place, words in enumerate(heads):
        sheet.write_string(at, place, words, shapes["head"])


def _cells(sheet: Any, at: int, cells: Sequence[Value], shapes: Mapping[str, Format]) -> None:
    kinds = ("long", "count", "count", "share", "text", "long")
    texts_here = zip(cells, WIDTHS, strict=True)
    sheet.set_row(at, height((str(value), width) for value, width in texts_here if isinstance(value, str)))
    for place, (value, kind) in enumerate(zip(cells, kinds, strict=True)):
        sheet.write(at, place, value, shapes[kind])


def _charts(book: Any, sheet: Any, at: int, report: Report, lowest: tuple[int, int]) -> None:
    """Draw how the rate has moved, and the lowest rates: charts of the program itself, which an office may change."""
    first, end = lowest
    chart = _trend(book, report)
    options = {"object_position": 2}
    if chart is not None:
        sheet.insert_chart(at, 0, chart, {**options, "description": _title_of_trend()})
        at += CHART_LINES
    if end > first:
        goal = target_text(report.units.target)
        title = gettext("The lowest satisfaction rates (target: %(target)s)", target=goal)
        bars = book.add_chart({"type": "bar"})
        bars.add_series(
            {
                "name": gettext("Satisfaction rate"),
                "categories": [sheet.name, first, 0, end - 1, 0],
                "values": [sheet.name, first, 3, end - 1, 3],
                "fill": {"color": BLUE},
                "data_labels": {"value": True, "num_format": "0.0%"},
                "gap": 60,
            }
        )
        bars.set_y_axis({"reverse": True, "num_font": {"size": 10}})
        bars.set_x_axis({"min": 0, "max": 1, "visible": False, "major_gridlines": {"visible": False}})
        _finish(bars, title, {"none": True})
        sheet.insert_chart(at, 0, bars, {**options, "description": title})


def _title_of_trend() -> str:
    return str(gettext("Satisfaction rate by period, with its limits and the target"))


def _trend(book: Any, report: Report) -> Any:
    table = trend_sheet(report)
    last = len(table.lines)
    if last < 2:
        return None
    chart = book.add_chart({"type": "line"})
    drawn = [(TREND_RATE, BLUE, 2.25, "solid"), (TREND_TARGET, RED, 1.5, "dash")]
    for column, color, width, dash in (*((one, GREY, 1, "round_dot") for one in TREND_LIMITS), *drawn):
        marker = {"type": "circle", "size": 6, "fill": {"color": color}} if column == TREND_RATE else {"type": "none"}
        chart.add_series(
            {
                "name": table.head[column],
                "categories": [table.name, 1, 0, last, 0],
                "values": [table.name, 1, column, last, column],
                "line": {"color": color, "width": width, "dash_type": dash},
                "marker": marker,
            }
        )
    shares = [row[TREND_LIMITS[0]] for row in table.lines if isinstance(row[TREND_LIMITS[0]], float)]
    lowest = min([float(share) for share in shares if isinstance(share, float)] or [0.0])
    chart.set_y_axis({"min": int(lowest * 10) / 10, "max": 1, "num_format": "0%"})
    chart.show_blanks_as("gap")
    _finish(chart, _title_of_trend(), {"position": "bottom"})
    return chart


def _finish(chart: Any, title: str, legend: Mapping[str, Format]) -> None:
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    chart.set_legend(legend)
    chart.set_size({"width": sum(map(pixels_of, WIDTHS)), "height": CHART_PIXELS})
