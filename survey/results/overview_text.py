"""The sentences of the overview: each heading states what its picture shows, each picture has one that stands for it.

Rates, limits and verdicts are printed as everywhere (`verdict_text`); names of periods come from whoever asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analysis.control_chart import Trend
from survey.i18n import gettext, msgid, ngettext, number, text
from survey.results import caveats
from survey.results.changes import RateBefore
from survey.results.choices import ChoiceQuestion
from survey.results.factors import FactorRow
from survey.results.figures import Figures
from survey.results.importance import Importance
from survey.results.rows import JudgedRow
from survey.results.trends import TrendFigures, TrendRow
from survey.results.verdict_text import headline_word, interval, rate_text, row_word, target_text, withheld

TALLIES = {  # rows by their verdict, or why they have none: as lists have them
    "not_met": msgid("%(number)s not met"),
    "inconclusive": msgid("%(number)s inconclusive"),
    "met": msgid("%(number)s met"),
    "few": msgid("%(number)s with few answers"),
    "hidden": msgid("%(number)s not shown"),
    "none": msgid("%(number)s without answers"),
}
JUDGED_MONTHS = 12  # periods from which limits of ordinary movement are drawn


def verdict_title(figures: Figures) -> str:
    """Return the verdict with the target that it is about, or why there is none."""
    total = figures.judged.total
    if figures.provisional or not caveats.judged(total) or total.verdict == "inconclusive":
        return headline_word(figures)
    if figures.closed:
        return final_title(total, figures.target)
    values = {"target": target_text(figures.target)}
    met = gettext("Meets the target of %(target)s (not final)", **values)
    return met if total.verdict == "met" else gettext("Misses the target of %(target)s (not final)", **values)


def final_title(row: JudgedRow, target: str) -> str:
    """Return the verdict on a row of a closed period with the target that it is about, or why there is none."""
    if not caveats.judged(row) or row.verdict == "inconclusive":
        return row_word(row)
    values = {"target": target_text(target)}
    met = gettext("Meets the target of %(target)s", **values)
    return met if row.verdict == "met" else gettext("Misses the target of %(target)s", **values)


def rate_sentence(row: JudgedRow, target: str) -> str:
    """Say what the drawing of a rate beside its target shows."""
    return gettext(
        "Rate %(rate)s, confidence interval %(interval)s; target %(target)s.",
        rate=rate_text(row.rate, target),
        interval=interval(row, target=target),
        target=target_text(target),
    )


def change_sentence(trend: TrendFigures, target: str, before: str) -> str:
    """Compare a period with the one before, called `before`; empty where that says nothing."""
    if trend.change is None:
        return ""
    row = trend.rows[-2]
    moved = caveats.change(trend.change)
    return gettext(
        "Compared with %(period)s (%(rate)s; %(answered)s answers): %(moved)s",
        period=before,
        rate=rate_text(row.rate, target),
        answered=number(row.answered),
        moved=moved[:1].lower() + moved[1:],
    )


def trend_title(trend: TrendFigures, target: str) -> str:
    """Say how the rate has moved: more than by chance or not, or that this cannot be told yet."""
    shown = [row for row in trend.rows if row.ended and row.rate is not None]
    if trend.signals is None or len(shown) < 2:
        return gettext("There are no periods to compare yet")
    if trend.signals.trend is Trend.IMPROVEMENT:
        return gettext("The rate has risen by more than chance")
    if trend.signals.trend is Trend.DETERIORATION:
        return gettext("The rate has fallen by more than chance")
    if trend.signals.chart.provisional:
        rates = [row.rate for row in shown if row.rate is not None]
        return gettext(
            "Between %(lowest)s and %(highest)s over %(number)s periods; what is ordinary shows from %(least)s on",
            lowest=rate_text(min(rates), target),
            highest=rate_text(max(rates), target),
            number=number(len(shown)),
            least=number(JUDGED_MONTHS),
        )
    return gettext(
        "The rate moved only ordinarily around %(center)s", center=rate_text(trend.signals.chart.center, target)
    )


def trend_sentence(rows: Sequence[TrendRow], target: str, title: str) -> str:
    """Say in one sentence what the drawing of these periods shows; its figures stand in the table behind it."""
    rates = [row.rate for row in rows if row.rate is not None]
    return gettext(
        "%(title)s. Drawn are %(number)s periods, from %(lowest)s to %(highest)s, beside the target of %(target)s; the "
        "table holds each of them.",
        title=title,
        number=number(len(rows)),
        lowest=rate_text(min(rates), target),
        highest=rate_text(max(rates), target),
        target=target_text(target),
    )


def rows_title(rows: Sequence[JudgedRow], by: str) -> str:
    """Say of rows with a verdict how many miss the target, meet it, and are undecided."""
    if not rows and by == "unit":
        return gettext("No unit has answers enough for a verdict")
    if not rows:
        return gettext("No procedure has answers enough for a verdict")
    numbers = Counter(str(row.verdict) for row in rows)
    words = ", ".join(
        gettext(TALLIES[word], number=number(numbers[word]))
        for word in ("not_met", "met", "inconclusive")
        if numbers[word]
    )
    return gettext("Units: %(list)s", list=words) if by == "unit" else gettext("Procedures: %(list)s", list=words)


def strip_sentence(rows: Sequence[JudgedRow], target: str) -> str:
    """Say in one sentence what the strip of these rows shows; the list that it leads to holds each of them."""
    rates = [row.rate for row in rows if row.rate is not None]
    return gettext(
        "%(number)s rows from %(lowest)s to %(highest)s with their intervals, beside the target of %(target)s; the "
        "list of all holds each of them.",
        number=number(len(rows)),
        lowest=rate_text(min(rates), target),
        highest=rate_text(max(rates), target),
        target=target_text(target),
    )


def not_drawn(drawn: Sequence[JudgedRow], rows: Sequence[JudgedRow], by: str) -> str:
    """Say how many rows are not drawn, because few answered or nobody; empty where all are."""
    silent = sum(not row.answered for row in rows)
    few = len({row.id for row in rows if not row.pooled} - {row.id for row in drawn}) - silent
    if not silent and not few:
        return ""
    parts = [gettext(TALLIES[name], number=number(one)) for name, one in (("few", few), ("none", silent)) if one]
    values = {"list": ", ".join(parts)}
    return (
        gettext("Units not drawn: %(list)s.", **values)
        if by == "unit"
        else gettext("Procedures not drawn: %(list)s.", **values)
    )


def reasons_title(reasons: ChoiceQuestion) -> str:
    """Name the reasons that most people gave, or say why they are not shown."""
    named = [text(choice.text) for choice in reasons.choices if choice.people and choice.value != "other"]
    if not named:
        return gettext("Reasons are not shown")
    if len(named) == 1:
        return gettext("Named most often: %(first)s", first=_inside(named[0]))
    return gettext("Named most often: %(first)s; %(second)s", first=_inside(named[0]), second=_inside(named[1]))


def factors_title(rows: Sequence[FactorRow], weighed: Importance) -> str:
    """Name the factor with the lowest rate, and whether it is also the one that matters most."""
    shown = [row for row in rows if row.shown]
    if not shown:
        return gettext("What people say about each factor is not shown")
    lowest = min(shown, key=lambda row: row.rate or 0.0)
    first = max(weighed.rows, key=lambda row: row.importance) if weighed.rows else None
    if first is None:
        return gettext("%(factor)s has the lowest rate", factor=text(lowest.name))
    if first.question == lowest.question:
        return gettext(
            "%(factor)s has the lowest rate and goes most together with overall satisfaction: improve it first",
            factor=text(lowest.name),
        )
    return gettext(
        "%(factor)s has the lowest rate; %(first)s goes most together with overall satisfaction",
        factor=text(lowest.name),
        first=text(first.name),
    )


def comments_title(written: int, dissatisfied: int) -> str:
    """Say how many comments there are, and how many of people who were not satisfied."""
    return ngettext(
        "%(number)s comment, %(dissatisfied)s from people who were not satisfied",
        "%(number)s comments, %(dissatisfied)s from people who were not satisfied",
        written,
        number=number(written),
        dissatisfied=number(dissatisfied),
    )


def late_comments(late: int, period: str) -> str:
    """Say how many comments of a period, called `period`, should have been answered: on the overview and in alerts."""
    return ngettext(
        "%(number)s comment of %(period)s should have been answered by now",
        "%(number)s comments of %(period)s should have been answered by now",
        late,
        number=number(late),
        period=period,
    )


def row_sentence(row: JudgedRow, target: str) -> str:
    """Return the evidence of a row in one line: rate, how many of how many, limits; or why there is none."""
    return rate_words(row, target) if row.shown else withheld(row)


def rate_words(rated: JudgedRow | RateBefore, target: str) -> str:
    """Return a rate with how many of how many and its limits."""
    return gettext(
        "%(rate)s (%(satisfied)s of %(answered)s answers; %(interval)s)",
        rate=rate_text(rated.rate, target),
        satisfied=number(rated.satisfied),
        answered=number(rated.answered),
        interval=interval(rated, target=target),
    )


def _inside(words: str) -> str:
    """Return words as they stand inside a sentence; names in capitals stay."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
