"""The charts of a printed report: the same specifications as on the staff pages, drawn for paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert

from analysis.charts import IntervalWords, TrendWords, interval_chart, trend_chart
from analysis.control_chart import Trend as Signal
from survey import remarks
from survey.figures import rows
from survey.i18n import gettext as _
from survey.i18n import percent
from survey.reports.report import Report
from survey.reports.texts import row_name
from survey.sentences import VERDICTS, target_text, verdict_word

FONTS = Path(__file__).parent.parent / "data" / "fonts"
WIDTH, PIXELS_PER_INCH = 640, 220
ROWS_PER_PICTURE = 24  # so that a picture fits on one page


@dataclass(frozen=True)
class Picture:
    """One chart as PNG, with its text alternative."""

    png: bytes
    said: str


def intervals(report: Report) -> Iterator[Picture]:
    """Yield the interval plot of the units, or of the procedures of an agency without units, page by page."""
    found = report.units if len(report.units.judged) > 1 else report.procedures
    lines = [{**one, "name": row_name(one)} for one in rows(found.judged)]
    verdicts = {name: verdict_word(name, provisional=found.provisional) for name in VERDICTS}
    words = IntervalWords(verdicts=verdicts, title=_("Satisfaction rate with its interval"), **_words(report))
    for start in range(0, len(lines), ROWS_PER_PICTURE):
        yield _picture(interval_chart(lines[start : start + ROWS_PER_PICTURE], found.target, words, WIDTH))


def movement(report: Report) -> Iterator[Picture]:
    """Yield the trend of the ended periods; nothing while there are fewer than two with answers."""
    series, reading = report.trend.rows, report.trend.signals
    if reading is None:
        return
    series = series[series["ended"]]
    words = TrendWords(
        title=_("How the satisfaction rate has moved"),
        mean=_("Mean"),
        median=_("Median"),
        limits_of_movement=_("Limits of ordinary movement"),
        improvement=remarks.signal(Signal.IMPROVEMENT),
        deterioration=remarks.signal(Signal.DETERIORATION),
        provisional=_("Fewer than 12 periods: no limits yet"),
        **_words(report),
    )
    names = ["/".join(reversed(code.split("-"))) for code in series["code"]]
    yield _picture(trend_chart(names, reading, series["lower"], series["upper"], report.units.target, words, WIDTH))


def _words(report: Report) -> dict[str, Any]:
    found = report.units
    return {
        "target": _("Target %(share)s", share=target_text(found.target)),
        "rate": _("Rate"),
        "answered": _("Answers"),
        "interval": _("%(share)s confidence interval", share=target_text(str(found.confidence))),
        "no_answers": _("no answers"),
        "decimal": percent(0.905)[2],
    }


def _picture(spec: dict[str, Any]) -> Picture:
    _register()
    text = json.dumps(spec, ensure_ascii=False)
    return Picture(vl_convert.vegalite_to_png(text, ppi=PIXELS_PER_INCH), str(spec["description"]))


@cache
def _register() -> None:
    """Let the drawing engine use our own fonts: a system's may lack Vietnamese letters."""
    vl_convert.register_font_directory(str(FONTS))
