"""The five levels: one bar per row, the most satisfied on the left, so that level 4 ends where the rate stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.charts.appearance import (
    FONT,
    INK,
    LINE,
    PAPER,
    RULE,
    Layer,
    Spec,
    Words,
    layer,
    pixel_column,
    share_axis,
    spec,
    spoken_text,
    text_width,
)
from analysis.charts.figures import ChartRow, table
from analysis.charts.legend import LegendEntry, flow, legend
from analysis.charts.rows import Rows, rows, target_line
from analysis.validation import Target, exact_target, whole

INKS = {5: "#0b3c5d", 4: "#4682b4", 3: "#dcdcdc", 2: "#e8a766", 1: "#9c3a06"}
HALF = 7


@dataclass(frozen=True, kw_only=True)
class LevelWords(Words):
    """The words of the five levels: those of every chart, and the levels' names from 1 to 5."""

    levels: tuple[str, str, str, str, str]


def level_chart(
    figures: Any,
    target: Target,
    words: LevelWords,
    width: int = 640,
    font: str = FONT,
    description: str | None = None,
) -> Spec:
    """Return the specification of stacked bars of the five ratings, rows in the order given.

    `figures`: name, answered, rate, lower, upper and counts (ratings 1 to 5) for each row; the interval of the rate is
    drawn under the bar's boundary between level 4 and 3. A row without answers is an empty bar with a word.

    Raises:
        ValueError: a column is missing, counts are not five whole numbers, or do not add up to answered.
    """
    given = table(figures, target, "counts")
    counted = [_counts(row) for row in given]
    share = float(exact_target(target))
    named = dict(enumerate(words.levels, start=1))
    entries = [LegendEntry(f"{named[level]}", "square", ink, ink, 90) for level, ink in INKS.items()]
    _, legend_height = flow(entries, 0, width - 16)
    texts = [row.figure(words, "\t") for row in given]
    laid = rows([row.name for row in given], texts, (words.rate, words.answered), width, 14 + legend_height + LINE)
    area = laid.area
    axis = {"grid": False, "labelFlush": laid.narrow}
    x = {"field": "from", **share_axis(0.0, 1.0, 5, **axis)}
    sentences = [_sentence(row, counts, named, words) for row, counts in zip(given, counted, strict=True)]
    return spec(
        area,
        [
            layer("rule", [{"from": 0.0}], {"x": x}, opacity=0),
            *_bars(given, counted, sentences, laid, words, share),
            *target_line(share, words.target, 0.0, 1.0, laid, HALF + 1),
            *_intervals(given, laid),
            *laid.texts,
            *legend(entries, 8 - area.left, 8 - area.top, width - 16),
        ],
        description or ". ".join([words.title, words.target, *sentences]) + ".",
        font,
    )


def _counts(row: ChartRow) -> list[int]:
    counts = whole(row.extra["counts"], "counts")
    if counts.shape != (5,) or counts.sum() != row.answered:
        raise ValueError(f"{row.name}: counts must be five numbers that add up to answered")
    return [int(count) for count in counts]


def _sentence(row: ChartRow, counts: Sequence[int], named: dict[int, str], words: LevelWords) -> str:
    if row.rate is None:
        return row.sentence(words)
    shares = (f"{named[level]} {words.percent(counts[level - 1] / row.answered)}" for level in INKS)
    return f"{row.sentence(words)}; {', '.join(shares)}"


def _bars(
    given: Sequence[ChartRow],
    counted: Sequence[Sequence[int]],
    sentences: Sequence[str],
    laid: Rows,
    words: LevelWords,
    target: float,
) -> list[Layer]:
    pieces: list[dict[str, Any]] = []
    empty: list[dict[str, Any]] = []
    for row, counts, text, y in zip(given, counted, sentences, laid.middles, strict=True):
        place = {"top": y - HALF, "bottom": y + HALF, "y": y, "sentence": text}
        if row.rate is None:
            empty.append({**place, "from": 0.0, "to": 1.0})
            continue
        shares = np.array([counts[level - 1] for level in INKS]) / row.answered
        ends = np.cumsum(shares)
        for level, share, end in zip(INKS, shares, ends, strict=True):
            word = words.percent(float(share), 0)
            first, last = float(end - share), float(min(end, 1.0))
            clear = _clear_of(target, first, last, (text_width(word) + 6) / laid.area.width)
            pieces.append(
                {
                    **place,
                    "level": level,
                    "from": first,
                    "to": last,
                    "middle": clear,
                    "word": "" if clear is None else word,
                }
            )
    box = {
        "x": {"field": "from", "type": "quantitative"},
        "x2": {"field": "to"},
        "y": pixel_column("top"),
        "y2": {"field": "bottom"},
        **spoken_text(),
    }
    layers = [layer("rect", empty, box, fillOpacity=0, stroke=RULE, strokeDash=[3, 3])]
    middle = {"x": {"field": "middle", "type": "quantitative"}, "y": pixel_column("y"), "text": {"field": "word"}}
    for level, ink in INKS.items():
        some = [piece for piece in pieces if piece["level"] == level and piece["to"] > piece["from"]]
        layers.append(layer("rect", some, box, fill=ink, stroke=PAPER, strokeWidth=1))
        ground = PAPER if level in (5, 1) else INK
        layers.append(layer("text", [p for p in some if p["word"]], middle, color=ground, fontSize=10))
    return layers


def _clear_of(target: float, first: float, last: float, wide: float) -> float | None:
    """Return the middle of a word `wide` between `first` and `last` that the target's line does not cross, if any."""
    stretches = [(first, last)] if abs((first + last) / 2 - target) > wide / 2 else [(first, target), (target, last)]
    longest = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return (longest[0] + longest[1]) / 2 if longest[1] - longest[0] > wide else None


def _intervals(given: Sequence[ChartRow], laid: Rows) -> list[Layer]:
    some = [
        {"lower": row.lower, "upper": row.upper, "y": y + HALF + 3, "top": y + HALF + 0.5, "bottom": y + HALF + 5.5}
        for row, y in zip(given, laid.middles, strict=True)
        if row.rate is not None
    ]
    lower, upper = ({"field": field, "type": "quantitative"} for field in ("lower", "upper"))
    ends = {"y": pixel_column("top"), "y2": {"field": "bottom"}}
    return [
        layer("rule", some, {"x": lower, "x2": {"field": "upper"}, "y": pixel_column("y")}, color=INK, strokeWidth=1.5),
        layer("rule", some, {"x": lower, **ends}, color=INK, strokeWidth=1),
        layer("rule", some, {"x": upper, **ends}, color=INK, strokeWidth=1),
    ]
