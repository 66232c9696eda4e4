"""The charts of a printed report: the same specifications as on the staff pages, drawn for paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import vl_convert

from survey import fonts
from survey.reports.report import Report
from survey.reports.texts import row_name
from survey.results import charts
from survey.results.charts import NamedRow
from survey.results.figures import Figures

WIDTH, PIXELS_PER_INCH = 640, 220
ROWS_PER_PICTURE = 24  # so that a picture fits on one page


@dataclass(frozen=True)
class ReportChart:
    """One chart as PNG, with its text alternative."""

    png: bytes
    alternative: str


def intervals(report: Report) -> Iterator[ReportChart]:
    """Yield the interval plot of the units, or of the procedures of an agency without units, page by page."""
    figures = report.by_row
    lines = [(row_name(row), row) for row in figures.judged.rows]
    for start in range(0, len(lines), ROWS_PER_PICTURE):
        yield from _picture(charts.intervals(figures, lines[start : start + ROWS_PER_PICTURE], WIDTH))


def levels(report: Report) -> Iterator[ReportChart]:
    """Yield the five levels of the rows with answers, page by page."""
    figures, lines = _answering(report)
    for start in range(0, len(lines), ROWS_PER_PICTURE):
        yield from _picture(charts.levels(figures, lines[start : start + ROWS_PER_PICTURE], WIDTH))


def funnel(report: Report) -> Iterator[ReportChart]:
    """Yield the funnel of the units; nothing for procedures, or for fewer than ten units with answers."""
    figures, lines = _answering(report)
    yield from _picture(charts.funnel(figures, lines, WIDTH))


def _answering(report: Report) -> tuple[Figures, list[NamedRow]]:
    figures = report.by_row
    return figures, [(row_name(row), row) for row in figures.judged.rows if row.shown]


def movement(report: Report) -> Iterator[ReportChart]:
    """Yield the trend of the ended periods; nothing while there are fewer than two with answers."""
    yield from _picture(charts.movement(report.units, report.overview.trend, WIDTH))


def importance(report: Report) -> Iterator[ReportChart]:
    """Yield the factors by importance and satisfaction; nothing where importance cannot be told."""
    yield from _picture(charts.quadrant(report.units, report.overview.importance, WIDTH))


def _picture(spec: dict[str, Any] | None) -> Iterator[ReportChart]:
    if spec is None:
        return
    fonts.register()
    text = json.dumps(spec, ensure_ascii=False)
    yield ReportChart(vl_convert.vegalite_to_png(text, ppi=PIXELS_PER_INCH), str(spec["description"]))
