"""The caveats beside a verdict: who did not answer, what is too little to publish, how the rate has moved."""

from __future__ import annotations

import math

from analysis.control_chart import Trend as Signal
from analysis.printed import Rounding, half_up, rounded
from analysis.publication import LEAST_ANSWERS
from survey.i18n import date, decimal, gettext, msgid, number, percent
from survey.results.disclosure import BATCH
from survey.results.figures import Figures
from survey.results.importance import Importance
from survey.results.rows import JudgedRow, Measured, WithdrawnCounts
from survey.results.scope import Scope
from survey.results.trends import AskedAnew, RateChange
from survey.results.verdict_text import interval, rate_text, target_text

SIGNALS = {
    Signal.COMMON: msgid("Ordinary variation"),
    Signal.IMPROVEMENT: msgid("Unusual signal – improvement"),
    Signal.DETERIORATION: msgid("Unusual signal – deterioration"),
}


def representativeness(row: JudgedRow, *, target: str) -> str:
    """Describe how many finished cases were rated and what the others could change; empty without cases."""
    if not row.finished:
        return ""
    if row.possible_lower is None or row.possible_upper is None:
        return gettext(
            "%(rated)s of %(finished)s cases finished in the period were rated (%(share)s).",
            rated=number(row.rated),
            finished=number(row.finished),
            share=percent(row.response_rate),
        )
    silence = gettext(
        "%(rated)s of %(finished)s cases finished in the period were rated (%(share)s). Counting the cases that were "
        "not rated, the true rate lies within %(lower)s–%(upper)s.",
        rated=number(row.rated),
        finished=number(row.finished),
        share=percent(row.response_rate),
        lower=percent(row.possible_lower, rounding=math.floor),
        upper=percent(row.possible_upper, rounding=math.ceil),
    )
    if row.break_even is None or not 0 < row.break_even <= 1:
        return silence
    return f"{silence} " + gettext(
        "To reach %(target)s, at least %(share)s of those who did not rate must be satisfied.",
        target=target_text(target),
        share=percent(row.break_even, rounding=math.ceil),
    )


def withdrawn(cases: WithdrawnCounts) -> str:
    """Say how many cases the portal withdrew, and that this changes no rate; empty if it withdrew none."""
    if not cases.withdrawn:
        return ""
    opening = gettext(
        "Cases withdrawn by the portal: %(withdrawn)s. Those not rated before (%(unrated)s) no longer count among the "
        "finished cases.",
        withdrawn=number(cases.withdrawn),
        unrated=number(cases.withdrawn - cases.withdrawn_rated),
    )
    if not cases.withdrawn_rated:
        return opening
    rated = gettext(
        "Withdrawn after they had been rated: %(rated)s; these ratings count on, so that withdrawing changes no rate.",
        rated=number(cases.withdrawn_rated),
    )
    return f"{opening} {rated}"


def by_batches(scope: Scope) -> str:
    """Say to whom answers are shown by batches what the figures leave out; empty where they leave out nothing."""
    if not scope.running:
        return ""
    return gettext(
        "While the period is open, the figures of an agency are shown to itself by batches of at least %(batch)s "
        "answers; the latest ones are left out, and rows tell only how many answered. All of it is shown when the "
        "period is closed. So nobody can tell who said what.",
        batch=number(BATCH),
    )


def weighted(figures: Figures) -> str:
    """Give the share weighted by finished cases beside the plain one; empty where one row has them all."""
    total = figures.weighted
    if total is None or total.rows < 2 or figures.covered is None:
        return ""
    values = {
        "rate": rate_text(total.rate, figures.target),
        "interval": interval(total, target=figures.target),
        "plain": rate_text(total.unweighted, figures.target),
    }
    if figures.by == "unit":
        comparison = gettext(
            "For comparison only: weighted, so that each unit counts by its finished cases, the satisfaction rate is "
            "%(rate)s (%(interval)s); unweighted, each rated case counting once, it is %(plain)s.",
            **values,
        )
    else:
        comparison = gettext(
            "For comparison only: weighted, so that each procedure counts by its finished cases, the satisfaction rate "
            "is %(rate)s (%(interval)s); unweighted, each rated case counting once, it is %(plain)s.",
            **values,
        )
    return f"{comparison} {coverage(figures.covered)}"


def coverage(covered: float) -> str:
    """Give the share of the finished cases that lies in rows with answers."""
    return gettext(
        "It covers %(share)s of the finished cases, those with ratings.",
        share=percent(covered, rounding=math.floor),
    )


