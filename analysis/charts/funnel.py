"""The funnel: agencies by number of answers and rate, with the limits of what chance alone brings about."""

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
    PAPER,
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
    wrapped,
)
from analysis.charts.axes import HEAD, LEFT, LineEnd, axis_head, height_of, line_ends, margin, target_rule
from analysis.charts.figures import ChartRow, table
from analysis.charts.legend import LegendEntry, flow, legend
from analysis.charts.placement import Box, Label, name_points, numbered
from analysis.comparison import FUNNEL_PROBABILITIES, funnel_limits
from analysis.validation import Target, exact_target

MOST_NAMES = 6
LOGARITHMIC_FROM = 20
SYMBOLS = {
    "within": ("circle", PAPER, GREY),
    "above": ("triangle-up", PAPER, BLUE),
    "far_above": ("triangle-up", BLUE, BLUE),
    "below": ("triangle-down", PAPER, RUST),
    "far_below": ("triangle-down", RUST, RUST),
}


@dataclass(frozen=True, kw_only=True)
class FunnelWords(Words):
    """The words of the funnel: those of every chart, and one for each place relative to the two pairs of limits."""

    within: str
    above: str
    far_above: str
    below: str
    far_below: str


def funnel_chart(
    figures: Any,
    target: Target,
    words: FunnelWords,
    tau2: float = 0.0,
    width: int = 640,
    font: str = FONT,
    description: str | None = None,
) -> Spec:
    """Return the specification of the funnel plot around `target` with its 95 % and 99.8 % limits.

    `figures`: name, answered, rate, lower and upper for each agency; those without answers are listed below. At most
    six agencies beyond the 99.8 % limits are named, with their own intervals; in a picture below 480 pixels they carry
    numbers with a key below. `tau2`: overdispersion(...).tau2.
    The limits are the fair ones of `funnel_limits`: beyond them the exact probability is below 2.5 % and 0.1 % a side.

    Raises:
        ValueError: a column is missing, a rate or limit is no share, or the target lies outside (0, 1).
    """
    given = table(figures, target)
    share = float(exact_target(target))
    points = _points([row for row in given if row.rate is not None], target, tau2, words)
    silent = [row.name for row in given if row.rate is None]
    narrow = width < NARROW
    n_low, n_high, scale = _numbers([point["n"] for point in points])
    curves = _curves(n_low, n_high, target, tau2)
    ends = [LineEnd(words.target, share, INK, bold=True)]
    outer, inside = words.percent(0.998), words.percent(0.95, 0)
    for field, word in (("u2", outer), ("u1", inside), ("l1", inside), ("l2", outer)):
        ends.append(LineEnd(word, curves[-1][field], GREY))
    letters = 13 if narrow else 22
    present = {point["place"] for point in points}
    entries = [LegendEntry(getattr(words, key), *symbol) for key, symbol in SYMBOLS.items() if key in present]
    _, legend_height = flow(entries, 0, width - 16)
    inner = width - LEFT - margin(ends, letters) - 4
    note = wrapped(f"{words.no_answers}: {', '.join(silent)}", 4, int((width - 16) / 6.2)) if silent else []
    far = _farthest(points, share)
    key = numbered([p["name"] for p in far], [p["figure"] for p in far], width - 16) if narrow else []
    area = Area(
        inner,
        210 if narrow else 280,
        LEFT,
        width - LEFT - inner,
        12 + legend_height + HEAD,
        30 + LINE + len(key + note) * LINE,
    )
    domain = _domain(points, curves, share)
    labels, boxes = _names(points, far, curves, scale, domain, area, narrow)
    return spec(
        area,
        [
            *_frame(curves, scale, domain, words, narrow),
            target_rule(share),
            *name_points(labels, boxes, Box(2, 0, area.width, area.height)),
            *_marks(points, far),
            *line_ends([end for end in ends if domain[0] <= end.share <= domain[1]], domain, area, letters),
            axis_head(words.rate),
            layer(
                "text",
                [{"lines": key + note}] if key + note else [],
                {"x": pixels(8 - LEFT), "y": pixels(area.height + 34 + LINE), "text": {"field": "lines"}},
                align="left",
                color=GREY,
            ),
            *legend(entries, 8 - LEFT, 8 - area.top, width - 16),
        ],
        description or ". ".join([words.title, words.target, *(p["sentence"] for p in points), *note]) + ".",
        font,
    )


def _points(rows: Sequence[ChartRow], target: Target, tau2: float, words: FunnelWords) -> list[dict[str, Any]]:
    limits = funnel_limits([row.answered for row in rows], target, tau2=tau2, fair=True)
    points = []
    for row, (far_low, low, high, far_high) in zip(rows, limits, strict=True):
        rate = row.rate if row.rate is not None else float("nan")
        place = "within"
        if rate < low:
            place = "far_below" if rate < far_low else "below"
        elif rate > high:
            place = "far_above" if rate > far_high else "above"
        points.append(
            {
                "name": row.name,
                "n": row.answered,
                "rate": rate,
                "lower": row.lower,
                "upper": row.upper,
                "place": place,
                "figure": row.figure(words, " · "),
                "sentence": f"{row.sentence(words)}, {getattr(words, place)}",
            }
        )
    return points


def _numbers(numbers: Sequence[int]) -> tuple[int, int, dict[str, Any]]:
    low, high = (min(numbers), max(numbers)) if numbers else (10, 100)
    if high / low >= LOGARITHMIC_FROM:
        first, last = max(1, math.floor(low * 0.85)), math.ceil(high * 1.15)
        return first, last, {"type": "log", "domain": [first, last], "nice": False}
    return (
        max(1, math.floor(low * 0.8)),
        math.ceil(high * 1.05),
        {
            "domain": [0, math.ceil(high * 1.05)],
            "zero": True,
            "nice": False,
        },
    )


