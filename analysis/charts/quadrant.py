"""Importance against satisfaction: which factor matters and falls short, so that work on it comes first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.charts.appearance import (
    BLUE,
    FONT,
    GREY,
    INK,
    LINE,
    NARROW,
    RULE,
    RUST,
    Area,
    Layer,
    Spec,
    Words,
    layer,
    pixels,
    share_axis,
    spec,
    spoken_text,
    text_width,
    wrapped,
)
from analysis.charts.axes import HEAD, LEFT, axis_head, height_of, share_domain
from analysis.charts.figures import ChartRow, table
from analysis.charts.placement import Box, Label, name_points, numbered
from analysis.validation import Target, exact_target, finite

EDGE = 10


@dataclass(frozen=True, kw_only=True)
class QuadrantWords(Words):
    """The words of the quadrants: those of every chart, the axis of importance, its mean, a name for each corner."""

    importance: str
    mean_importance: str
    first: str
    keep: str
    later: str
    fine: str


def quadrant_chart(
    figures: Any,
    target: Target,
    words: QuadrantWords,
    width: int = 640,
    font: str = FONT,
    description: str | None = None,
) -> Spec:
    """Return the specification of importance (to the right) against satisfaction (upwards) for each factor.

    `figures`: name, answered, rate, lower, upper and importance (such as the share of explained variance) per factor.
    The lines are the target and the mean importance; lower right is what to do first. Factors without answers are
    listed below. In a picture below 480 pixels the factors carry numbers with a key below.

    Raises:
        ValueError: a column is missing, importance not finite or negative, or a rate or limit is no share.
    """
    given = table(figures, target, "importance")
    answered = [row for row in given if row.rate is not None]
    importance = finite([row.extra["importance"] for row in answered], "importance")
    if (importance < 0).any():
        raise ValueError("importance must not be negative")
    share, middle = float(exact_target(target)), float(importance.mean()) if answered else 0.0
    narrow = width < NARROW
    note = [row.sentence(words) for row in given if row.rate is None]
    domain = share_domain([limit for row in answered for limit in (row.lower, row.upper)], share)
    reach = float(importance.max()) * 1.12 if answered and importance.max() > 0 else 1.0
    points = _points(answered, importance, middle, share, words)
    names, numbers = [p["name"] for p in points], [p["figure"] for p in points]
    note = (numbered(names, numbers, width - 16) if narrow else []) + note
    area = Area(width - LEFT - EDGE, 260 if narrow else 340, LEFT, EDGE, 6 + HEAD, 32 + LINE + LINE * len(note))
    axes = _axes(domain, reach, words, narrow)
    whiskers = [_whisker(point, domain, reach, area) for point in points]
    fixed, boxes = _fixed_words(middle / reach, height_of(share, domain, area), area, words, whiskers)
    labels = _labels(points, domain, reach, area, narrow)
    return spec(
        area,
        [
            axes,
            *_lines(middle, share),
            *fixed,
            axis_head(words.rate),
            *name_points(labels, [*boxes, *whiskers], Box(2, 0, area.width, area.height)),
            *_marks(points),
            layer(
                "text",
                [{"lines": note}] if note else [],
                {"x": pixels(8 - LEFT), "y": pixels(area.height + 36 + LINE), "text": {"field": "lines"}},
                align="left",
                color=GREY,
            ),
        ],
        description or ". ".join([words.title, words.target, *(p["sentence"] for p in points), *note]) + ".",
        font,
    )


def _points(
    answered: Sequence[ChartRow], importance: np.ndarray, middle: float, share: float, words: QuadrantWords
) -> list[dict[str, Any]]:
    corners = {
        (True, False): words.first,
        (True, True): words.keep,
        (False, False): words.later,
        (False, True): words.fine,
    }
    points = []
    for row, weight in zip(answered, map(float, importance), strict=True):
        rate = row.rate or 0.0
        corner = corners[weight >= middle, rate >= share]
        points.append(
            {
                "name": row.name,
                "importance": weight,
                "rate": rate,
                "lower": row.lower,
                "upper": row.upper,
                "figure": row.figure(words, " · "),
                "urgent": corner == words.first,
                "sentence": f"{row.sentence(words)}, {words.importance} {words.percent(weight)}, {corner}",
            }
        )
    return points


def _axes(domain: tuple[float, float], reach: float, words: QuadrantWords, narrow: bool) -> Layer:
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if reach / s <= (4 if narrow else 8)), 1.0)
    ticks = [round(i * step, 4) for i in range(math.floor(reach / step) + 1)]
    axis = {"values": ticks, "format": ".0%", "grid": False, "title": words.importance}
    x = {
        "field": "x",
        "type": "quantitative",
        "axis": axis,
        "scale": {"domain": [0, reach], "nice": False, "zero": False},
    }
    y = {"field": "y", **share_axis(*domain, 5, grid=False)}
    return layer("rule", [{"x": 0, "y": domain[0]}], {"x": x, "y": y}, opacity=0)


def _lines(middle: float, share: float) -> list[Layer]:
    across = layer("rule", [{"y": share}], {"y": {"field": "y", "type": "quantitative"}}, color=INK, strokeWidth=1.5)
    down = layer(
        "rule",
        [{"x": middle}],
        {"x": {"field": "x", "type": "quantitative"}},
        color=RULE,
        strokeWidth=1,
        strokeDash=[4, 3],
    )
    return [across, down]


def _fixed_words(
    middle: float, line: float, area: Area, words: QuadrantWords, taken: Sequence[Box]
) -> tuple[list[Layer], list[Box]]:
    x, foot, right = area.width * middle, area.height - LINE / 2 - 2, area.width - 2
    mean = wrapped(words.mean_importance, 2, 16)
    corners = [
        _fixed(4.0, LINE / 2, [words.fine], GREY),
        _fixed(right, LINE / 2, [words.keep], GREY, "right"),
        _fixed(4.0, foot, [words.later], GREY),
        _fixed(right, foot, [words.first], RUST, "right"),
        _fixed(x + 4, foot - LINE * (len(mean) + 1), mean, GREY),
    ]
    sides = [(4.0, "left", -1), (right, "right", -1), (4.0, "left", 1), (right, "right", 1)]
    targets = [_fixed(left, line + below * (LINE / 2 + 3), [words.target], INK, align) for left, align, below in sides]
    chosen = min(targets, key=lambda word: sum(word[1].overlap(other) > 0 for other in taken))
    placed_words = [*corners, chosen]
    lines = [Box(0, line - 1, area.width, line + 1), Box(x - 1, 0, x + 1, area.height)]
    return [word for word, _ in placed_words], [*(box for _, box in placed_words), *lines]


def _fixed(x: float, y: float, lines: list[str], ink: str, align: str = "left") -> tuple[Layer, Box]:
    """Return a word at a fixed place, strong unless grey, and the box it covers."""
    place = {"x": pixels(x), "y": pixels(y), "text": {"field": "lines"}}
    weight = "normal" if ink == GREY else "bold"
    wide = max(text_width(line) for line in lines) * 1.05
    left = x if align == "left" else x - wide
    box = Box(left, y - LINE / 2, left + wide, y + LINE * (len(lines) - 0.5))
    return layer("text", [{"lines": lines}], place, align=align, color=ink, fontWeight=weight), box


def _marks(points: list[dict[str, Any]]) -> list[Layer]:
    x, y = {"field": "importance", "type": "quantitative"}, {"field": "rate", "type": "quantitative"}
    own = {"x": x, "y": {"field": "lower", "type": "quantitative"}, "y2": {"field": "upper"}}
    layers = []
    for urgent, shape, ink, size in ((False, "circle", BLUE, 50), (True, "diamond", RUST, 90)):
        some = [point for point in points if point["urgent"] is urgent]
        mark = {"shape": shape, "fill": ink, "stroke": ink, "size": size, "opacity": 1}
        layers += [
            layer("rule", some, own, color=ink, strokeWidth=1.5),
            layer("point", some, {"x": x, "y": y, **spoken_text()}, **mark),
        ]
    return layers


def _labels(
    points: list[dict[str, Any]], domain: tuple[float, float], reach: float, area: Area, narrow: bool
) -> list[Label]:
    return [
        Label(
            area.width * p["importance"] / reach,
            height_of(p["rate"], domain, area),
            (str(i),) if narrow else (*wrapped(p["name"], 2, 24), p["figure"]),
        )
        for i, p in enumerate(points, start=1)
    ]


def _whisker(point: dict[str, Any], domain: tuple[float, float], reach: float, area: Area) -> Box:
    x = area.width * point["importance"] / reach
    return Box(x - 2, height_of(point["upper"], domain, area), x + 2, height_of(point["lower"], domain, area))
