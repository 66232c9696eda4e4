from __future__ import annotations

import json
import re

import numpy as np
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.charts import (
    funnel,
    funnel_chart,
    interval_chart,
    intervals,
    level_chart,
    levels,
    quadrant_chart,
    trend,
    trend_chart,
)
from analysis.charts.placement import Box, Label, name_points
from analysis.control_chart import laney_p_prime, signals
from tests.analysis.chart_examples import (
    CHARTS,
    FUNNEL_WORDS,
    INTERVAL_WORDS,
    LEVEL_WORDS,
    QUADRANT_WORDS,
    TREND_WORDS,
    VI,
    WIDTHS,
    K,
    N,
    figures,
    trend_of,
)
from tests.analysis.drawing import Word, draw, overlapping, words

every = pytest.mark.parametrize(("chart", "width"), [(chart, width) for chart in CHARTS for width in WIDTHS])


@every
def test_a_drawn_chart_is_as_wide_as_asked_and_keeps_its_words_inside_and_apart(chart, width):
    svg = draw(CHARTS[chart](width))
    result = words(svg)
    height = float(re.search(r'height="(\d+)"', svg)[1])
    assert re.search(r'width="(\d+)"', svg)[1] == str(width)
    outside = [
        word for word in result if word.left < 0 or word.right > width + 1 or word.top < 0 or word.bottom > height
    ]
    assert not outside
    assert not overlapping(result)
    assert "NaN" not in svg and "undefined" not in svg and "null" not in svg


@every
def test_target_rates_and_numbers_of_answers_are_written_with_the_decimal_comma(chart, width):
    text = " ".join(word.text for word in words(draw(CHARTS[chart](width))))
    assert VI["target"] in text
    assert VI["no_answers"] in text
    expected = {"trend": "1.000", "short trend": "100", "funnel": "Số phiếu (n)"}.get(chart, "500")
    assert expected in text
    if chart in ("intervals", "levels"):
        assert {"95,0%", "100,0%", "0,0%"} <= set(re.findall(r"\d+,\d%", text))


@pytest.mark.parametrize("chart", CHARTS)
def test_the_text_alternative_says_every_row_with_interval_and_n(chart):
    sentence = CHARTS[chart](640)["description"]
    assert sentence.startswith("Tỷ lệ hài lòng, 01/10/2026–31/10/2026. Chỉ tiêu 90%.")
    assert re.search(r"\d+,\d% \(\d+,\d%–\d+,\d%; n = [\d.]+\)", sentence)
    assert VI["no_answers"] in sentence
    given_ = interval_chart(figures(K, N), "0.90", INTERVAL_WORDS, description="Mô tả riêng")
    assert given_["description"] == "Mô tả riêng"


@pytest.mark.parametrize("chart", CHARTS)
def test_a_specification_is_plain_json_without_scripts(chart):
    spec = CHARTS[chart](640)
    again = json.loads(json.dumps(spec, allow_nan=False, ensure_ascii=False))
    assert again == spec and spec["$schema"].endswith("/v6.json")
    assert spec["config"]["font"] == "Liberation Sans"
    assert vl_convert.vegalite_to_png(spec)[:4] == b"\x89PNG"


def in_legend(layer):
    return set(layer["data"]["values"][0]) == {"x", "y", "word"}


def plain(mark):
    return {key: value for key, value in mark.items() if not isinstance(value, list)}


def layers(spec, mark, **properties):
    return [
        one
        for one in spec["layer"]
        if one["mark"]["type"] == mark and properties.items() <= plain(one["mark"]).items() and not in_legend(one)
    ]


def test_every_rate_has_its_interval_and_no_answers_an_empty_one():
    spec = CHARTS["intervals"](640)
    rates = [row for one in layers(spec, "point", size=42) for row in one["data"]["values"]]
    rules = [row for one in layers(spec, "rule", strokeWidth=2) for row in one["data"]["values"]]
    assert sorted(row["y"] for row in rates) == sorted(row["y"] for row in rules) and len(rates) == 6
    (empty,) = layers(spec, "rect")
    assert [row["sentence"] for row in empty["data"]["values"]] == ["Sở Tài chính: chưa có phiếu"]
    assert empty["mark"]["fillOpacity"] == 0


