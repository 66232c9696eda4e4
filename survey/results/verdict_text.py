"""Figures in words for officials: what may be concluded, from how many answers, and what may not.

Every sentence is there in each language of the catalogues. A printed lower limit is rounded down and an upper one up,
so that no printed limit contradicts its verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import flask_babel
import pandas as pd
from babel.numbers import format_decimal

from analysis.printed import printed_limits, printed_rate
from analysis.validation import exact_target
from analysis.verdict import Assessment, responses_needed
from survey.i18n import current_language, gettext, msgid, number, percentage
from survey.results.figures import Figures, Row, row

VERDICTS = {"met": msgid("Met"), "not_met": msgid("Not met"), "inconclusive": msgid("Not enough grounds to conclude")}
OPEN = {"met": msgid("Met (not final)"), "not_met": msgid("Not met (not final)"),
        "inconclusive": VERDICTS["inconclusive"]}  # fmt: skip
EARLY = {"met": msgid("Met early"), "not_met": msgid("Not met early"), "inconclusive": msgid("Still collecting")}


def _(message: str, **values: str) -> str:
    return str(gettext(message, **values))


def verdict_word(verdict: str, *, provisional: bool = False, closed: bool = True) -> str:
    """Return the verdict in one to five words: Đạt, Chưa đạt, Chưa đủ căn cứ kết luận; final only if `closed`."""
    return _((EARLY if provisional else VERDICTS if closed else OPEN)[verdict])


RATED = {"rated": "answered", "rated_satisfied": "satisfied"}


def sentence(
    of: Assessment | Row | pd.Series,
    *,
    target: str,
    confidence: float,
    provisional: bool = False,
    closed: bool = True,
    language: str | None = None,
) -> str:
    """Say what one judged row or assessment allows to be concluded, with its counts and its interval.

    `provisional`: the period is still running; `closed`: its counts are frozen, so that the verdict is final.
    """
    with flask_babel.force_locale(language or current_language()):
        said = _concluded(figure_of(of), target, confidence, provisional)
        if provisional or closed:
            return said
        return _("The period has ended but is not closed: this conclusion is not final.") + " " + said


def headline(found: Figures) -> str:
    """Say what the judged answers of an agency and period allow to be concluded."""
    return sentence(
        found.total["judged"],
        target=found.target,
        confidence=found.confidence,
        provisional=found.provisional,
        closed=found.closed,
    )


def _concluded(figure: Mapping[str, Any], target: str, confidence: float, provisional: bool) -> str:
    if not figure["answered"]:
        return " ".join([*([_("Still collecting – provisional figures.")] if provisional else []),
                         _("No answers have been received in this period.")])  # fmt: skip
    values = _values(figure, target, confidence)
    if figure.get("certain"):
        return _certain(figure, values)
    if provisional:
        return _provisional(figure, values)
    if figure["verdict"] == "met":
        return _(
            "Met. %(satisfied)s of %(answered)s answers are satisfied (%(rate)s; %(confidence)s confidence interval: "
            "%(interval)s). There are enough grounds to conclude that the satisfaction rate is %(target)s or more.",
            **values,
        )
    if figure["verdict"] == "not_met":
        return _(
            "Not met. %(satisfied)s of %(answered)s answers are satisfied (%(rate)s; %(confidence)s confidence "
            "interval: %(interval)s). There are enough grounds to conclude that the satisfaction rate is below "
            "%(target)s.",
            **values,
        )
    opening = _(
        "Not enough grounds to conclude. %(satisfied)s of %(answered)s answers are satisfied (%(rate)s; %(confidence)s "
        "confidence interval: %(interval)s); this interval still contains %(target)s.",
        **values,
    )
    return f"{opening} {_still_needed(figure, target, confidence)}".strip()


def interval(of: Row | pd.Series, *, target: str | None = None) -> str:
    """Return both limits, rounded outwards, so that they never contradict the verdict: 92,7%–96,8%."""
    figure = figure_of(of)
    limits = printed_limits(figure["lower"], figure["upper"], target, figure.get("verdict"))
    lower, upper = percentage(limits.lower), percentage(limits.upper)
    return _("%(lower)s to below %(target)s", lower=lower, target=upper) if limits.below_target else f"{lower}–{upper}"


def rate_text(rate: float | None, target: str) -> str:
    """Return a rate with one decimal, never rounded up to a target that it misses; "–" without answers."""
    return "–" if rate is None or rate != rate else percentage(printed_rate(rate, target))


def target_text(target: str) -> str:
    """Return the target as short as it is: 90%, 92,5%."""
    return str(format_decimal(Decimal(target) * 100, format="0.####", locale=current_language())) + "%"


def figure_of(of: Assessment | Row | pd.Series) -> dict[str, Any]:
    """Return a row or an assessment as plain values."""
    if not isinstance(of, Assessment):
        return row(of)
    certain = str(of.verdict) if of.certain else ""
    counts = {"satisfied": of.k, "answered": of.n, "finished": of.population}
    return counts | {"rate": of.rate, "lower": of.lower, "upper": of.upper, "verdict": str(of.verdict),
                     "certain": certain}  # fmt: skip


def _values(figure: Mapping[str, Any], target: str, confidence: float) -> dict[str, str]:
    return {
        "satisfied": number(figure["satisfied"]),
        "answered": number(figure["answered"]),
        "rate": rate_text(figure["rate"], target),
        "confidence": target_text(str(confidence)),
        "interval": interval(figure, target=target),
        "target": target_text(target),
    }


def _certain(figure: Mapping[str, Any], values: Mapping[str, str]) -> str:
    counted = {**values, "finished": number(figure["finished"])}
    if figure["certain"] == "met":
        return _(
            "Met (certain). %(satisfied)s of %(answered)s answers are satisfied (%(rate)s): the satisfied answers "
            "alone make up %(target)s or more of all %(finished)s cases.",
            **counted,
        )
    return _(
        "Not met (certain). %(satisfied)s of %(answered)s answers are satisfied (%(rate)s): even if everyone in the "
        "other cases among all %(finished)s were satisfied, %(target)s would not be reached.",
        **counted,
    )


def _provisional(figure: Mapping[str, Any], values: Mapping[str, str]) -> str:
    collected = _(
        "%(satisfied)s of %(answered)s answers so far are satisfied (%(rate)s; %(confidence)s confidence interval for "
        "daily monitoring: %(interval)s).",
        **values,
    )
    opening = _("Still collecting – provisional figures.")
    if figure["verdict"] == "met":
        early = _("Met early: the answers so far already prove a satisfaction rate of %(target)s or more.", **values)
    elif figure["verdict"] == "not_met":
        early = _("Not met early: the answers so far already prove a satisfaction rate below %(target)s.", **values)
    else:
        early = _("The verdict is given when the period is closed.")
    return f"{opening} {collected} {early}"


def _still_needed(figure: Mapping[str, Any], target: str, confidence: float) -> str:
    least = responses_needed(0, 0, target, confidence).if_all_satisfied
    # Where those who answered are among the finished cases, a small number of cases can be certain with fewer answers.
    among = bool(figure.get("finished")) and all(figure.get(name) == figure[of] for name, of in RATED.items())
    if least is not None and not among and figure["answered"] < least:
        return _(
            "With %(answered)s answers “Met” cannot be concluded even if all of them are satisfied; at least "
            "%(least)s are needed.",
            answered=number(figure["answered"]),
            least=number(least),
        )
    everyone: dict[str, Any] = {"population": figure["finished"], "design": "self-selected"} if among else {}
    needed = responses_needed(figure["satisfied"], figure["answered"], target, confidence, **everyone)
    left = figure["finished"] - figure["rated"] if figure.get("finished") and "rated" in figure else None
    fewest = (needed.if_all_satisfied, needed.if_all_dissatisfied)
    if left is not None and all(many is None or many > left for many in fewest):
        return _("The cases that are left are not enough to reach a conclusion in this period.")
    above = figure["rate"] >= float(exact_target(target))
    nearest = fewest[0] if above else fewest[1]
    if above and left is not None and (nearest is None or nearest > left):
        return _("With the cases that are left “Met” can no longer be concluded in this period.")
    values = {"least": number(nearest or 0), "more": number(needed.if_rate_holds or 0)}
    if above and needed.if_rate_holds:
        return _("At least %(least)s more answers are needed if all of them are satisfied, about %(more)s if the rate "
                 "stays the same.", **values)  # fmt: skip
    if above:
        return _("At least %(least)s more answers are needed if all of them are satisfied.", **values)
    if needed.if_rate_holds:
        return _("At least %(least)s more answers are needed if none of them is satisfied, about %(more)s if the rate "
                 "stays the same.", **values)  # fmt: skip
    return _("At least %(least)s more answers are needed if none of them is satisfied.", **values)
