"""Charts of the staff pages: drawn by the server, and made to answer the pointer where scripts run."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import vl_convert
from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from analysis.charts import IntervalWords, TrendWords, interval_chart, trend_chart
from analysis.control_chart import Trend as Signal
from survey.figures import Figures
from survey.i18n import gettext, percent
from survey.models import Role
from survey.remarks import signal
from survey.sentences import VERDICTS, target_text, verdict_word
from survey.trends import Trend
from survey.views import guard
from survey.views.lines import Line

FONT = "Arial, Liberation Sans, sans-serif"  # one set of widths, on screens and in the server's drawing
WIDTHS = {"wide": 960, "narrow": 340}
MOST_ROWS = 40
YEAR_SECONDS = 31_536_000
SNIPPET = Path(__file__).parent.parent / "static" / "charts.js"

pages = Blueprint("charts", __name__, url_prefix="/staff/charts")
_drawing = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """One chart at one width: the drawing, and the specification from which a script draws it again."""

    size: str
    svg: Markup
    spec: str


def intervals(found: Figures, lines: Sequence[Line]) -> list[Picture]:
    """Return the interval plot of the judged channel, rows in the order of the table."""
    rows = [{**line.judged, "name": line.name} for line in lines[:MOST_ROWS]]
    verdicts = {name: verdict_word(name, provisional=found.provisional) for name in VERDICTS}
    words = IntervalWords(verdicts=verdicts, title=gettext("Satisfaction rate of each row"), **_words(found))
    return [_picture(size, interval_chart(rows, found.target, words, width, FONT)) for size, width in WIDTHS.items()]


def movement(found: Figures, trend: Trend) -> list[Picture]:
    """Return the trend of the ended periods; nothing while there are fewer than two with answers."""
    if trend.signals is None:
        return []
    rows = trend.rows[trend.rows["ended"]]
    words = TrendWords(
        mean=gettext("Mean"),
        median=gettext("Median"),
        limits_of_movement=gettext("Limits of ordinary movement"),
        improvement=signal(Signal.IMPROVEMENT),
        deterioration=signal(Signal.DETERIORATION),
        provisional=gettext("Fewer than 12 periods: no limits yet"),
        **_words(found) | {"title": gettext("How the satisfaction rate has moved")},
    )
    names = [_short(code) for code in rows["code"]]
    drawn = (rows["lower"], rows["upper"])
    return [
        _picture(size, trend_chart(names, trend.signals, *drawn, found.target, words, width, FONT))
        for size, width in WIDTHS.items()
    ]


def _words(found: Figures) -> dict[str, Any]:
    return {
        "target": gettext("Target %(share)s", share=target_text(found.target)),
        "rate": gettext("Rate"),
        "answered": gettext("Answers"),
        "interval": gettext("%(share)s confidence interval", share=target_text(str(found.confidence))),
        "no_answers": gettext("no answers"),
        "decimal": percent(0.905)[2],
    }


def _short(code: str) -> str:
    """Return a period's code as an axis label: 2026-10 -> 10/2026."""
    year, _, part = code.partition("-")
    return f"{part}/{year}" if part else year


def _picture(size: str, spec: dict[str, Any]) -> Picture:
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Picture(size, _drawn(text), text)


@lru_cache(maxsize=512)
def _drawn(spec: str) -> Markup:
    with _drawing:
        return Markup(vl_convert.vegalite_to_svg(spec))  # noqa: S704 - drawn here, every text of it escaped


@cache
def warm_up() -> None:
    """Start the drawing engine once per process, before the first person waits a second for it."""

    def draw() -> None:
        _drawn(json.dumps({"data": {"values": [{}]}, "mark": "point", "config": {"font": FONT}}))
        _bundle()

    threading.Thread(target=draw, daemon=True).start()


@cache
def version() -> str:
    """Return what changes whenever the script does, so that browsers may keep it for a year."""
    return hashlib.sha256(SNIPPET.read_bytes() + metadata.version("vl-convert-python").encode()).hexdigest()[:12]


@cache
def _bundle() -> tuple[bytes, bytes]:
    with _drawing:
        plain = str(vl_convert.javascript_bundle(SNIPPET.read_text(encoding="utf-8"))).encode()
    return plain, gzip.compress(plain, mtime=0)


@pages.get("/<asked>.js")
@guard.requires(Role.VIEWER)
def script(asked: str) -> Response:
    """Send the script that draws charts, from the same wheel that drew them on the server."""
    if asked != version():
        abort(404)
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(_bundle()[zipped], content_type="text/javascript; charset=utf-8")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    return response