def test_an_interval_that_passes_the_axis_ends_in_an_arrow():
    spec = interval_chart(figures([1], [3]), "0.90", INTERVAL_WORDS)
    (arrow,) = layers(spec, "point", size=60)
    assert arrow["data"]["values"][0]["cut"] and arrow["data"]["values"][0]["lower"] == 0.3
    assert not layers(interval_chart(figures([1], [40]), "0.90", INTERVAL_WORDS), "point", size=60)


def test_the_axis_never_hides_a_rate():
    spec = interval_chart(figures([0, 36], [2, 36]), "0.90", INTERVAL_WORDS)
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0.0, 1.0]


@pytest.mark.parametrize("symbols", [intervals.SYMBOLS, funnel.SYMBOLS, trend.SYMBOLS])
def test_symbols_differ_without_colour(symbols):
    looks = {(shape, "hollow" if fill == "#ffffff" else "filled") for shape, fill, _ in symbols.values()}
    assert len(looks) == len(symbols)


def test_levels_differ_in_black_and_white_as_neighbours_and_as_ends():
    def lightness(ink):
        channels = (int(ink[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 116 * np.dot(linear, [0.2126, 0.7152, 0.0722]) ** (1 / 3) - 16

    tones = [lightness(ink) for ink in levels.INKS.values()]
    assert (np.abs(np.diff(tones)) > 14).all()
    assert min(abs(a - b) for i, a in enumerate(tones) for b in tones[i + 1 :]) > 10


def test_level_four_ends_at_the_rate():
    spec = CHARTS["levels"](640)
    four = next(one for one in layers(spec, "rect") if one["mark"].get("fill") == levels.INKS[4])
    assert four["data"]["values"][0]["to"] == pytest.approx(0.95)


def test_no_word_of_a_level_stands_on_the_target_line():
    assert levels._clear_of(0.9, 0.85, 0.95, 0.06) is None
    assert levels._clear_of(0.9, 0.70, 0.95, 0.06) == pytest.approx(0.825)
    assert levels._clear_of(0.9, 0.90, 1.0, 0.04) == pytest.approx(0.95)
    assert levels._clear_of(0.9, 0.0, 0.5, 0.6) is None


def test_signals_are_marked_by_shape_and_named():
    spec = CHARTS["trend"](640)
    shapes = {one["mark"]["shape"] for one in layers(spec, "point")}
    assert shapes == {"triangle-up", "triangle-down"}
    (up,) = layers(spec, "point", shape="triangle-up")
    assert all(row["sentence"].endswith("dấu hiệu cải thiện") for row in up["data"]["values"])


def test_below_twelve_periods_no_limits_are_drawn_and_a_word_says_so():
    spec = CHARTS["short trend"](640)
    assert not layers(spec, "area")
    assert TREND_WORDS.provisional in draw(spec) and "Trung vị" in draw(spec)
    assert layers(CHARTS["trend"](640), "area")


def test_a_month_without_answers_breaks_the_line():
    stretches = layers(CHARTS["trend"](640), "line", strokeWidth=1.5)
    assert [len(one["data"]["values"]) for one in stretches] == [12, 6]


def test_the_funnel_names_those_far_outside_and_lists_those_without_answers():
    text = " ".join(word.text for word in words(draw(CHARTS["funnel"](640))))
    assert "Trung tâm Phục vụ" in text and "chưa có phiếu: Sở Tài chính" in text
    assert "Sở Nội vụ" in CHARTS["funnel"](640)["description"]
    narrow = [word.text for word in words(draw(CHARTS["funnel"](320)))]
    assert any(line.startswith("1. ") and "n = " in line for line in narrow)


def test_five_of_five_lie_within_the_funnel():
    spec = funnel_chart(figures([5, 90], [5, 100]), "0.90", FUNNEL_WORDS)
    within = [row for one in layers(spec, "point", shape="circle") for row in one["data"]["values"] if "place" in row]
    assert {row["place"] for row in within} == {"within"} and len(within) == 2


def test_what_matters_and_falls_short_stands_out_by_shape():
    assert not layers(CHARTS["quadrant"](640), "point", shape="diamond")
    spec = quadrant_chart(figures([160, 950], [200, 1000], importance=[0.6, 0.2]), "0.90", QUADRANT_WORDS)
    (urgent,) = layers(spec, "point", shape="diamond")
    assert [row["name"] for row in urgent["data"]["values"]] == ["Sở Nội vụ"]


@pytest.mark.parametrize("chart", ["intervals", "funnel", "levels", "quadrant"])
@pytest.mark.parametrize("k_of_n", [[], [(0, 0)], [(36, 36)], [(0, 12)], [(1, 1)], [(10**6, 10**6 + 5)]])
def test_nothing_all_and_none_satisfied_can_be_drawn(chart, k_of_n):
    k, n = np.array([k for k, _ in k_of_n], int), np.array([n for _, n in k_of_n], int)
    rows = figures(k, n, counts=[(n - k, 0, 0, 0, k) for k, n in k_of_n], importance=[0.5] * len(k))
    build = {
        "intervals": lambda: interval_chart(rows, "0.90", INTERVAL_WORDS, width=320),
        "funnel": lambda: funnel_chart(rows, "0.90", FUNNEL_WORDS, width=320),
        "levels": lambda: level_chart(rows, "0.90", LEVEL_WORDS, width=320),
        "quadrant": lambda: quadrant_chart(rows, "0.90", QUADRANT_WORDS, width=320),
    }
    svg = draw(build[chart]())
    assert VI["target"] in svg and "NaN" not in svg


@pytest.mark.parametrize("k_of_n", [[(36, 36)], [(0, 12), (0, 15)], [(100, 100)] * 14, [(0, 40)] * 14])
def test_any_trend_can_be_drawn(k_of_n):
    svg = draw(trend_of([k for k, _ in k_of_n], [n for _, n in k_of_n], 320))
    assert VI["target"] in svg and "NaN" not in svg


places = st.tuples(st.floats(0, 500), st.floats(0, 300))


@given(st.lists(places, min_size=1, max_size=6, unique=True))
@settings(max_examples=30, deadline=None)
def test_names_stay_inside_the_plot(points):
    labels = [Label(x, y, ("Sở Nội vụ", "95,0% · n = 500")) for x, y in points]
    for one in name_points(labels, [], Box(0, 0, 500, 300)):
        for row in one["data"]["values"] if one["mark"]["type"] == "text" else []:
            assert 0 <= row["x"] <= 500 and 0 <= row["y"] <= 300


@pytest.mark.parametrize(
    "call",
    [
        lambda: interval_chart([{"name": "A"}], "0.90", INTERVAL_WORDS),
        lambda: interval_chart([{**figures([9], [10])[0], "verdict": "good"}], "0.90", INTERVAL_WORDS),
        lambda: interval_chart([{**figures([9], [10])[0], "rate": 90.0}], "0.90", INTERVAL_WORDS),
        lambda: interval_chart(figures([9], [10]), 0.9, INTERVAL_WORDS),
        lambda: level_chart(figures([9], [10], counts=[(1, 2, 3)]), "0.90", LEVEL_WORDS),
        lambda: level_chart(figures([9], [10], counts=[(1, 0, 0, 0, 8)]), "0.90", LEVEL_WORDS),
        lambda: quadrant_chart(figures([9], [10], importance=[-1.0]), "0.90", QUADRANT_WORDS),
        lambda: trend_chart(["10/2026"], signals(laney_p_prime([9, 9], [10, 10])), [0, 0], [1, 1], "0.90", TREND_WORDS),
    ],
)
def test_figures_that_cannot_be_are_refused(call):
    with pytest.raises(ValueError):
        call()


@every
def test_the_one_line_of_the_target_stands_at_the_target(chart, width):
    fields = {"target": "target", "quadrant": "y"}
    field = fields.get(chart, "target")
    rules = [one for one in layers(CHARTS[chart](width), "rule", color="#1a1a1a") if field in one["data"]["values"][0]]
    assert rules and {row[field] for one in rules for row in one["data"]["values"]} == {0.9}


@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_in_capitals_leave_room_for_the_figures(width):
    rows = figures([999_000], [1_234_567], names=["ỦY BAN NHÂN DÂN PHƯỜNG MỸ MỸ MƯƠNG MƯỜNG MƯỚNG MƯỢNG"])
    result = words(draw(interval_chart(rows, "0.90", INTERVAL_WORDS, width=width)))
    assert not overlapping(result) and all(word.within(Word("", 0, 0, width + 1, 999)) for word in result)
    assert any("1.234.567" in word.text for word in result)
