"""What must be said beside a verdict: who did not answer, what is too little to publish, how the rate has moved."""

from __future__ import annotations

import math

import pandas as pd

from analysis.control_chart import Trend as Signal
from analysis.interval import Difference
from analysis.printed import Rounding, half_up, rounded
from survey.i18n import decimal, msgid, number, percent
from survey.i18n import gettext as _
from survey.results.figures import Figures, Row
from survey.results.importance import Importance
from survey.results.verdict_text import figure_of, interval, rate_text, target_text

SIGNALS = {
    Signal.COMMON: msgid("Ordinary variation"),
    Signal.IMPROVEMENT: msgid("Unusual signal – improvement"),
    Signal.DETERIORATION: msgid("Unusual signal – deterioration"),
}


def representativeness(of: Row | pd.Series, *, target: str) -> str:
    """Say how many of the finished cases were rated, and what the silent ones could change; empty without cases."""
    figure = figure_of(of)
    if not figure.get("finished"):
        return ""
    said = _(
        "%(rated)s of %(finished)s cases finished in the period were rated (%(share)s). Counting the cases that were "
        "not rated, the true rate lies within %(lower)s–%(upper)s.",
        rated=number(figure["rated"]),
        finished=number(figure["finished"]),
        share=percent(figure["response_rate"]),
        lower=percent(figure["possible_lower"], rounding=math.floor),
        upper=percent(figure["possible_upper"], rounding=math.ceil),
    )
    share = figure.get("break_even")
    if share is None or not 0 < share <= 1:
        return said
    needed = percent(share, rounding=math.ceil)
    return f"{said} " + _(
        "To reach %(target)s, at least %(share)s of those who did not rate must be satisfied.",
        target=target_text(target),
        share=needed,
    )


def weighted(found: Figures) -> str:
    """Say the share that gives each row its part of the finished cases; empty where one row has them all."""
    total = found.weighted
    if total is None or len(total.k) < 2 or found.covered is None:
        return ""
    limits = interval({"lower": total.lower, "upper": total.upper}, target=found.target)
    values = {"rate": rate_text(total.rate, found.target), "interval": limits}
    if found.by == "unit":
        said = _(
            "For comparison only: if each unit counts by its finished cases, the satisfaction rate is %(rate)s "
            "(%(interval)s); the figure above counts each answer once.",
            **values,
        )
    else:
        said = _(
            "For comparison only: if each procedure counts by its finished cases, the satisfaction rate is %(rate)s "
            "(%(interval)s); the figure above counts each answer once.",
            **values,
        )
    return f"{said} {coverage(found)}"


def coverage(found: Figures) -> str:
    """Say how much of the finished cases lies where somebody answered."""
    return _(
        "It covers %(share)s of the finished cases: those where there are ratings.",
        share=percent(found.covered, rounding=math.floor),
    )


def importance(weighed: Importance) -> str:
    """Say from what the importance of factors is worked out and how to read it, or why it is not shown."""
    if weighed.rows is None and weighed.alike:
        return _("Importance is not shown: the answers differ too little from each other.")
    if weighed.rows is None:
        return _(
            "Importance is not shown: it takes at least %(needed)s answers that rate every part of the service; there "
            "are %(complete)s.",
            needed=number(weighed.needed),
            complete=number(weighed.complete),
        )
    said = _(
        "Importance is the share of the differences in overall satisfaction that goes together with a part of the "
        "service, from %(complete)s answers that rate every part (together the parts go with %(explained)s of the "
        "differences). It does not say what is the reason for what.",
        complete=number(weighed.complete),
        explained=percent(weighed.explained),
    )
    if weighed.days == weighed.span:
        return said
    few = _("Read were the answers of %(days)s of %(span)s days, evenly spread.",
            days=number(weighed.days), span=number(weighed.span))  # fmt: skip
    return f"{said} {few}"


def reliability(of: Row | pd.Series) -> str:
    """Say why a figure is not firm enough to publish; empty if it is."""
    figure = figure_of(of)
    if not figure.get("suppress"):
        return ""
    if figure["answered"] < 30:
        return _("Few answers (under 30): for internal use only, not for publication.")
    return _("The interval is too wide: for internal use only, not for publication.")


def suppression() -> str:
    """Explain the mark of a hidden cell."""
    return _("* hidden because there are fewer than 5 answers, or to prevent working them out.")


def change(difference: Difference) -> str:
    """Say how the rate differs from the period before, and whether that is more than chance; empty if unknown."""
    if difference.difference is None:
        return ""
    points, lower, upper = (100 * limit for limit in difference)
    clear = lower > 0 or upper < 0
    if points < 0 and clear:
        lower, upper = -upper, -lower
    between = _("%(lower)s to %(upper)s", lower=_points(lower, math.floor), upper=_points(upper, math.ceil))
    values = {"points": _points(abs(points), half_up), "between": between}
    if clear and points > 0:
        return _("Up %(points)s percentage points (%(between)s): a clear change.", **values)
    if clear:
        return _("Down %(points)s percentage points (%(between)s): a clear change.", **values)
    if points > 0:
        return _("Up %(points)s percentage points (%(between)s): no clear change seen.", **values)
    if points < 0:
        return _("Down %(points)s percentage points (%(between)s): no clear change seen.", **values)
    return _("Unchanged (%(between)s percentage points): no clear change seen.", **values)


def signal(trend: Signal | str) -> str:
    """Say what a trend, or one point of it, shows."""
    return _(SIGNALS[Signal(trend)])


def many_agencies(agencies: int, confidence: float) -> str:
    """Say how many of that many verdicts may be wrong by chance; empty for fewer than two."""
    if agencies < 2:
        return ""
    expected = agencies * (1 - confidence) / 2
    low, high = math.floor(round(expected, 9)), max(1, math.ceil(round(expected, 9)))
    return _(
        "Of %(agencies)s rows, at most about %(number)s “Not met” verdicts may be due to chance; rows that are named "
        "have passed Holm's correction.",
        agencies=number(agencies),
        number=number(high) if low in (0, high) else f"{number(low)}–{number(high)}",
    )


def _points(points: float, rounding: Rounding) -> str:
    """Return percentage points, with a true minus, and with more decimals where one would print a limit as zero."""
    digits = next((digits for digits in (1, 2, 3) if not points or rounded(points, digits, rounding)), 4)
    return decimal(rounded(points, digits, rounding), "0." + "0" * digits).replace("-", "−")
