"""Names beside points, so that no name covers a point, another name or the edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.charts.appearance import LINE, PAPER, RULE, SMALL, Layer, layer, placed, text_width, wrapped

REACH = (0, 8, 16, 24, 34, 46, 60, 76, 94)
COVERING, LEAVING = 400.0, 6.0
GAP = 8


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
    taken = [*obstacles, *(Box(label.x - 5, label.y - 5, label.x + 5, label.y + 5) for label in labels)]
    names: list[dict[str, Any]] = []
    leaders: list[dict[str, Any]] = []
    for label in labels:
        places = list(_places(label, edge))
        best = min(places, key=lambda place: _cost(place, label, taken))
        taken.append(best)
        first = best.top + LINE / 2
        names.append({"x": best.left, "y": first, "lines": list(label.lines)})
        middle = (best.top + best.bottom) / 2
        if abs(middle - label.y) > LINE:
            near = best.left - 2 if best.left > label.x else min(max(label.x, best.left), best.right)
            below = best.top if middle > label.y else best.bottom
            leaders.append(_leader(label, near, middle if best.left > label.x else below))
    line = {"x": placed("x"), "y": placed("y"), "x2": {"field": "x2"}, "y2": {"field": "y2"}}
    text = {"x": placed("x"), "y": placed("y"), "text": {"field": "lines"}}
    return [
        layer("rule", leaders, line, color=RULE, strokeWidth=0.75),
        layer("text", names, text, align="left", stroke=PAPER, strokeWidth=3, strokeJoin="round"),
        layer("text", names, text, align="left"),
    ]


def _cost(place: Box, label: Label, taken: Sequence[Box]) -> float:
    covered = [area for other in taken if (area := place.overlap(other)) > 0]
    away = abs((place.top + place.bottom) / 2 - label.y) + abs((place.left + place.right) / 2 - label.x) / 8
    return sum(covered) + COVERING * len(covered) + LEAVING * away


def _leader(label: Label, x: float, y: float) -> dict[str, Any]:
    return {"x": label.x, "y": label.y, "x2": x, "y2": y}


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


def numbered(names: Sequence[str], width: float) -> list[str]:
    """Return the key for points that carry numbers instead of names, each name within `width` pixels.

    >>> numbered(["Sở Y tế", "Sở Nội vụ"], 300)
    ['1\u2002Sở Y tế', '2\u2002Sở Nội vụ']
    """
    return [wrapped(f"{i}\u2002{name}", 1, int(width / 6.2))[0] for i, name in enumerate(names, start=1)]
