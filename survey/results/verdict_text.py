"""Figures in words for officials: what may be concluded, from how many answers, and what may not.

Every sentence is there in each language of the catalogues. A printed lower limit is rounded down and an upper one up,
so that no printed limit contradicts its verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from analysis.printed import printed_limits, printed_rate
from analysis.publication import LEAST_ANSWERS
from analysis.validation import exact_target
from analysis.verdict import responses_needed
from survey.i18n import decimal, gettext, msgid, ngettext, number, percentage
from survey.results.coverage_flags import COVERAGE
from survey.results.figures import Figures
from survey.results.rows import JudgedRow, Limits, Withholding
from survey.results.scope import Standard

VERDICTS = {"met": msgid("Met"), "not_met": msgid("Not met"), "inconclusive": msgid("Not enough grounds to conclude")}
OPEN = {
    "met": msgid("Met (not final)"),
    "not_met": msgid("Not met (not final)"),
    "inconclusive": VERDICTS["inconclusive"],
}
EARLY = {"met": msgid("Met early"), "not_met": msgid("Not met early"), "inconclusive": msgid("Still collecting")}


def verdict_word(verdict: str, *, provisional: bool = False, closed: bool = True) -> str:
    """Return the verdict in one to five words: Đạt, Chưa đạt, Chưa đủ căn cứ kết luận; final only if `closed`."""
    return gettext((EARLY if provisional else VERDICTS if closed else OPEN)[verdict])


def row_word(row: JudgedRow, *, provisional: bool = False, closed: bool = True) -> str:
    """Return the verdict of a row in a few words, or why there is none: no answers, few, or not shown."""
    if not row.answered:
        return gettext("No answers yet") if provisional else gettext("No answers")
    if row.withheld:
        words = withheld(row)
        return words[:1].upper() + words[1:]
    if row.answered < LEAST_ANSWERS:
        return gettext("Few answers, no verdict")
    return verdict_word(row.verdict, provisional=provisional, closed=closed)


def withheld(row: Withholding) -> str:
    """Say in a few words why nothing but how many answered is shown of a row; empty where more is."""
    if row.answered is None:
        return gettext("not shown")
    values = {"answered": number(row.answered)}
    if row.withheld == "few":
        return gettext("few answers (n = %(answered)s)", **values)
    if row.withheld == "open":
        return gettext("shown when the period is closed (n = %(answered)s)", **values)
    return gettext("not shown (n = %(answered)s)", **values) if row.withheld else ""


def no_reasons(row: Withholding) -> str:
    """Say in a sentence why it is not shown what people were not satisfied with."""
    if row.answered and row.withheld == "few":
        return gettext("Too few people gave a reason to show them (%(number)s).", number=number(row.answered))
    if row.answered and row.withheld == "open":
        return ngettext(
            "%(number)s person gave reasons; which, is shown when the period is closed.",
            "%(number)s people gave reasons; which, is shown when the period is closed.",
            row.answered,
            number=number(row.answered),
        )
    return withheld(row)


def sentence(row: JudgedRow, standard: Standard, *, provisional: bool = False, closed: bool = True) -> str:
    """State the conclusion that one judged row allows, with its counts and its interval.

    `provisional`: the period is still running; `closed`: its counts are frozen, so that the verdict is final and no
    more answers are asked for.
    """
    conclusion = _conclusion(row, standard, provisional=provisional, closed=closed)
    if provisional or closed:
        return conclusion
    return gettext("The period has ended but is not closed: this conclusion is not final.") + " " + conclusion


def definition() -> str:
    """State how the satisfaction rate is defined."""
    return gettext(
        "Satisfaction rate = answers that chose level 4 (satisfied) or level 5 (very satisfied) to the overall "
        "question, divided by all answers to that question from level 1 to level 5. Each answer counts once."
    )


def headline_word(figures: Figures) -> str:
    """Return the verdict of an agency and period in a few words, or why there is none."""
    total = figures.judged.total
    if figures.scope.running and not total.answered:  # some may have come
        return gettext("No answers are shown yet")
    return row_word(total, provisional=figures.provisional, closed=figures.closed)


def headline(figures: Figures) -> str:
    """State the conclusion that the judged answers of an agency and period allow, and whether to mistrust it."""
    return _stated(figures, sentence)


def headline_grounds(figures: Figures) -> str:
    """State the same for a page that shows verdict, counts and limits by themselves: what these prove."""
    return _stated(figures, grounds)


def _stated(figures: Figures, say: Callable[..., str]) -> str:
    state = {"provisional": figures.provisional, "closed": figures.closed}
    conclusion = say(figures.judged.total, figures.standard, **state)
    if figures.scope.running and not figures.judged.total.answered:
        conclusion = f"{headline_word(figures)}."
    if not figures.altered:
        return conclusion
    warning = gettext(
        "Do not use these figures: the database has been changed since the period was closed. The counts that were "
        "frozen then differ from a recount of the answers; `hailong doctor` says where."
    )
    return f"{warning} {conclusion}"


def _conclusion(row: JudgedRow, standard: Standard, *, provisional: bool, closed: bool) -> str:
    reasons = grounds(row, standard, provisional=provisional, closed=closed)
    if not row.shown:
        return reasons
    if provisional and not row.certain and row.answered >= LEAST_ANSWERS:
        so_far = gettext(
            "%(satisfied)s of %(answered)s answers so far are satisfied (%(rate)s; %(confidence)s confidence interval "
            "for daily monitoring: %(interval)s).",
            **_values(row, standard),
        )
        return f"{gettext('Still collecting – provisional figures.')} {so_far} {reasons}"
    if row.certain:
        word = gettext("Met (certain)") if row.certain == "met" else gettext("Not met (certain)")
        counted = gettext("%(satisfied)s of %(answered)s answers are satisfied (%(rate)s).", **_values(row, standard))
    else:
        word = row_word(row)
        counted = gettext(
            "%(satisfied)s of %(answered)s answers are satisfied (%(rate)s; %(confidence)s confidence interval: "
            "%(interval)s).",
            **_values(row, standard),
        )
    return f"{word}. {counted} {reasons}".strip()


def grounds(row: JudgedRow, standard: Standard, *, provisional: bool = False, closed: bool = True) -> str:
    """Say what the answers of a judged row prove, or what more it takes, without repeating their counts and limits."""
    if not row.answered:
        nothing = gettext("No answers have been received in this period.")
        return gettext("Still collecting – provisional figures.") + " " + nothing if provisional else nothing
    if row.withheld:
        return _withheld_sentence(row, standard)
    values = _values(row, standard)
    if row.answered < LEAST_ANSWERS:
        few = gettext("“Met” or “not met” is said only from %(least)s answers on.", least=number(LEAST_ANSWERS))
        return f"{few} {gettext('Still collecting – provisional figures.')}" if provisional else few
    if row.certain:
        return _certain(row, values)
    if provisional:
        return _early(row, values)
    if row.verdict == "met":
        return gettext(
            "There are enough grounds to conclude that the satisfaction rate is %(target)s or more.", **values
        )
    if row.verdict == "not_met":
        return gettext("There are enough grounds to conclude that the satisfaction rate is below %(target)s.", **values)
    opening = gettext("The confidence interval still contains %(target)s.", **values)
    return opening if closed else f"{opening} {_still_needed(row, standard)}".strip()


def interval(limits: Limits, *, target: str | None = None, verdict: str | None = None) -> str:
    """Return both limits, rounded outwards, so that they never contradict the verdict of a row: 92,7%–96,8%."""
    verdict = limits.verdict if isinstance(limits, JudgedRow) else verdict
    printed = printed_limits(limits.lower, limits.upper, target, verdict)
    lower, upper = percentage(printed.lower), percentage(printed.upper)
    return (
        gettext("%(lower)s to below %(target)s", lower=lower, target=upper)
        if printed.below_target
        else f"{lower}–{upper}"
    )


def rate_text(rate: float | None, target: str) -> str:
    """Return a rate with one decimal, never rounded up to a target that it misses; "–" without answers."""
    return "–" if rate is None or rate != rate else percentage(printed_rate(rate, target))


def coverage_text(share: float | None) -> str:
    """Return the share of the cases due that were invited, never rounded up to the least that must be."""
    return rate_text(share, str(COVERAGE))


def target_text(target: str) -> str:
    """Return the target as short as it is: 90%, 92,5%."""
    return decimal(Decimal(target) * 100, "0.####") + "%"


def _withheld_sentence(row: JudgedRow, standard: Standard) -> str:
    values = {"answered": number(row.answered), "fewest": number(standard.fewest)}
    if row.withheld == "few":
        return gettext(
            "Few answers (n = %(answered)s). What people said is shown from %(fewest)s answers on, so that nobody can "
            "be recognised.",
            **values,
        )
    return gettext(
        "What the %(answered)s answers say is not shown: beside other figures it would tell what fewer than %(fewest)s "
        "people said.",
        **values,
    )


def _values(row: JudgedRow, standard: Standard) -> dict[str, str]:
    return {
        "satisfied": number(row.satisfied),
        "answered": number(row.answered),
        "rate": rate_text(row.rate, standard.target),
        "confidence": target_text(str(standard.confidence)),
        "interval": interval(row, target=standard.target),
        "target": target_text(standard.target),
    }


def _certain(row: JudgedRow, values: Mapping[str, str]) -> str:
    counted = {**values, "finished": number(row.finished)}
    if row.certain == "met":
        return gettext("The satisfied answers alone make up %(target)s or more of all %(finished)s cases.", **counted)
    return gettext(
        "Even if everyone in the other cases among all %(finished)s were satisfied, %(target)s would not be reached.",
        **counted,
    )


def _early(row: JudgedRow, values: Mapping[str, str]) -> str:
    if row.verdict == "met":
        return gettext(
            "Met early: the answers so far already prove a satisfaction rate of %(target)s or more.", **values
        )
    if row.verdict == "not_met":
        return gettext(
            "Not met early: the answers so far already prove a satisfaction rate below %(target)s.", **values
        )
    return gettext("The verdict is given when the period is closed.")


def _still_needed(row: JudgedRow, standard: Standard) -> str:
    """Say how many more answers a verdict takes, as far as the cases not yet rated can bring them."""
    target, confidence = standard.target, standard.confidence
    left = row.finished - row.rated
    # Where those who answered are among the finished cases, a small number of cases can be certain with fewer answers.
    among = row.finished > 0 and (row.rated, row.rated_satisfied) == (row.answered, row.satisfied)
    population = row.finished if among else None
    needed = responses_needed(row.satisfied or 0, row.answered, target, confidence, population, design="self-selected")
    to_met, to_not_met, steady = (
        many if many is not None and many <= left else None
        for many in (needed.if_all_satisfied, needed.if_all_dissatisfied, needed.if_rate_holds)
    )
    if to_met is None and to_not_met is None:
        return gettext("The cases that are left are not enough to reach a conclusion in this period.")
    above = row.rate is not None and row.rate >= float(exact_target(target))
    if above and to_met is None:
        return gettext("With the cases that are left “Met” can no longer be concluded in this period.")
    least = responses_needed(0, 0, target, confidence).if_all_satisfied
    if to_met is not None and least is not None and not among and row.answered < least:
        return gettext(
            "With %(answered)s answers “Met” cannot be concluded even if all of them are satisfied; at least "
            "%(least)s are needed.",
            answered=number(row.answered),
            least=number(least),
        )
    if to_met is not None and (above or to_not_met is None):
        values = {"least": number(to_met), "more": number(steady or 0)}
        if above and steady:
            return gettext(
                "At least %(least)s more answers are needed if all of them are satisfied, about %(more)s if the rate "
                "stays the same.",
                **values,
            )
        return gettext("At least %(least)s more answers are needed if all of them are satisfied.", **values)
    values = {"least": number(to_not_met or 0), "more": number(steady or 0)}
    if steady:
        return gettext(
            "At least %(least)s more answers are needed if none of them is satisfied, about %(more)s if the rate "
            "stays the same.",
            **values,
        )
    return gettext("At least %(least)s more answers are needed if none of them is satisfied.", **values)
