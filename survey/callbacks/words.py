"""What a call-back says, in the language in use: on pages and in every kind of report the same sentences."""

from __future__ import annotations

from survey.callbacks.figures import CallBackFigures
from survey.i18n import gettext, msgid, number
from survey.models import CallBackStage, CallBackStratum
from survey.results.rows import Bounds
from survey.results.verdict_text import interval, rate_text, target_text, verdict_word

STAGES = {
    CallBackStage.PLANNED: msgid("Planned: numbers of its cases are kept, sealed"),
    CallBackStage.SEALED: msgid("Sealed: drawn with the next checkpoint of the ledger"),
    CallBackStage.DRAWN: msgid("Under way: people are being called"),
    CallBackStage.FINISHED: msgid("Finished and counted: nothing tells any more who was called"),
}
STRATA = {
    CallBackStratum.SILENT: msgid("Cases without an answer"),
    CallBackStratum.ANSWERED: msgid("Cases with an answer"),
}


def word(shown: CallBackFigures) -> str:
    """Return the verdict over all cases in a few words, or why there is none."""
    if shown.withheld == "others":
        return gettext("Not told for all cases together")
    if shown.over_all is None:
        return gettext("Too few people reached")
    if shown.verdict is None:
        return gettext("Few answers, no verdict")
    return verdict_word(shown.verdict)


def limits(shown: CallBackFigures) -> str:
    """Return the limits of the rate over all cases as they are printed; nothing where they are not shown."""
    if shown.over_all is None:
        return ""
    bounds = Bounds(float(shown.over_all.lower), float(shown.over_all.upper))
    return interval(bounds, target=shown.target, verdict=shown.verdict)


def over_all(shown: CallBackFigures) -> str:
    """Say what share of all cases is satisfied, those that were silent among them."""
    whole = shown.over_all
    if shown.withheld == "others":
        return gettext(
            "What share of all cases is satisfied is not told: beside the other published figures it would tell what a "
            "few people said who answered late."
        )
    if whole is None:
        return gettext(
            "Fewer than %(fewest)s of the silent people who were drawn were reached: what they said is not shown.",
            fewest=number(shown.fewest),
        )
    values = {
        "population": number(shown.counts.population),
        "confidence": target_text(str(whole.confidence)),
        "interval": limits(shown),
    }
    if not shown.counts.silent_unreached:
        return gettext(
            "%(rate)s of all %(population)s cases are satisfied, those without an answer among them "
            "(%(confidence)s confidence interval: %(interval)s).",
            rate=rate_text(_share(whole.rate), shown.target),
            **values,
        )
    return gettext(
        "%(interval)s of all %(population)s cases are satisfied, those without an answer among them, whatever the "
        "%(unreached)s people think who were not reached (%(confidence)s confidence).",
        unreached=number(shown.counts.silent_unreached),
        **values,
    )


def if_alike(shown: CallBackFigures) -> str:
    """Say the share if those who were not reached think as the others; empty where all were, or nothing is shown."""
    whole = shown.over_all
    if whole is None or not shown.counts.silent_unreached:
        return ""
    return gettext(
        "If those who were not reached think as those who were, which is an assumption: %(alike)s (%(interval)s).",
        alike=rate_text(_share(whole.if_alike.rate), shown.target),
        interval=interval(Bounds(float(whole.if_alike.lower), float(whole.if_alike.upper)), target=shown.target),
    )


def headline(shown: CallBackFigures) -> str:
    """Return verdict and share over all cases in one paragraph that stands alone."""
    return gettext("After the call-back: %(verdict)s. %(share)s", verdict=word(shown), share=over_all(shown))


def silent(shown: CallBackFigures) -> str:
    """Say what the silent think, and of how many that is known; empty where it is not shown."""
    alone, counts = shown.silent, shown.counts
    if alone is None:
        return ""
    return gettext(
        "What the silent think: of %(silent)s cases without an answer %(called)s were drawn and %(reached)s reached; "
        "%(satisfied)s of these are satisfied. Of all the silent that is %(interval)s.",
        silent=number(counts.silent),
        called=number(counts.silent_called),
        reached=number(counts.silent_reached),
        satisfied=number(counts.silent_satisfied),
        interval=interval(Bounds(float(alone.lower), float(alone.upper)), target=shown.target),
    )


def own(shown: CallBackFigures) -> str:
    """Say how many answers were not given by the person, or not freely; empty where nobody was asked."""
    counts, others = shown.counts, shown.own
    if not counts.answered_called:
        return ""
    if others is None:
        return gettext(
            "Fewer than %(fewest)s of those who had answered were reached: who gave the answers is not shown.",
            fewest=number(shown.fewest),
        )
    share = gettext(
        "Who answered: of %(called)s people drawn who had answered %(reached)s were reached; %(others)s say that they "
        "did not answer themselves, or not freely. Of all %(answered)s answers that is %(interval)s.",
        called=number(counts.answered_called),
        reached=number(counts.answered_reached),
        others=number(counts.answered_by_others),
        answered=number(counts.answered),
        interval=interval(Bounds(others.lower, others.upper)),
    )
    if shown.verdict_can_turn is None:
        return share
    turn = (
        gettext("Without that many answers the verdict on those who answered could be another one.")
        if shown.verdict_can_turn
        else gettext("Even without that many answers the verdict on those who answered stays the same.")
    )
    return f"{share} {turn}"


def details(shown: CallBackFigures) -> tuple[str, ...]:
    """Return what stands behind the headline, a sentence or two at a time, the most important first."""
    return tuple(filter(None, (if_alike(shown), silent(shown), own(shown), caution())))


def sentences(shown: CallBackFigures) -> tuple[str, ...]:
    """Return all that is said: the headline, and what stands behind it."""
    return (headline(shown), *details(shown))


def caution() -> str:
    """Say what a call-back is not."""
    return gettext(
        "The call-back is a random sample, drawn by a seed from the public ledger. It stands beside the judged figure "
        "and does not enter it."
    )


def _share(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
