"""The charts of the dashboard: drawn at each width, rows in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from analysis.charts.appearance import Spec
from survey.i18n import gettext
from survey.results import charts
from survey.results.charts import NamedRow
from survey.results.figures import Figures
from survey.results.importance import Importance
from survey.results.trends import TrendFigures
from survey.web.staff.chart_svg import FONT, PageChart, pictures
from survey.web.staff.dashboard_rows import DashboardRow

MOST_ROWS, MOST_BARS = 40, 15


def intervals(figures: Figures, lines: Sequence[DashboardRow]) -> list[PageChart]:
    """Return the interval plot of the judged channel, rows in the order of the table."""
    return _drawn(partial(charts.intervals, figures, _named(lines[:MOST_ROWS])))


def levels(figures: Figures, lines: Sequence[DashboardRow]) -> list[PageChart]:
    """Return the five levels of the judged channel as bars: all rows together, and each one if they are few."""
    few = lines if len(lines) <= MOST_BARS else []
    total = figures.judged.total
    if not total.shown:
        return []
    return _drawn(partial(charts.levels, figures, [(gettext("All"), total), *_named(few)]))


def funnel(figures: Figures, lines: Sequence[DashboardRow]) -> list[PageChart]:
    """Return the funnel of units by number of answers; nothing for fewer than ten with answers."""
    return _drawn(partial(charts.funnel, figures, _named(lines)))


def movement(figures: Figures, trend: TrendFigures) -> list[PageChart]:
    """Return the trend of the ended periods; nothing while there are fewer than two with answers."""
    return _drawn(partial(charts.movement, figures, trend))


def importance(figures: Figures, weighed: Importance) -> list[PageChart]:
    """Return the factors by importance and satisfaction; nothing where importance cannot be told."""
    return _drawn(partial(charts.quadrant, figures, weighed))


def _named(lines: Sequence[DashboardRow]) -> list[NamedRow]:
    return [(line.name, line.judged) for line in lines]


def _drawn(chart: Callable[[int, str], Spec | None]) -> list[PageChart]:
    return pictures(lambda width: chart(width, FONT))