def importance(weighed: Importance) -> str:
    """Explain what the importance of factors is based on and how to read it, or why it is not shown."""
    if weighed.rows is None and weighed.alike:
        return gettext("Importance is not shown: the answers differ too little from each other.")
    if weighed.rows is None and weighed.hidden:
        return gettext("Importance is not shown, because what people say about each part of the service is not.")
    if weighed.rows is None and weighed.too_many:
        return gettext("Importance is not shown: it can be told of at most twelve rated questions together.")
    if weighed.rows is None:
        return gettext(
            "Importance is not shown: it takes at least %(needed)s answers that rate every part of the service; there "
            "are %(complete)s.",
            needed=number(weighed.needed),
            complete=number(weighed.complete),
        )
    meaning = gettext(
        "Importance is the share of the differences in overall satisfaction that goes together with a part of the "
        "service, from %(complete)s answers that rate every part (together the parts go with %(explained)s of the "
        "differences). It does not say what is the reason for what.",
        complete=number(weighed.complete),
        explained=percent(weighed.explained),
    )
    if weighed.days == weighed.span:
        return meaning
    return f"{meaning} " + gettext(
        "Read were the answers of %(days)s of %(span)s days, evenly spread.",
        days=number(weighed.days),
        span=number(weighed.span),
    )


def reliability(row: Measured) -> str:
    """Explain why a figure is not firm enough to publish; empty if it is."""
    if not row.suppress or row.withheld:
        return ""
    if row.answered < LEAST_ANSWERS:
        return gettext(
            "Few answers (under %(least)s): for internal use only, not for publication.", least=number(LEAST_ANSWERS)
        )
    return gettext("The interval is too wide: for internal use only, not for publication.")


def judged(row: JudgedRow) -> bool:
    """Return whether a row has answers enough for a verdict, and is shown one."""
    return row.shown and row.answered >= LEAST_ANSWERS


def doubt(row: Measured) -> str:
    """Give in two words the reason why a figure is not firm enough to publish; empty if it is."""
    if not row.suppress or row.withheld:
        return ""
    return gettext("few answers") if row.answered < LEAST_ANSWERS else gettext("wide interval")


def change(moved: RateChange) -> str:
    """Describe how the rate differs from the previous period, and whether by more than chance."""
    points, lower, upper = 100 * moved.difference, 100 * moved.lower, 100 * moved.upper
    if points < 0 and moved.clear:
        lower, upper = -upper, -lower
    between = gettext("%(lower)s to %(upper)s", lower=_points(lower, math.floor), upper=_points(upper, math.ceil))
    values = {"points": _points(abs(points), half_up), "between": between}
    if moved.clear and points > 0:
        return gettext("Up %(points)s percentage points (%(between)s): a clear change.", **values)
    if moved.clear:
        return gettext("Down %(points)s percentage points (%(between)s): a clear change.", **values)
    if points > 0:
        return gettext("Up %(points)s percentage points (%(between)s): no clear change seen.", **values)
    if points < 0:
        return gettext("Down %(points)s percentage points (%(between)s): no clear change seen.", **values)
    return gettext("Unchanged (%(between)s percentage points): no clear change seen.", **values)


def moved_by(moved: RateChange) -> str:
    """Return by how many percentage points the rate differs from the previous period, with its sign: +3,8."""
    sign = "+" if moved.difference > 0 else "−" if moved.difference < 0 else ""
    return sign + points_moved(moved)


def points_moved(moved: RateChange) -> str:
    """Return the same without a sign."""
    return _points(abs(100 * moved.difference), half_up)


def asked_anew(anew: AskedAnew) -> str:
    """Say that the questionnaire changed within a series: what is asked otherwise may be answered otherwise."""
    return gettext(
        "Since %(day)s version %(version)s of the questionnaire has been asked: a change from then on may come of "
        "that.",
        day=date(anew.since),
        version=anew.version,
    )


def signal(trend: Signal | str) -> str:
    """Describe what a trend, or one point of it, shows."""
    return gettext(SIGNALS[Signal(trend)])


def many_agencies(agencies: int, confidence: float) -> str:
    """Estimate how many of that many verdicts may be wrong by chance; empty for fewer than two."""
    if agencies < 2:
        return ""
    expected = agencies * (1 - confidence) / 2
    low, high = math.floor(round(expected, 9)), max(1, math.ceil(round(expected, 9)))
    return gettext(
        "Of %(agencies)s rows, at most about %(number)s “Not met” verdicts may be due to chance; rows that are named "
        "have passed Holm's correction.",
        agencies=number(agencies),
        number=number(high) if low in (0, high) else f"{number(low)}–{number(high)}",
    )


def _points(points: float, rounding: Rounding) -> str:
    """Return percentage points, with a true minus, and with more decimals where one would print a limit as zero."""
    digits = next((digits for digits in (1, 2, 3) if not points or rounded(points, digits, rounding)), 4)
    return decimal(rounded(points, digits, rounding), "0." + "0" * digits).replace("-", "−")
