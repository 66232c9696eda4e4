"""The charts of a printed report: the same specifications as on the staff pages, drawn for paper.

Each is drawn when it is written: as pixels where a document takes only those, as lines and letters elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from analysis.charts.appearance import Spec
from survey.charts import drawing
from survey.charts.drawing import PictureKind
from survey.reports.outline import Outline, OutlineFigure, ReportChart
from survey.reports.report import Report
from survey.results import caveats, charts
from survey.results.charts import HeldFigures
from survey.results.overview_text import strip_sentence, trend_sentence, trend_title
from survey.results.rows import JudgedRow, short_name

WIDTH = 640
LOWEST = 15  # rows that are drawn, on one axis


def movement(report: Report) -> ReportChart | None:
    """Return the trend of the ended periods; None while there are fewer than two with answers."""
    trend, target = report.overview.trend, report.units.target
    spec = charts.movement(report.units, trend, WIDTH)
    rows = [row for row in trend.rows if row.ended]
    return _chart(spec, trend_sentence(rows, target, trend_title(trend, target))) if spec is not None else None


def lowest(report: Report) -> ReportChart | None:
    """Return the interval plot of the rows with the lowest rates; None where fewer than two may be judged."""
    figures = report.by_row
    judged = [row for row in figures.judged.rows if caveats.judged(row) and not row.pooled]
    if report.public:
        judged = [row for row in judged if not row.suppress]
    rows = sorted(judged, key=lambda row: (row.rate or 0.0, row.id))[:LOWEST]
    return on_one_axis(figures, rows) if len(rows) > 1 else None


def on_one_axis(figures: HeldFigures, rows: Sequence[JudgedRow]) -> ReportChart:
    """Return the interval plot of rows, in their order."""
    spec = charts.intervals(figures, [(short_name(row), row) for row in rows], WIDTH)
    return _chart(spec, strip_sentence(rows, figures.target))


def drawn(printed: Outline, kind: PictureKind) -> dict[ReportChart, bytes]:
    """Return the charts of a printed report as pictures, all drawn at once."""
    blocks = [*printed.body, *(block for annex in printed.annexes for block in annex.blocks)]
    charts_there = list(dict.fromkeys(block.chart for block in blocks if isinstance(block, OutlineFigure)))
    pictures = drawing.drawn([chart.spec for chart in charts_there], kind)
    return dict(zip(charts_there, pictures, strict=True))


def _chart(spec: Spec, alternative: str) -> ReportChart:
    return ReportChart(json.dumps(spec | {"description": alternative}, ensure_ascii=False), alternative)
