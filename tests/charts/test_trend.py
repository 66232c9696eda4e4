"""The drawing of a trend: every mark inside its frame, by the order of the rates, and nothing of what is withheld."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.control_chart import laney_p_prime, signals
from analysis.interval import clopper_pearson
from survey.charts.trend import BOTTOM, LEAST_SPAN, MOST, TOP, trend_drawing
from survey.periods import parse, previous
from survey.results.trends import AskedAnew, TrendFigures, TrendRow


def series(counts: list[tuple[int, int]]) -> TrendFigures:
    """Return the trend of months with so many satisfied of so many answers, the last one October 2026."""
    months = [previous(parse("2026-10"), number) for number in reversed(range(len(counts)))]
    rows = []
    for month, (k, n) in zip(months, counts, strict=True):
        lower, upper = (float(one) for one in clopper_pearson(k, n)) if n else (0.0, 1.0)
        rows.append(
            TrendRow(
                code=month.code,
                first=month.first,
                last=month.last,
                answered=n,
                withheld="" if n >= 10 or not n else "few",
                satisfied=k if n >= 10 else None,
                rate=k / n if n >= 10 else None,
                lower=lower,
                upper=upper,
                ended=True,
            )
        )
    shown = [(row.satisfied or 0, row.answered if row.rate is not None else 0) for row in rows]
    enough = sum(n > 0 for _, n in shown) > 1
    chart = laney_p_prime(*zip(*shown, strict=True)) if enough else None
    return TrendFigures(tuple(rows), signals(chart) if chart else None, None, ())


months = st.lists(
    st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=24
)


@settings(deadline=None)  # the first chart of a process loads its libraries
@given(months)
def test_every_mark_stands_inside_the_frame_and_higher_rates_stand_higher(counts: list[tuple[int, int]]) -> None:
    trend = series(counts)
    drawing = trend_drawing(trend, "0.90")
    rated = [row for row in trend.rows[-MOST:] if row.rate is not None]
    assert (drawing is None) is (len(rated) < 2)
    if drawing is None:
        return
    assert [one.row for one in drawing.points] == list(trend.rows[-MOST:])
    assert all((one.y is None) is (one.row.rate is None) for one in drawing.points)
    drawn = [one for one in drawing.points if one.y is not None]
    for one in drawn:
        assert TOP <= one.upper <= (one.y or 0) <= one.lower <= BOTTOM
        assert 0 < one.x < 100
    by_rate = sorted(drawn, key=lambda one: one.row.rate or 0.0)
    assert all((low.y or 0) >= (high.y or 0) for low, high in pairwise(by_rate))
    assert all(TOP <= band.top <= band.top + band.height <= BOTTOM + 0.1 for band in drawing.bands)
    assert [one.now for one in drawing.points].count(True) == 1


def test_limits_are_drawn_from_twelve_months_on_and_a_jump_is_marked() -> None:
    calm = [(880, 1000)] * 11
    short = trend_drawing(series(calm), "0.90")
    assert short is not None and short.bands == ()
    drawing = trend_drawing(series([*calm, (700, 1000)]), "0.90")
    assert drawing is not None and len(drawing.bands) == 12 and drawing.center is not None
    assert [one.signal for one in drawing.points][-1] == "deterioration"
    assert drawing.points[-1].row.last == dt.date(2026, 10, 31)
    assert {one.signal for one in drawing.points[:-1]} == {""}, "an ordinary month has no mark"
    assert [one.labelled for one in drawing.points] == [False] * 11 + [True]


def test_a_month_that_is_withheld_has_no_band_and_those_beside_it_keep_theirs() -> None:
    drawing = trend_drawing(series([*[(880, 1000)] * 6, (3, 4), *[(880, 1000)] * 8]), "0.90")
    assert drawing is not None and len(drawing.points) == MOST
    withheld = [number for number, one in enumerate(drawing.points) if one.y is None]
    assert withheld == [3]
    column = 100 / MOST
    assert [band.left for band in drawing.bands] == [round(column * number, 2) for number in range(MOST) if number != 3]


def test_small_movement_stays_small_on_the_scale() -> None:
    drawing = trend_drawing(series([(900_000, 1_000_000), (901_000, 1_000_000)]), "0.90")
    assert drawing is not None
    first, second = (one.y or 0.0 for one in drawing.points)
    assert first - second <= (BOTTOM - TOP) * 0.001 / LEAST_SPAN + 0.1, "a tenth of a point is no cliff"


def test_what_is_withheld_leaves_a_gap_and_no_line_of_its_own() -> None:
    drawing = trend_drawing(series([(90, 100), (3, 4), (85, 100)]), "0.90")
    assert drawing is not None
    assert [one.y is None for one in drawing.points] == [False, True, False]
    assert [(a.row.answered, b.row.answered) for a, b in drawing.lines] == [(100, 100)]


def test_a_line_stands_where_the_questionnaire_changed_in_a_drawn_period() -> None:
    anew = (AskedAnew("2024-12", dt.date(2024, 12, 3), "1.1"), AskedAnew("2026-09", dt.date(2026, 9, 15), "2.0"))
    drawing = trend_drawing(replace(series([(90, 100)] * 4), asked_anew=anew), "0.90")
    assert drawing is not None
    assert drawing.asked_anew == (50.0,), "between August and September, and nothing of what is not drawn"
