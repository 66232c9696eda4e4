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
from survey.results.figures import Figures, rows

WIDTH, PIXELS_PER_INCH = 640, 220
ROWS_PER_PICTURE = 24  # so that a picture fits on one page


@dataclass(frozen=True)
class Picture:
    """One chart as PNG, with its text alternative."""

    png: bytes
    said: str


def intervals(report: Report) -> Iterator[Picture]:
    """Yield the interval plot of the units, or of the procedures of an agency without units, page by page."""
    figures = report.units if len(report.units.judged) > 1 else report.procedures
    lines = [{**one, "name": row_name(one)} for one in rows(figures.judged)]
    for start in range(0, len(lines), ROWS_PER_PICTURE):
        yield from _picture(charts.intervals(figures, lines[start : start + ROWS_PER_PICTURE], WIDTH))


def levels(report: Report) -> Iterator[Picture]:
    """Yield the five levels of the rows with answers, page by page."""
    figures, lines = _answering(report)
    for start in range(0, len(lines), ROWS_PER_PICTURE):
        yield from _picture(charts.levels(figures, lines[start : start + ROWS_PER_PICTURE], WIDTH))


def funnel(report: Report) -> Iterator[Picture]:
    """Yield the funnel of the units; nothing for procedures, or for fewer than ten units with answers."""
    figures, lines = _answering(report)
    yield from _picture(charts.funnel(figures, lines, WIDTH))


def _answering(report: Report) -> tuple[Figures, list[dict[str, Any]]]:
    figures = report.units if len(report.units.judged) > 1 else report.procedures
    return figures, [{**one, "name": row_name(one)} for one in rows(figures.judged) if one["answered"]]


def movement(report: Report) -> Iterator[Picture]:
    """Yield the trend of the ended periods; nothing while there are fewer than two with answers."""
    yield from _picture(charts.movement(report.units, report.trend, WIDTH))


def importance(report: Report) -> Iterator[Picture]:
    """Yield the factors by importance and satisfaction; nothing where importance cannot be told."""
    yield from _picture(charts.quadrant(report.units, report.importance, WIDTH))


def _picture(spec: dict[str, Any] | None) -> Iterator[Picture]:
    if spec is None:
        return
    fonts.register()
    text = json.dumps(spec, ensure_ascii=False)
    yield Picture(vl_convert.vegalite_to_png(text, ppi=PIXELS_PER_INCH), str(spec["description"]))
