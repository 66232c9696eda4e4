"""Charts as drawings, made in a process of their own, and the script that draws them again where scripts run."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from typing import Any

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

from survey import fonts
from survey.errors import Unavailable
from survey.logs import log
from survey.models import Role
from survey.operations.drawing_process import NotDrawn, drawing_process
from survey.settings import STATIC
from survey.web.staff import access

FONT = f"Arial, {fonts.SANS}, sans-serif"  # one set of widths, on screens and in the server's drawing
WIDTHS = {"wide": 960, "narrow": 340}
YEAR_SECONDS = 31_536_000
SNIPPET = STATIC / "staff/charts.js"

pages = Blueprint("chart_svg", __name__, url_prefix="/staff/charts")


@dataclass(frozen=True)
class PageChart:
    """One chart at one width: the drawing, and the specification from which a script draws it again."""

    size: str
    svg: Markup
    spec: str


def pictures(chart: Callable[[int], dict[str, Any] | None]) -> list[PageChart]:
    """Return a chart at each width; the page shows the one that fits. Nothing where there is nothing to draw."""
    drawn = []
    for size, width in WIDTHS.items():
        if (specification := chart(width)) is None:
            return []
        spec = json.dumps(specification, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        try:
            drawn.append(PageChart(size, svg(spec), spec))
        except NotDrawn as fault:  # a name can be more than the engine draws; the table says the same
            log.error("chart_not_drawn", kind=str(fault))
            return []
    return drawn


@lru_cache(maxsize=16)  # whole pages are kept too, so few charts are asked for again
def svg(spec: str) -> Markup:
    """Return the drawing of a specification; the same one is drawn once."""
    drawn = drawing_process.svg(spec)
    # The script numbers its clips as the server does: on a page with both, one picture would be cut by another's frame.
    own = f"{hashlib.sha256(spec.encode()).hexdigest()[:8]}-clip"
    drawn = drawn.replace('id="clip', f'id="d{own}').replace("url(#clip", f"url(#d{own}")
    return Markup(drawn)  # noqa: S704 - drawn here, every text of it escaped


@cache
def warm_up() -> None:
    """Start the drawing engine once per process, before the first person waits a second for it."""

    def draw() -> None:
        with suppress(NotDrawn):  # whoever needs a picture next is told
            svg(json.dumps({"data": {"values": [{}]}, "mark": "point", "config": {"font": FONT}}))
            _bundle()

    threading.Thread(target=draw, daemon=True).start()


@cache
def version() -> str:
    """Return what changes whenever the script does, so that browsers may keep it for a year."""
    return hashlib.sha256(SNIPPET.read_bytes() + metadata.version("vl-convert-python").encode()).hexdigest()[:12]


@cache
def _bundle() -> tuple[bytes, bytes]:
    plain = drawing_process.script(SNIPPET.read_text(encoding="utf-8")).encode()
    return plain, gzip.compress(plain, mtime=0)


@pages.get("/<asked>.js")
@access.requires(Role.VIEWER)
def script(asked: str) -> Response:
    """Send the script that draws charts, from the same wheel that drew them on the server."""
    if asked != version():
        abort(404)
    zipped = request.accept_encodings.quality("gzip") > 0
    try:
        bundle = _bundle()[zipped]
    except NotDrawn as error:
        raise Unavailable("The charts cannot be drawn just now. Please try again.") from error
    response = Response(bundle, content_type="text/javascript; charset=utf-8")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    return response
