"""How every chart looks: one typeface, few inks, numbers as officials write them, texts that keep their place."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from analysis.printed import PrintedLimits, printed_share

Spec: TypeAlias = dict[str, Any]
Layer: TypeAlias = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONT = "Liberation Sans"
INK, GREY, RULE, PALE, PAPER = "#1a1a1a", "#5c5c5c", "#8c8c8c", "#e3e3e3", "#ffffff"
BLUE, RUST = "#0b5394", "#b3400b"
SIZE, SMALL, LINE = 12, 11, 14
NARROW = 480
WRAP_AT = 30
LETTER_WIDTHS = {"il.,:;'|!jI ": 0.28, "frt()-/[]": 0.36, "mwMW%": 0.9, "ABCDEGHKNOPQRSUVXY&": 0.7}


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words that every chart needs, in the reader's language, and that language's decimal sign.

    `to_below` writes an interval whose upper limit misses the target by less than can be printed; `few` stands where
    there are answers whose rate is not to be shown.
    """

    title: str
    target: str
    rate: str
    answered: str
    interval: str
    no_answers: str
    few: str = "few answers"
    decimal: str = ","
    to_below: str = "{lower} to below {upper}"

    def percent(self, share: float, decimals: int = 1) -> str:
        """Write a share as a percentage: 0.9234 -> 92,3%."""
        return self.percentage(printed_share(share, decimals=decimals))

    def percentage(self, printed: Decimal) -> str:
        """Write a figure in per cents that is rounded already: 92,3%."""
        return f"{printed}%".replace(".", self.decimal)

    def count(self, number: float) -> str:
        """Write a whole number with the language's thousands: 1234 -> 1.234."""
        return f"{number:,.0f}".replace(",", "." if self.decimal == "," else ",")

    def limits(self, limits: PrintedLimits) -> str:
        """Write an interval: 92,7%–96,8%, or with `below_target` 81,9% to below 90,0%."""
        lower, upper = self.percentage(limits.lower), self.percentage(limits.upper)
        return self.to_below.format(lower=lower, upper=upper) if limits.below_target else f"{lower}–{upper}"

    def n(self, number: float) -> str:
        """Write the number of answers beside a rate: n = 1.234."""
        return f"n = {self.count(number)}"


@dataclass(frozen=True)
class Area:
    """The place of the plot inside the picture, in pixels."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float


def spec(area: Area, layers: Sequence[Layer], description: str, font: str) -> Spec:
    """Return the whole specification: the layers in their area, with the text alternative."""
    return {
        "$schema": SCHEMA,
        "description": description,
        "width": round(area.width),
        "height": round(area.height),
        "padding": {side: round(getattr(area, side)) for side in ("left", "right", "top", "bottom")},
        "autosize": "none",
        "background": PAPER,
        "layer": [one for one in layers if one["data"]["values"]],
        "config": {
            "font": font,
            "view": {"stroke": None},
            "text": {"fontSize": SMALL, "color": INK, "lineHeight": LINE - 1, "baseline": "middle"},
            "axis": {
                "domain": False,
                "ticks": False,
                "gridColor": PALE,
                "labelColor": GREY,
                "labelFontSize": SMALL,
                "labelPadding": 6,
                "titleColor": GREY,
                "titleFontSize": SMALL,
                "titleFontWeight": "normal",
            },
        },
    }


def layer(mark: str, values: Iterable[Mapping[str, Any]], encoding: Mapping[str, Any], **properties: Any) -> Layer:
    """Return one layer with its own data; silent to screen readers unless it has a description."""
    aria = "description" in encoding
    drawn = {"type": mark, "aria": aria, **properties}
    return {"data": {"values": list(values)}, "mark": drawn, "encoding": dict(encoding)}


def pixels(pixel: float) -> dict[str, Any]:
    """Return an encoding for a fixed place in pixels."""
    return {"value": pixel}


def pixel_column(field: str) -> dict[str, Any]:
    """Return an encoding for a column that already holds pixels."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def spoken_text(field: str = "sentence") -> dict[str, Any]:
    """Return the encodings of tooltip and screen-reader text from one column."""
    return {"tooltip": {"field": field, "type": "nominal"}, "description": {"field": field, "type": "nominal"}}


def share_axis(low: float, high: float, ticks: int, **axis: Any) -> dict[str, Any]:
    """Return the encoding properties of a percentage axis between two shares, with few round ticks."""
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if (high - low) / s <= ticks), 0.25)
    first, last = math.ceil(round(low / step, 6)), math.floor(round(high / step, 6))
    values = [round(i * step, 4) for i in range(first, last + 1)]
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"type": "quantitative", "scale": scale, "axis": {"values": values, "format": ".0%", "title": None, **axis}}


def text_width(text: str, size: float = SMALL) -> float:
    """Return about how many pixels a line of text takes, a little too many rather than too few."""
    letters = unicodedata.normalize("NFD", text)
    widths = (
        next((width for group, width in LETTER_WIDTHS.items() if letter in group), 0.57)
        for letter in letters
        if not unicodedata.combining(letter)
    )
    return size * sum(widths)


def wrapped(text: str, lines: int = 2, limit: int = WRAP_AT) -> list[str]:
    """Break a long name at `limit` letters into at most `lines` even lines, the last cut with an ellipsis.

    >>> wrapped("Thái độ của cán bộ, công chức", limit=24)
    ['Thái độ của cán', 'bộ, công chức']
    """
    broken = textwrap.wrap(text, limit, max_lines=lines, placeholder="…") or [""]
    if len(broken) == 1 or broken[-1].endswith("…"):
        return broken
    narrower = (textwrap.wrap(text, width) for width in range(limit // 2, limit))
    return next((even for even in narrower if len(even) == len(broken)), broken)


def fitted(text: str, width: float, size: float = SMALL) -> str:
    """Cut a text with an ellipsis so that it takes at most `width` pixels."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1].rstrip()
    return f"{text}…"
