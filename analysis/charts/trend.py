"""The trend: a rate per period with its interval, the limits of ordinary movement, and every signal marked."""

from __future__ import annotations

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
    PALE,
    PAPER,
    RULE,
    RUST,
    Area,
    Layer,
    Spec,
    Words,
    layer,
    share_axis,
    spec,
    spoken_text,
)
from analysis.charts.axes import (
    HEAD,
    LEFT,
    Foot,
    LineEnd,
    axis_head,
    line_ends,
    margin,
    share_domain,
    target_rule,
    time_axis,
)
from analysis.charts.figures import ChartRow
from analysis.charts.legend import LegendEntry, flow, legend
from analysis.control_chart import Signals, Trend
from analysis.validation import Target, exact_target, shares

SYMBOLS = {
    Trend.COMMON: ("circle", INK, 26.0),
    Trend.IMPROVEMENT: ("triangle-up", BLUE, 80.0),
    Trend.DETERIORATION: ("triangle-down", RUST, 80.0),
}
BAR = "M0,-1L0,1"


@dataclass(frozen=True, kw_only=True)
class TrendWords(Words):
    """The words of the trend: those of every chart, and those for centre, limits and signals."""

    mean: str
    median: str
    limits_of_movement: str
    improvement: str
    deterioration: str
    provisional: str


def trend_chart(
    periods: Sequence[str],
    reading: Signals,
    lower: Any,
    upper: Any,
    target: Target,
    words: TrendWords,
    width: int = 640,
    font: str = FONT,
    description: str | None = None,
) -> Spec:
    """Return the specification of the p' chart with its signals; below 12 points a run chart about the median.

    `periods`: a name each, such as "10/2026"; `reading`: signals(laney_p_prime(k, n)); `lower`, `upper`: the interval
    of each period's own rate. A period without answers is an empty interval with a word.

    Raises:
        ValueError: periods, reading and limits differ in length, or a limit is no share.
    """
    points = _points(periods, reading, lower, upper, target, words)
    share = float(exact_target(target))
    center, chart = _center(reading, words), reading.chart
    ends = [LineEnd(words.target, share, INK, bold=True), center]
    if not chart.provisional:
        last = int(np.flatnonzero(np.isfinite(chart.y))[-1])
        ends += [LineEnd(words.limits_of_movement, float(chart.upper[last]), GREY)]
    narrow = width < NARROW
    letters = 13 if narrow else 22
    entries = _entries(points, words, chart.provisional)
    _, legend_height = flow(entries, 0, width - 16)
    inner = width - LEFT - margin(ends, letters) - 4
    foot = Foot.under([p["period"] for p in points], [p["n"] for p in points], inner)
    area = Area(inner, 150 if narrow else 220, LEFT, width - LEFT - inner, 12 + legend_height + HEAD, foot.height)
    domain = share_domain(_drawn(points, chart.provisional), share)
    return spec(
        area,
        [
            *_limits(points, domain, chart.provisional, 4 if narrow else 6),
            target_rule(share),
            layer(
                "rule",
                [{"center": center.share}],
                {"y": {"field": "center", "type": "quantitative"}},
                color=center.ink,
                strokeWidth=1,
                strokeDash=[6, 3],
            ),
            *_series(points, domain, words, inner / len(points)),
            *foot.layers(area),
            axis_head(words.rate),
            *line_ends(ends, domain, area, letters),
            *legend(entries, 8 - LEFT, 8 - area.top, width - 16),
        ],
        description or _describe(points, words, chart.provisional),
        font,
    )


def _points(
    periods: Sequence[str], reading: Signals, lower: Any, upper: Any, target: Target, words: TrendWords
) -> list[dict[str, Any]]:
    chart = reading.chart
    low, high = shares(lower, "lower"), shares(upper, "upper")
    if chart.n is None or not len(periods) == chart.y.size == low.size == high.size:
        raise ValueError("periods, reading, lower and upper must be of one length, from laney_p_prime")
    points, goal = [], exact_target(target)
    for i, period in enumerate(periods):
        rate, n = (float(chart.y[i]) if np.isfinite(chart.y[i]) else None), float(chart.n[i])
        signal = reading.points[i]
        word = {Trend.IMPROVEMENT: words.improvement, Trend.DETERIORATION: words.deterioration}.get(signal)
        row = ChartRow(period, n, rate, float(low[i]), float(high[i]), goal)
        points.append(
            {
                "i": i,
                "period": period,
                "n": words.count(n),
                "rate": rate,
                "lower": float(low[i]),
                "upper": float(high[i]),
                "floor": float(chart.lower[i]),
                "ceiling": float(chart.upper[i]),
                "signal": str(signal),
                "sentence": row.sentence(words) + (f", {word}" if word else ""),
            }
        )
    return points


