"""The charts of figures as specifications in the reader's words: staff pages and printed reports draw the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.charts import (
    FunnelWords,
    IntervalWords,
    LevelWords,
    QuadrantWords,
    TrendWords,
    funnel_chart,
    interval_chart,
    level_chart,
    quadrant_chart,
    trend_chart,
)
from analysis.charts.appearance import Spec
from analysis.comparison import overdispersion
from analysis.control_chart import Trend as Signal
from survey.fonts import SANS
from survey.i18n import gettext as _
from survey.i18n import percent, text
from survey.results.caveats import signal
from survey.results.counts import LEVELS
from survey.results.figures import Figures
from survey.results.importance import Importance
from survey.results.trends import Trend
from survey.results.verdict_text import VERDICTS, target_text, verdict_word

FEWEST_FOR_FUNNEL = 10
Row = Mapping[str, Any]  # a row of figures with its name in the reader's language


def intervals(figures: Figures, rows: Sequence[Row], width: int, font: str = SANS) -> Spec:
    """Return the interval plot of judged rows, in their order."""
    verdicts = {name: verdict_word(name, provisional=figures.provisional, closed=figures.closed) for name in VERDICTS}
    words = IntervalWords(verdicts=verdicts, title=_("Satisfaction rate of each row"), **_words(figures))
    return interval_chart(rows, figures.target, words, width, font)


def levels(figures: Figures, rows: Sequence[Row], width: int, font: str = SANS) -> Spec:
    """Return the five levels of judged rows as bars."""
    counted = [{**row, "counts": [row[level] for level in LEVELS]} for row in rows]
    words = LevelWords(levels=level_names(), title=_("The five levels, answers by invitation"), **_words(figures))
    return level_chart(counted, figures.target, words, width, font)


def funnel(figures: Figures, rows: Sequence[Row], width: int, font: str = SANS) -> Spec | None:
    """Return the funnel of units by number of answers; nothing for procedures or fewer than ten with answers."""
    answering = [row for row in rows if row["answered"]]
    if figures.by != "unit" or len(answering) < FEWEST_FOR_FUNNEL:
        return None
    counted = ([one["satisfied"] for one in answering], [one["answered"] for one in answering])
    tau2 = overdispersion(*counted, figures.target).tau2
    words = FunnelWords(
        within=_("Within what chance explains"),
        above=_("Above the 95% limits"),
        far_above=_("Above the 99.8% limits"),
        below=_("Below the 95% limits"),
        far_below=_("Below the 99.8% limits"),
        title=_("Units by number of answers"),
        **_words(figures),
    )
    return funnel_chart(rows, figures.target, words, tau2, width, font)


def movement(figures: Figures, trend: Trend, width: int, font: str = SANS) -> Spec | None:
    """Return the trend of the ended periods; nothing while there are fewer than two with answers."""
    reading = trend.signals
    if reading is None:
        return None
    ended = trend.rows[trend.rows["ended"]]
    words = TrendWords(
        mean=_("Mean"),
        median=_("Median"),
        limits_of_movement=_("Limits of ordinary movement"),
        improvement=signal(Signal.IMPROVEMENT),
        deterioration=signal(Signal.DETERIORATION),
        provisional=_("Fewer than 12 periods: no limits yet"),
        title=_("How the satisfaction rate has moved"),
        **_words(figures),
    )
    names = ["/".join(reversed(code.split("-"))) for code in ended["code"]]
    return trend_chart(names, reading, ended["lower"], ended["upper"], figures.target, words, width, font)


def quadrant(figures: Figures, weighed: Importance, width: int, font: str = SANS) -> Spec | None:
    """Return the factors by importance and satisfaction; nothing where importance cannot be told."""
    if weighed.rows is None:
        return None
    rows = [{**row, "name": text(row["name"])} for row in weighed.rows.to_dict("records")]
    words = QuadrantWords(
        importance=_("Goes together with overall satisfaction (share)"),
        mean_importance=_("average of the factors"),
        first=_("Look here first"),
        keep=_("Keep it so"),
        later=_("Look here later"),
        fine=_("Good"),
        title=_("Importance and satisfaction of each part of the service"),
        **{**_words(figures), "target": _("%(share)s, for comparison", share=target_text(figures.target))},
    )
    return quadrant_chart(rows, figures.target, words, width, font)


def level_names() -> tuple[str, str, str, str, str]:
    """Return the names of the five levels, from 1 to 5."""
    return (_("Very dissatisfied"), _("Dissatisfied"), _("Neutral"), _("Satisfied"), _("Very satisfied"))


def _words(figures: Figures) -> dict[str, Any]:
    return {
        "target": _("Target %(share)s", share=target_text(figures.target)),
        "rate": _("Rate"),
        "answered": _("Answers"),
        "interval": _("%(share)s confidence interval", share=target_text(str(figures.confidence))),
        "no_answers": _("no answers"),
        "decimal": percent(0.905)[2],
        "to_below": _("%(lower)s to below %(target)s", lower="{lower}", target="{upper}"),
    }
