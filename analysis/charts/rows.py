"""Rows of a chart: names on the left, figures on the right; on a narrow screen both above their mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.charts.appearance import (
    GREY,
    INK,
    LINE,
    NARROW,
    PALE,
    PAPER,
    SIZE,
    SMALL,
    WRAP_AT,
    Area,
    Layer,
    layer,
    pixel_column,
    pixels,
    text_width,
    wrapped,
)

EDGE, GUTTER, MARK, AXIS = 8, 12, 25, 24


@dataclass(frozen=True)
class Rows:
    """Where the rows of a chart stand: the plot's area, each row's middle in pixels, and the texts beside them."""

    area: Area
    narrow: bool
    middles: tuple[float, ...]
    texts: tuple[Layer, ...]


def rows(names: Sequence[str], figures: Sequence[str], heads: tuple[str, str], width: float, above: float) -> Rows:
    """Lay out rows of `names` and `figures` in a picture `width` wide, with `above` pixels kept free over the plot.

    `heads` are the heads of the two columns of a figure, split at its tab: a rate and a number of answers.
    """
    if width < NARROW:
        return _stacked(names, figures, width, above)
    return _beside([wrapped(name) for name in names], figures, heads, width, above)


def _wrapped_to(name: str, width: float) -> list[str]:
    """Wrap a name at the most letters that keep its lines within `width` pixels."""
    limits = range(WRAP_AT, WRAP_AT // 2, -1)
    choices = (wrapped(name, limit=limit) for limit in limits)
    fits = (lines for lines in choices if max(text_width(line, SIZE) for line in lines) <= width)
    return next(fits, wrapped(name, limit=WRAP_AT // 2))


def _stacked(names: Sequence[str], figures: Sequence[str], width: float, above: float) -> Rows:
    written = [figure.replace("\t", " · ") for figure in figures]
    inner = width - 2 * EDGE - 4
    room = inner - GUTTER - max((text_width(figure) for figure in written), default=0)
    middles: list[float] = []
    texts: list[dict[str, Any]] = []
    y = 0.0
    for name, figure in zip((_wrapped_to(name, room) for name in names), written, strict=True):
        texts.append({"y": y + LINE / 2, "lines": name, "figure": figure})
        middles.append(y + LINE * len(name) + 9)
        y += LINE * len(name) + MARK
    area = Area(inner, y, EDGE, EDGE + 4, above, AXIS)
    name_layer = layer(
        "text",
        texts,
        {"x": pixels(0), "y": pixel_column("y"), "text": {"field": "lines"}},
        align="left",
        fontSize=SIZE,
        limit=room,
    )
    figure_layer = layer(
        "text",
        texts,
        {"x": pixels(area.width), "y": pixel_column("y"), "text": {"field": "figure"}},
        align="right",
        fontSize=SMALL,
    )
    return Rows(area, True, tuple(middles), (name_layer, figure_layer))


def _beside(
    lines: Sequence[list[str]], figures: Sequence[str], heads: tuple[str, str], width: float, above: float
) -> Rows:
    step = 34 if any(len(name) > 1 for name in lines) else 26
    middles = tuple(step * (i + 0.5) for i in range(len(lines)))
    columns = [figure.split("\tn = ") if "\t" in figure else ["", figure] for figure in figures]
    first = max(text_width(text) for text in [heads[0], *(c[0] for c in columns)])
    second = max(text_width(text) for text in [heads[1], *(c[1] for c in columns if c[0])])
    alone = max((text_width(c[1]) for c in columns if not c[0]), default=0)
    second = max(second, alone - first - GUTTER)
    left = EDGE + GUTTER + max((text_width(line, SIZE) for name in lines for line in name), default=0)
    right = EDGE + GUTTER + first + GUTTER + second
    area = Area(width - left - right, step * len(lines), left, right, above, AXIS)
    texts = [
        {"y": y - (len(name) - 1) * (LINE - 1) / 2, "middle": y, "lines": name, "rate": c[0], "number": c[1]}
        for y, name, c in zip(middles, lines, columns, strict=True)
    ]
    at_first, at_second = area.width + GUTTER + first, area.width + right - EDGE
    name_layer = layer(
        "text",
        texts,
        {"x": pixels(-GUTTER), "y": pixel_column("y"), "text": {"field": "lines"}},
        align="right",
        fontSize=SIZE,
    )
    layers = [name_layer]
    for x, field, head in ((at_first, "rate", heads[0]), (at_second, "number", heads[1])):
        layers.append(
            layer("text", texts, {"x": pixels(x), "y": pixel_column("middle"), "text": {"field": field}}, align="right")
        )
        layers.append(
            layer(
                "text",
                [{"head": head}],
                {"x": pixels(x), "y": pixels(-LINE / 2 - 2), "text": {"field": "head"}},
                align="right",
                color=GREY,
            )
        )
    return Rows(area, False, middles, tuple(layers))


def target_line(target: float, label: str, low: float, high: float, laid: Rows, half: float = 9) -> list[Layer]:
    """Return the one labelled line of the target across the rows of a chart whose x axis is a share.

    On a narrow screen the line is interrupted where names and figures stand; `half` is half the height of a mark.
    """
    area = laid.area
    x = area.width * (target - low) / (high - low)
    shift = min(0.0, area.width - x - text_width(label) / 2 - 2)
    stretches = [(y - half, y + half) for y in laid.middles] if laid.narrow else [(-2.0, area.height)]
    pieces = [{"target": target, "from": first, "to": last} for first, last in stretches]
    place = {"x": {"field": "target", "type": "quantitative"}, "y": pixel_column("from"), "y2": {"field": "to"}}
    head = {"x": pixels(x + shift), "y": pixels(-LINE / 2 - 2), "text": {"field": "label"}}
    return [
        layer("rule", pieces, place, color=PAPER, strokeWidth=4),
        layer("rule", pieces, place, color=INK, strokeWidth=1.5),
        layer("text", [{"label": label}], head, align="center", fontWeight="bold"),
    ]


def tracks(low: float, laid: Rows) -> Layer:
    """Return the pale line along which each row's mark stands on a narrow screen, where no grid is drawn."""
    lines = [{"y": y, "low": low, "high": 1.0} for y in laid.middles] if laid.narrow else []
    x = {"field": "low", "type": "quantitative"}
    return layer("rule", lines, {"x": x, "x2": {"field": "high"}, "y": pixel_column("y")}, color=PALE, strokeWidth=1)
