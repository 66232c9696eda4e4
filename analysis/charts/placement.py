"""Names beside points, so that no name covers a point, another name or the edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.charts.appearance import LINE, PAPER, RULE, SMALL, Layer, fitted, layer, pixel_column, text_width

REACH = (0, 8, 16, 24, 34, 46, 60, 76, 94)
COVERING, LEAVING = 400.0, 6.0
GAP = 8
Edges: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the area that two rectangles share."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(across, 0.0) * max(down, 0.0)

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom."""
        return self.left, self.top, self.right, self.bottom


@dataclass(frozen=True)
class Label:
    """A name of one or two lines that belongs to the point at (x, y)."""

    x: float
    y: float
    lines: tuple[str, ...]


def name_points(labels: Sequence[Label], obstacles: Sequence[Box], edge: Box) -> list[Layer]:
    """Return the layers of names placed beside their points, with a thin leader where a name had to move away.

    Each name takes the first of its places that covers nothing, or else the place that covers least.
    """
    points = [Box(label.x - 5, label.y - 5, label.x + 5, label.y + 5) for label in labels]
    taken = _edges([*obstacles, *points])
    names: list[dict[str, Any]] = []
    leaders: list[dict[str, Any]] = []
    for label in labels:
        best = min(_places(label, edge), key=lambda place: _cost(place, label, taken))
        to_left = best.right < label.x
        x = best.right if to_left else best.left
        names.append({"x": x, "y": best.top + LINE / 2, "lines": list(label.lines), "to_left": to_left})
        path = _leader(label, best)
        if path:
            leaders.append({"x": label.x, "y": label.y, "x2": path[-1].left, "y2": path[-1].top})
        taken = np.vstack([taken, _edges([best, *path])])
    line = {"x": pixel_column("x"), "y": pixel_column("y"), "x2": {"field": "x2"}, "y2": {"field": "y2"}}
    text = {"x": pixel_column("x"), "y": pixel_column("y"), "text": {"field": "lines"}}
    layers = [layer("rule", leaders, line, color=RULE, strokeWidth=0.75)]
    for align, to_left in (("left", False), ("right", True)):
        some = [name for name in names if name["to_left"] is to_left]
        layers.append(layer("text", some, text, align=align, stroke=PAPER, strokeWidth=3, strokeJoin="round"))
        layers.append(layer("text", some, text, align=align))
    return layers


def _edges(boxes: Sequence[Box]) -> Edges:
    return np.array([box.edges for box in boxes], dtype=np.float64).reshape(-1, 4)


def _overlaps(boxes: Edges, others: Edges) -> Edges:
    """Return the areas that rectangles share, one row per box and one column per other."""
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    return np.asarray(np.maximum(high - low, 0.0).prod(axis=2))


def _cost(place: Box, label: Label, taken: Edges) -> float:
    boxes = [place, *_leader(label, place)[2:]]
    areas = _overlaps(_edges(boxes), taken)
    covered, crossed = areas[0][areas[0] > 0], int((areas[1:] > 0).sum())
    away = abs((place.top + place.bottom) / 2 - label.y) + abs((place.left + place.right) / 2 - label.x) / 8
    return float(sum(covered.tolist())) + COVERING * (len(covered) + crossed / 4) + LEAVING * away


def _leader(label: Label, place: Box) -> list[Box]:
    """Return the steps of the thin line from a point to a name that stands more than a line away, as small boxes."""
    x = min(max(label.x, place.left - 2), place.right + 2)
    y = min(max(label.y, place.top), place.bottom)
    if abs((place.top + place.bottom) / 2 - label.y) <= LINE * len(label.lines) / 2 + 1:
        return []
    steps = [(label.x + (x - label.x) * i / 8, label.y + (y - label.y) * i / 8) for i in range(1, 9)]
    return [Box(across, down, across + 1, down + 1) for across, down in steps]


def _places(label: Label, edge: Box) -> Iterator[Box]:
    wide = max(text_width(line, SMALL) for line in label.lines)
    high = LINE * len(label.lines)
    lefts = (label.x + GAP, label.x - GAP - wide, label.x - wide / 2)
    for reach in REACH:
        for down in (reach, -reach) if reach else (0,):
            for left in lefts:
                aside = 0.0 if left != lefts[2] else (high / 2 + GAP) * (1 if down >= 0 else -1)
                top = label.y - high / 2 + down + aside
                inside = min(max(left, edge.left), edge.right - wide)
                kept = min(max(top, edge.top), edge.bottom - high)
                yield Box(inside, kept, inside + wide, kept + high)


def numbered(names: Sequence[str], figures: Sequence[str], width: float) -> list[str]:
    """Return the key for points that carry numbers instead of names; a name too long for `width` pixels is cut.

    >>> numbered(["Sở Y tế", "Sở Nội vụ"], ["90,0%", "95,0%"], 300)
    ['1. Sở Y tế · 90,0%', '2. Sở Nội vụ · 95,0%']
    """
    key = []
    for i, (name, figure) in enumerate(zip(names, figures, strict=True), start=1):
        rest = width - text_width(f"{i}.  · {figure}")
        key.append(f"{i}. {fitted(name, rest)} · {figure}")
    return key