def _curves(low: int, high: int, target: Target, tau2: float) -> list[dict[str, float]]:
    n = np.unique(np.geomspace(low, high, 120).round().astype(np.int64))
    limits = np.clip(funnel_limits(n, target, FUNNEL_PROBABILITIES, tau2, fair=True), 0, 1)
    fields = ("l2", "l1", "u1", "u2")
    return [{"n": int(m), **dict(zip(fields, map(float, row), strict=True))} for m, row in zip(n, limits, strict=True)]


def _domain(points: list[dict[str, Any]], curves: list[dict[str, float]], target: float) -> tuple[float, float]:
    typical = curves[len(curves) // 2]
    low_ends = (point["lower"] for point in points if point["place"].startswith("far") and point["n"] >= 30)
    values = [target, typical["l2"], *(point["rate"] for point in points), *low_ends]
    low = math.floor(round(20 * min(values) - 0.4, 6)) / 20
    high = math.ceil(round(20 * max([*values, typical["u2"]]) + 0.2, 6)) / 20
    return max(0.0, low), min(1.0, high)


def _frame(
    curves: list[dict[str, float]], scale: dict[str, Any], domain: tuple[float, float], words: FunnelWords, narrow: bool
) -> list[Layer]:
    first, last = scale["domain"]
    ticks = _ticks(first, last, scale.get("type") == "log", narrow)
    written = ",".join(f"'{words.count(n)}'" for n in ticks)
    axis = {
        "values": ticks,
        "labelExpr": f"[{written}][indexof([{','.join(map(str, ticks))}], datum.value)]",
        "grid": False,
        "title": f"{words.answered} (n)",
        "labelFlush": False,
    }
    x = {"field": "n", "type": "quantitative", "scale": scale, "axis": axis}
    layers = [
        layer(
            "rule",
            [{"n": curves[0]["n"], "y": domain[0]}],
            {"x": x, "y": {"field": "y", **share_axis(*domain, 4 if narrow else 6)}},
            opacity=0,
        )
    ]
    for field, dash in (("l2", [1, 0]), ("u2", [1, 0]), ("l1", [4, 3]), ("u1", [4, 3])):
        y = {"field": field, "type": "quantitative"}
        line = {"x": {"field": "n", "type": "quantitative"}, "y": y}
        layers.append(layer("line", curves, line, clip=True, color=RULE, strokeWidth=1.25, strokeDash=dash))
    return layers


def _ticks(first: int, last: int, logarithmic: bool, narrow: bool) -> list[int]:
    if logarithmic:
        multiples = (1, 2, 5) if not narrow else (1, 3) if last / first < 500 else (1,)
        return [n for n in (m * 10**e for e in range(10) for m in multiples) if first <= n <= last]
    steps = (m * 10**e for e in range(10) for m in (1, 2, 5))
    return list(range(0, last + 1, next(step for step in steps if last / step <= (3 if narrow else 7))))


def _pixel(n: float, scale: dict[str, Any], area: Area) -> float:
    first, last = map(float, scale["domain"])
    if scale.get("type") == "log":
        return area.width * math.log(n / first) / math.log(last / first)
    return area.width * (n - first) / (last - first)


def _farthest(points: list[dict[str, Any]], target: float) -> list[dict[str, Any]]:
    far = [point for point in points if point["place"].startswith("far")]
    return sorted(far, key=lambda point: -abs(point["rate"] - target) * math.sqrt(point["n"]))[:MOST_NAMES]


def _names(
    points: list[dict[str, Any]],
    far: list[dict[str, Any]],
    curves: list[dict[str, float]],
    scale: dict[str, Any],
    domain: tuple[float, float],
    area: Area,
    narrow: bool,
) -> tuple[list[Label], list[Box]]:
    def at_pixel(n: float, rate: float) -> tuple[float, float]:
        return _pixel(n, scale, area), height_of(rate, domain, area)

    labels = [
        Label(*at_pixel(p["n"], p["rate"]), (str(i),) if narrow else tuple(wrapped(p["name"], 2, 26)))
        for i, p in enumerate(far, start=1)
    ]
    drawn = [at_pixel(p["n"], p["rate"]) for p in points]
    drawn += [at_pixel(c["n"], c[field]) for c in curves for field in ("l2", "l1", "u1", "u2")]
    whiskers = [
        Box(x - 2, height_of(p["upper"], domain, area), x + 2, height_of(p["lower"], domain, area))
        for p, x in ((p, _pixel(p["n"], scale, area)) for p in far)
    ]
    return labels, [*(Box(x - 3, y - 3, x + 3, y + 3) for x, y in drawn), *whiskers]


def _marks(points: list[dict[str, Any]], far: list[dict[str, Any]]) -> list[Layer]:
    x, y = {"field": "n", "type": "quantitative"}, {"field": "rate", "type": "quantitative"}
    own = {"x": x, "y": {"field": "lower", "type": "quantitative"}, "y2": {"field": "upper"}}
    layers = [layer("rule", far, own, clip=True, color=RULE, strokeWidth=1)]
    for key, (shape, fill, stroke) in SYMBOLS.items():
        some = [point for point in points if point["place"] == key]
        mark = {"shape": shape, "fill": fill, "stroke": stroke, "strokeWidth": 1.25, "opacity": 1}
        layers.append(
            layer("point", some, {"x": x, "y": y, **spoken_text()}, size=42 if key == "within" else 60, **mark)
        )
    return layers
