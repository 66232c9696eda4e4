"""The interval (forest) plot: each rate with its interval against the one labelled line of the target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.charts.appearance import (
    BLUE,
    FONT,
    GREY,
    LINE,
    PAPER,
    RULE,
    RUST,
    Layer,
    Spec,
    Words,
    layer,
    pixel_column,
    share_axis,
    spec,
    spoken_text,
)
from analysis.charts.figures import ChartRow, table
from analysis.charts.legend import LegendEntry, flow, legend
from analysis.charts.rows import rows, target_line, tracks
from analysis.validation import Target, exact_target

EDGE_OF_PICTURE = 8
FEWEST_TO_STRETCH = 30
INTERVAL = "M-1,0L1,0M-1,-.4L-1,.4M1,-.4L1,.4"
ARROW = "M-1,0L.2,.7L.2,-.7Z"
SYMBOLS = {
    "met": ("circle", BLUE, BLUE),
    "inconclusive": ("circle", PAPER, GREY),
    "not_met": ("triangle-down", RUST, RUST),
}


@dataclass(frozen=True, kw_only=True)
class IntervalWords(Words):
    """The words of the interval plot: those of every chart, and one for each verdict (met, inconclusive, not_met)."""

    verdicts: Mapping[str, str]


def interval_chart(
    figures: Any,
    target: Target,
    words: IntervalWords,
    width: int = 640,
    font: str = FONT,
    description: str | None = None,
) -> Spec:
    """Return the specification of the interval plot, rows in the order given.

    `figures`: a DataFrame, or rows as mappings, with name, answered, rate, lower, upper and verdict; a row without
    answers is drawn as an empty interval with a word. `width`: of the whole picture in pixels; below 480 the names
    stand above their intervals. `description`: the text alternative, composed from the rows unless given.

    Raises:
        ValueError: a column is missing, a rate or limit is no share, or a verdict is unknown.
    """
    given = table(figures, target, "verdict")
    unknown = {row.verdict for row in given} - set(SYMBOLS)
    if unknown:
        raise ValueError(f"unknown verdicts: {', '.join(sorted(map(str, unknown)))}")
    share = float(exact_target(target))
    low = lowest(given, share)
    entries = _entries(given, words)
    heads = (words.rate, words.answered)
    label_line = LINE + 6
    _, legend_height = flow(entries, 0, width - 16)
    laid = rows(
        [row.name for row in given],
        [row.figure(words, "\t") for row in given],
        heads,
        width,
        8 + legend_height + label_line,
    )
    area = laid.area
    axis = {"grid": not laid.narrow, "labelFlush": laid.narrow}
    x = {"field": "lower", **share_axis(low, 1.0, 5 if laid.narrow else 6, **axis)}
    return spec(
        area,
        [
            layer("rule", [{"lower": low}], {"x": x}, opacity=0),
            tracks(low, laid),
            *target_line(share, words.target, low, 1.0, laid),
            *_marks(given, laid.middles, low, words),
            *laid.texts,
            *legend(entries, EDGE_OF_PICTURE - area.left, 8 - area.top, width - 16),
        ],
        description or describe(given, words, {key: words.verdicts[key] for key in SYMBOLS}),
        font,
    )


def lowest(given: Sequence[ChartRow], target: float) -> float:
    """Return where the share axis begins: a round ten per cent below every rate and clear of the target.

    Intervals of fewer than 30 answers do not stretch the axis; where they pass its beginning they end in an arrow.
    """
    rates = [row.rate for row in given if row.rate is not None]
    limits = [row.lower for row in given if row.answered >= FEWEST_TO_STRETCH]
    return max(0.0, math.floor(round(10 * min([*rates, *limits, target - 0.1]) - 0.1, 6)) / 10)


def describe(given: Sequence[ChartRow], words: Words, verdicts: Mapping[str, str]) -> str:
    """Compose the text alternative: title, target, then every row in words."""
    sentences = []
    for row in given:
        verdict = verdicts.get(row.verdict or "") if row.rate is not None else None
        sentences.append(row.sentence(words) + (f", {verdict}" if verdict else ""))
    return f"{words.title}. {words.target}. " + ". ".join(sentences) + "."


def _entries(given: Sequence[ChartRow], words: IntervalWords) -> list[LegendEntry]:
    present = {row.verdict for row in given if row.rate is not None}
    verdicts = [LegendEntry(words.verdicts[key], *symbol) for key, symbol in SYMBOLS.items() if key in present]
    return [*verdicts, LegendEntry(words.interval, INTERVAL, PAPER, GREY, 100)] if present else []


def _marks(given: Sequence[ChartRow], middles: Sequence[float], low: float, words: IntervalWords) -> list[Layer]:
    drawn = [
        {
            "y": y,
            "rate": row.rate,
            "lower": max(row.lower, low),
            "upper": row.upper,
            "verdict": row.verdict,
            "sentence": row.sentence(words),
            "top": y - 5,
            "bottom": y + 5,
            "cut": row.lower < low,
        }
        for row, y in zip(given, middles, strict=True)
    ]
    lower, upper, rate = ({"field": field, "type": "quantitative"} for field in ("lower", "upper", "rate"))
    empty = [row for row in drawn if row["rate"] is None]
    box = {"x": lower, "x2": {"field": "upper"}, "y": pixel_column("top"), "y2": {"field": "bottom"}, **spoken_text()}
    layers = [layer("rect", empty, box, fillOpacity=0, stroke=RULE, strokeDash=[3, 3])]
    for key, (shape, fill, stroke) in SYMBOLS.items():
        some = [row for row in drawn if row["verdict"] == key and row["rate"] is not None]
        y, line = pixel_column("y"), {"color": stroke, "strokeWidth": 2}
        whole, cut = [row for row in some if not row["cut"]], [row for row in some if row["cut"]]
        ends = {"y": pixel_column("top"), "y2": {"field": "bottom"}}
        symbol = {"fill": fill, "stroke": stroke, "opacity": 1, "strokeWidth": 1.5}
        layers += [
            layer("rule", some, {"x": lower, "x2": {"field": "upper"}, "y": y}, **line),
            layer("rule", whole, {"x": lower, **ends}, **line | {"strokeWidth": 1}),
            layer("rule", some, {"x": upper, **ends}, **line | {"strokeWidth": 1}),
            layer("point", cut, {"x": lower, "y": y}, shape=ARROW, size=60, **symbol | {"fill": stroke}),
            layer("point", some, {"x": rate, "y": y, **spoken_text()}, shape=shape, size=42, **symbol),
        ]
    return layers
