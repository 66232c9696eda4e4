"""A legend of symbols and words that flows over as many lines as the width needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.charts.appearance import INK, LINE, SMALL, Layer, layer, pixel_column, pixels, text_width

GAP, SYMBOL = 14, 16


@dataclass(frozen=True)
class LegendEntry:
    """One symbol of a legend with its word; `shape` is a Vega symbol or an SVG path."""

    word: str
    shape: str
    fill: str
    stroke: str = INK
    size: float = 60


def flow(entries: Sequence[LegendEntry], left: float, width: float) -> tuple[list[tuple[float, float]], float]:
    """Return where each entry stands from the upper left corner, and the height of all lines."""
    places, x, y = [], 0.0, 0.0
    for entry in entries:
        needed = SYMBOL + text_width(entry.word)
        if x and x + needed > width:
            x, y = 0.0, y + LINE + 2
        places.append((left + x, y))
        x += needed + GAP
    return places, y + LINE + 2 if entries else 0.0


def legend(entries: Sequence[LegendEntry], left: float, top: float, width: float) -> list[Layer]:
    """Return the layers of a legend whose upper left corner stands at (left, top) from the plot's own corner."""
    places, _ = flow(entries, left, width)
    layers = []
    for entry, (x, y) in zip(entries, places, strict=True):
        here = [{"x": x + 5, "y": top + y + LINE / 2, "word": entry.word}]
        position = {"x": pixel_column("x"), "y": pixel_column("y")}
        layers.append(
            layer(
                "point",
                here,
                position,
                shape=entry.shape,
                fill=entry.fill,
                stroke=entry.stroke,
                size=entry.size,
                strokeWidth=1.5,
                opacity=1,
            )
        )
        word = {"y": pixel_column("y"), "x": pixels(x + SYMBOL), "text": {"field": "word"}}
        layers.append(layer("text", here, word, align="left", fontSize=SMALL))
    return layers