def _center(reading: Signals, words: TrendWords) -> LineEnd:
    provisional = reading.chart.provisional
    share = reading.runs.center if provisional else reading.chart.center
    return LineEnd(f"{words.median if provisional else words.mean} {words.percent(share)}", share, GREY)


def _drawn(points: list[dict[str, Any]], provisional: bool) -> list[float]:
    fields = ("lower", "upper") if provisional else ("lower", "upper", "floor", "ceiling")
    return [point[field] for point in points if point["rate"] is not None for field in fields]


def _entries(points: list[dict[str, Any]], words: TrendWords, provisional: bool) -> list[LegendEntry]:
    named = {Trend.IMPROVEMENT: words.improvement, Trend.DETERIORATION: words.deterioration}
    present = {point["signal"] for point in points}
    signals = [
        LegendEntry(named[key], SYMBOLS[key][0], SYMBOLS[key][1], SYMBOLS[key][1]) for key in named if key in present
    ]
    notes = [LegendEntry(words.provisional, "M0,0", PAPER, PAPER)] if provisional else []
    return [*signals, LegendEntry(words.interval, BAR, PAPER, RULE, 120), *notes]


def _limits(points: list[dict[str, Any]], domain: tuple[float, float], provisional: bool, ticks: int) -> list[Layer]:
    x, y = time_axis(len(points)), {"field": "floor", **share_axis(*domain, ticks)}
    answered = [p for p in points if p["rate"] is not None]
    edges = [
        {"i": p["i"] + side, "floor": max(p["floor"], domain[0]), "ceiling": min(p["ceiling"], domain[1])}
        for p in answered
        for side in (-0.5, 0.5)
    ]
    frame = layer("rule", [{"i": 0, "floor": domain[0]}], {"x": x, "y": y}, opacity=0)
    if provisional:
        return [frame]
    time, low = {"field": "i", "type": "quantitative"}, {"field": "floor", "type": "quantitative"}
    high = {"field": "ceiling", "type": "quantitative"}
    return [
        layer("area", edges, {"x": time, "y": low, "y2": {"field": "ceiling"}}, color=PALE, opacity=0.45),
        frame,
        layer("line", edges, {"x": time, "y": low}, color=RULE, strokeWidth=1, strokeDash=[2, 2]),
        layer("line", edges, {"x": time, "y": high}, color=RULE, strokeWidth=1, strokeDash=[2, 2]),
    ]


def _series(points: list[dict[str, Any]], domain: tuple[float, float], words: TrendWords, step: float) -> list[Layer]:
    x, y = {"field": "i", "type": "quantitative"}, {"field": "rate", "type": "quantitative"}
    answered = [p for p in points if p["rate"] is not None]
    half = max(0.2, min(LINE / 2 / step, 0.9))
    empty = [
        {
            "from": p["i"] - half,
            "to": p["i"] + half,
            "i": p["i"],
            "low": domain[0],
            "high": domain[1],
            "sentence": p["sentence"],
            "word": words.no_answers,
            "middle": (domain[0] + domain[1]) / 2,
        }
        for p in points
        if p["rate"] is None
    ]
    box = {
        "x": {"field": "from", "type": "quantitative"},
        "x2": {"field": "to"},
        **spoken_text(),
        "y": {"field": "low", "type": "quantitative"},
        "y2": {"field": "high"},
    }
    middle = {"x": x, "y": {"field": "middle", "type": "quantitative"}, "text": {"field": "word"}}
    layers = [
        layer("rect", empty, box, fill=PAPER, stroke=RULE, strokeDash=[3, 3]),
        layer("text", empty, middle, angle=270, color=GREY),
        layer(
            "rule",
            answered,
            {"x": x, "y": {"field": "lower", "type": "quantitative"}, "y2": {"field": "upper"}},
            color=RULE,
            strokeWidth=1.5,
        ),
    ]
    layers += [layer("line", stretch, {"x": x, "y": y}, color=INK, strokeWidth=1.5) for stretch in _stretches(points)]
    for key, (shape, ink, size) in SYMBOLS.items():
        some = [p for p in answered if p["signal"] == key]
        mark = {"shape": shape, "fill": ink, "stroke": PAPER, "strokeWidth": 1, "size": size, "opacity": 1}
        layers.append(layer("point", some, {"x": x, "y": y, **spoken_text()}, **mark))
    return layers


def _stretches(points: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    stretches: list[list[dict[str, Any]]] = [[]]
    for point in points:
        if point["rate"] is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return [stretch for stretch in stretches if len(stretch) > 1]


def _describe(points: list[dict[str, Any]], words: TrendWords, provisional: bool) -> str:
    note = [words.provisional] if provisional else []
    return ". ".join([words.title, words.target, *note, *(p["sentence"] for p in points)]) + "."
