"""The charts of the dashboard: its figures and the reader's words, made into pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.charts import (
    FunnelWords,
    IntervalWords,
    LevelWords,
    TrendWords,
    funnel_chart,
    interval_chart,
    level_chart,
    trend_chart,
)
from analysis.comparison import overdispersion
from analysis.control_chart import Trend as Signal
from survey.figures import Figures
from survey.i18n import gettext, percent
from survey.remarks import signal
from survey.sentences import VERDICTS, target_text, verdict_word
from survey.trends import Trend
from survey.views.drawing import FONT, Picture, pictures
from survey.views.lines import Line

MOST_ROWS, MOST_BARS = 40, 15
FEWEST_FOR_FUNNEL = 10


def intervals(found: Figures, lines: Sequence[Line]) -> list[Picture]:
    """Return the interval plot of the judged channel, rows in the order of the table."""
    rows = [{**line.judged, "name": line.name} for line in lines[:MOST_ROWS]]
    verdicts = {name: verdict_word(name, provisional=found.provisional) for name in VERDICTS}
    words = IntervalWords(verdicts=verdicts, title=gettext("Satisfaction rate of each row"), **_words(found))
    return pictures(lambda width: interval_chart(rows, found.target, words, width, FONT))


def levels(found: Figures, lines: Sequence[Line]) -> list[Picture]:
    """Return the five levels of the judged channel as bars: all rows together, and each one if they are few."""
    few = lines if len(lines) <= MOST_BARS else []
    named = [(gettext("All"), found.total["judged"]), *[(line.name, line.judged) for line in few]]
    rows = [
        {**judged, "name": name, "counts": [judged[f"level_{level}"] for level in range(1, 6)]}
        for name, judged in named
    ]
    words = LevelWords(levels=level_names(), title=gettext("The five levels, answers by invitation"), **_words(found))
    return pictures(lambda width: level_chart(rows, found.target, words, width, FONT))


def funnel(found: Figures, lines: Sequence[Line]) -> list[Picture]:
    """Return the funnel of units by number of answers; nothing for fewer than ten with answers."""
    answering = [line.judged for line in lines if line.judged["answered"]]
    if found.by != "unit" or len(answering) < FEWEST_FOR_FUNNEL:
        return []
    rows = [{**line.judged, "name": line.name} for line in lines]
    counted = ([one["satisfied"] for one in answering], [one["answered"] for one in answering])
    tau2 = overdispersion(*counted, found.target).tau2
    words = FunnelWords(
        within=gettext("Within what chance explains"),
        above=gettext("Above the 95% limits"),
        far_above=gettext("Above the 99.8% limits"),
        below=gettext("Below the 95% limits"),
        far_below=gettext("Below the 99.8% limits"),
        title=gettext("Units by number of answers"),
        **_words(found),
    )
    return pictures(lambda width: funnel_chart(rows, found.target, words, tau2, width, FONT))


def movement(found: Figures, trend: Trend) -> list[Picture]:
    """Return the trend of the ended periods; nothing while there are fewer than two with answers."""
    reading = trend.signals
    if reading is None:
        return []
    rows = trend.rows[trend.rows["ended"]]
    words = TrendWords(
        mean=gettext("Mean"),
        median=gettext("Median"),
        limits_of_movement=gettext("Limits of ordinary movement"),
        improvement=signal(Signal.IMPROVEMENT),
        deterioration=signal(Signal.DETERIORATION),
        provisional=gettext("Fewer than 12 periods: no limits yet"),
        title=gettext("How the satisfaction rate has moved"),
        **_words(found),
    )
    names = ["/".join(reversed(code.split("-"))) for code in rows["code"]]
    drawn = (rows["lower"], rows["upper"])
    return pictures(lambda width: trend_chart(names, reading, *drawn, found.target, words, width, FONT))


def level_names() -> tuple[str, str, str, str, str]:
    """Return the names of the five levels, from 1 to 5."""
    return (
        gettext("Very dissatisfied"),
        gettext("Dissatisfied"),
        gettext("Neutral"),
        gettext("Satisfied"),
        gettext("Very satisfied"),
    )


def _words(found: Figures) -> dict[str, Any]:
    return {
        "target": gettext("Target %(share)s", share=target_text(found.target)),
        "rate": gettext("Rate"),
        "answered": gettext("Answers"),
        "interval": gettext("%(share)s confidence interval", share=target_text(str(found.confidence))),
        "no_answers": gettext("no answers"),
        "decimal": percent(0.905)[2],
    }
