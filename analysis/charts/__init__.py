"""Charts as Vega-Lite specifications: figures and words in, a dict out, the same on the page and in the report."""

from analysis.charts.funnel import FunnelWords, funnel_chart
from analysis.charts.intervals import IntervalWords, interval_chart
from analysis.charts.levels import LevelWords, level_chart
from analysis.charts.quadrant import QuadrantWords, quadrant_chart
from analysis.charts.trend import TrendWords, trend_chart

__all__ = [
    "FunnelWords",
    "IntervalWords",
    "LevelWords",
    "QuadrantWords",
    "TrendWords",
    "funnel_chart",
    "interval_chart",
    "level_chart",
    "quadrant_chart",
    "trend_chart",
]
