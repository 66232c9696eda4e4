"""The charts of figures as specifications in the reader's words: staff pages and printed reports draw the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

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
from survey.i18n import gettext, percent, text
from survey.results.caveats import signal
from survey.results.figures import Figures
from survey.results.importance import Importance
from survey.results.period_names import short_code
from survey.results.rows import JudgedRow
from survey.results.trends import TrendFigures
from survey.results.verdict_text import VERDICTS, target_text, verdict_word

FEWEST_FOR_FUNNEL = 10
NamedRow: TypeAlias = tuple[str, JudgedRow]  # with its name in the reader's language


class HeldFigures(Protocol):
    """Whatever is held against a target with a confidence, and is final or not."""

    @property
    def target(self) -> str:
        """Return the target."""

    @property
    def confidence(self) -> float:
        """Return the confidence of the limits."""

    @property
    def provisional(self) -> bool:
        """Return whether the period has not ended."""

    @property
    def closed(self) -> bool:
        """Return whether the figures are frozen."""


def intervals(figures: HeldFigures, rows: Sequence[NamedRow], width: int, font: str = SANS) -> Spec:
    """Return the interval plot of judged rows, in their order."""
    verdicts = {name: verdict_word(name, provisional=figures.provisional, closed=figures.closed) for name in VERDICTS}
    words = IntervalWords(verdicts=verdicts, title=gettext("Satisfaction rate of each row"), **_words(figures))
    return interval_chart(_as_records(rows), figures.target, words, width, font)


def levels(figures: Figures, rows: Sequence[NamedRow], width: int, font: str = SANS) -> Spec:
    """Return the five levels of judged rows as bars."""
    counted = [{**vars(row), "name": name, "counts": row.levels} for name, row in rows if row.shown]
    words = LevelWords(levels=level_names(), title=gettext("The five levels, answers by invitation"), **_words(figures))
    return level_chart(counted, figures.target, words, width, font)


def funnel(figures: Figures, rows: Sequence[NamedRow], width: int, font: str = SANS) -> Spec | None:
    """Return the funnel of units by number of answers; nothing for procedures or fewer than ten with answers."""
    answering = [(name, row) for name, row in rows if row.shown and not row.pooled]
    if figures.by != "unit" or len(answering) < FEWEST_FOR_FUNNEL:
        return None
    counted = ([row.satisfied or 0 for _name, row in answering], [row.answered for _name, row in answering])
    tau2 = overdispersion(*counted, figures.target).tau2
    words = FunnelWords(
        within=gettext("Within what chance explains"),
        above=gettext("Above the 95% limits"),
        far_above=gettext("Above the 99.8% limits"),
        below=gettext("Below the 95% limits"),
        far_below=gettext("Below the 99.8% limits"),
        title=gettext("Units by number of answers"),
        **_words(figures),
    )
    silent = [(name, row) for name, row in rows if not row.answered]
    return funnel_chart(_as_records([*answering, *silent]), figures.target, words, tau2, width, font)


def movement(figures: Figures, trend: TrendFigures, width: int, font: str = SANS) -> Spec | None:
    """Return the trend of the ended periods; nothing while there are fewer than two with answers."""
    reading = trend.signals
    if reading is None:
        return None
    ended = [row for row in trend.rows if row.ended]
    words = TrendWords(
        mean=gettext("Mean"),
        median=gettext("Median"),
        limits_of_movement=gettext("Limits of ordinary movement"),
        improvement=signal(Signal.IMPROVEMENT),
        deterioration=signal(Signal.DETERIORATION),
        provisional=gettext("Fewer than 12 periods: no limits yet"),
        title=gettext("How the satisfaction rate has moved"),
        **{**_words(figures), "no_answers": gettext("none or few answers")},
    )
    names = [short_code(row.code) for row in ended]
    lower, upper = [row.lower for row in ended], [row.upper for row in ended]
    return trend_chart(names, reading, lower, upper, figures.target, words, width, font)


def quadrant(figures: Figures, weighed: Importance, width: int, font: str = SANS) -> Spec | None:
    """Return the factors by importance and satisfaction; nothing where importance cannot be told."""
    if weighed.rows is None:
        return None
    rows = [{**vars(row), "name": text(row.name)} for row in weighed.rows]
    words = QuadrantWords(
        importance=gettext("Goes together with overall satisfaction (share)"),
        mean_importance=gettext("average of the factors"),
        first=gettext("Improve first"),
        keep=gettext("Keep up"),
        later=gettext("Improve later"),
        fine=gettext("Maintain"),
        title=gettext("Importance and satisfaction of each part of the service"),
        **{**_words(figures), "target": gettext("%(share)s, for comparison", share=target_text(figures.target))},
    )
    return quadrant_chart(rows, figures.target, words, width, font)


def level_names() -> tuple[str, str, str, str, str]:
    """Return the names of the five levels, from 1 to 5."""
    return (
        gettext("Very dissatisfied"),
        gettext("Dissatisfied"),
        gettext("Neutral"),
        gettext("Satisfied"),
        gettext("Very satisfied"),
    )


def _as_records(rows: Sequence[NamedRow]) -> list[dict[str, Any]]:
    """Return rows as charts take them; in the place of what is withheld, where there are not few, stands that it is."""
    hidden = {"": "", "few": "", "others": gettext("not shown"), "open": gettext("when closed")}
    return [{**vars(row), "name": name, "hidden": hidden[row.withheld]} for name, row in rows]


def _words(figures: HeldFigures) -> dict[str, Any]:
    return {
        "target": gettext("Target %(share)s", share=target_text(figures.target)),
        "rate": gettext("Rate"),
        "answered": gettext("Answers"),
        "interval": gettext("%(share)s confidence interval", share=target_text(str(figures.confidence))),
        "no_answers": gettext("no answers"),
        "few": gettext("few answers"),
        "decimal": percent(0.905)[2],
        "to_below": gettext("%(lower)s to below %(target)s", lower="{lower}", target="{upper}"),
    }
