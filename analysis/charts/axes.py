"""The frame of the charts whose vertical axis is a share: domain, target line, words at the ends of lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.charts.appearance import (
    GREY,
    INK,
    LINE,
    SMALL,
    Area,
    Layer,
    layer,
    pixel_column,
    pixels,
    text_width,
    wrapped,
)

LEFT, HEAD = 44, LINE + 6


@dataclass(frozen=True)
class LineEnd:
    """A horizontal line's word, the share where the line ends, and its ink."""

    word: str
    share: float
    ink: str
    bold: bool = False


def share_domain(values: Iterable[float], target: float) -> tuple[float, float]:
    """Return a share axis of round five per cents that holds all values and the target with some air, within [0, 1]."""
    everything = [*values, target]
    low = math.floor(round(20 * min(everything) - 0.2, 6)) / 20
    high = math.ceil(round(20 * max(everything) + 0.2, 6)) / 20
    return max(0.0, low), min(1.0, high)


def height_of(share: float, domain: tuple[float, float], area: Area) -> float:
    """Return how far below the plot's top a share stands, in pixels."""
    low, high = domain
    return area.height * (high - share) / (high - low)


def target_rule(target: float) -> Layer:
    """Return the target as one line across the plot."""
    y = {"y": {"field": "target", "type": "quantitative"}}
    return layer("rule", [{"target": target}], y, color=INK, strokeWidth=1.5)


def axis_head(word: str) -> Layer:
    """Return the name of the vertical axis, upright above its highest number."""
    place = {"x": pixels(8 - LEFT), "y": pixels(-LINE - 3), "text": {"field": "word"}}
    return layer("text", [{"word": word}], place, align="left", color=GREY)


def margin(ends: Sequence[LineEnd], letters: int) -> float:
    """Return the width that the words at the right ends of lines need."""
    lines = [line for end in ends for line in wrapped(end.word, 3, letters)]
    return 14 + max((text_width(line) * (1.08 if ends else 1) for line in lines), default=0)


def line_ends(ends: Sequence[LineEnd], domain: tuple[float, float], area: Area, letters: int) -> list[Layer]:
    """Return the words at the right ends of horizontal lines, pushed apart where they would overlap."""
    ordered = sorted(ends, key=lambda end: -end.share)
    words = [wrapped(end.word, 3, letters) for end in ordered]
    heights = [LINE * len(lines) for lines in words]
    middles = spread([height_of(end.share, domain, area) for end in ordered], heights, area.height)
    layers = []
    for end, lines, middle in zip(ordered, words, middles, strict=True):
        first = middle - (len(lines) - 1) * (LINE - 1) / 2
        here = [{"y": first, "lines": lines}]
        place = {"x": pixels(area.width + 6), "y": pixel_column("y"), "text": {"field": "lines"}}
        weight = "bold" if end.bold else "normal"
        layers.append(layer("text", here, place, align="left", color=end.ink, fontWeight=weight))
    return layers


def spread(middles: Sequence[float], heights: Sequence[float], room: float) -> list[float]:
    """Move the middles of stacked words, given downwards, as little as needed so that none overlap in `room` pixels.

    >>> spread([10, 12, 90], [14, 14, 14], 100)
    [10, 24.0, 90]
    """
    moved = [max(middle, height / 2 - LINE / 2) for middle, height in zip(middles, heights, strict=True)]
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + (heights[i - 1] + heights[i]) / 2)
    for i in range(len(moved) - 1, -1, -1):
        below = moved[i + 1] - (heights[i] + heights[i + 1]) / 2 if i + 1 < len(moved) else room + heights[i] / 2
        moved[i] = min(moved[i], below)
    return moved


def time_axis(periods: int) -> dict[str, Any]:
    """Return the encoding properties of an axis of numbered periods, whose words stand in a Foot."""
    scale = {"domain": [-0.5, periods - 0.5], "nice": False, "zero": False}
    axis = {"labels": False, "grid": False, "title": None}
    return {"field": "i", "type": "quantitative", "axis": axis, "scale": scale}


@dataclass(frozen=True)
class Foot:
    """What stands under a series: each period's number of answers, upright where it is narrow, and its name."""

    periods: Sequence[str]
    numbers: Sequence[str]
    upright: bool
    step: float
    numbers_height: float

    @classmethod
    def under(cls, periods: Sequence[str], numbers: Sequence[str], width: float) -> Foot:
        """Lay out the foot of a plot `width` wide."""
        step, widest = width / len(periods), max(text_width(number) for number in numbers)
        upright = widest + 4 > step
        return cls(periods, numbers, upright, step, widest if upright else LINE)

    @property
    def height(self) -> float:
        """The height of both lines of words."""
        return 8 + self.numbers_height + 6 + LINE + 4

    def layers(self, area: Area) -> list[Layer]:
        """Return the words: as many periods as there is room for, always the last."""
        last = len(self.periods) - 1
        of_period = math.ceil((max(text_width(period) for period in self.periods) + 8) / self.step)
        of_number = math.ceil((SMALL + 1) / self.step) if self.upright else 1
        top = area.height + 8
        x = {"field": "i", "type": "quantitative"}
        turned = {"angle": 270, "align": "right"} if self.upright else {"align": "center"}
        layers = [
            layer(
                "text",
                [{"n": "n"}],
                {"x": pixels(-6), "y": pixels(top + LINE / 2), "text": {"field": "n"}},
                align="right",
                color=GREY,
            )
        ]
        for words, every, y, how in (
            (self.numbers, of_number, top if self.upright else top + LINE / 2, turned),
            (self.periods, of_period, top + self.numbers_height + 6 + LINE / 2, {"align": "center"}),
        ):
            here = [{"i": i, "word": word} for i, word in enumerate(words) if (last - i) % every == 0]
            layers.append(layer("text", here, {"x": x, "y": pixels(y), "text": {"field": "word"}}, color=GREY, **how))
        return layers
