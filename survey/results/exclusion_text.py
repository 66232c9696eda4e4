"""What is left out of the count, in words: on pages and in every kind of report."""

from __future__ import annotations

from collections.abc import Iterator

from survey.i18n import date, gettext, msgid, number
from survey.models import ExclusionKind, ExclusionReason
from survey.periods import local_day
from survey.results.channel_names import channel_name
from survey.results.exclusions import ChannelExclusions, ExclusionLine, Exclusions, RatedAnswers
from survey.results.suspects import ALIKE, FASTEST_SECONDS, MANY, Suspicion
from survey.results.verdict_text import rate_text

REASONS = {
    ExclusionReason.TEST: msgid("Answers given to try the survey out"),
    ExclusionReason.PROGRAM: msgid("Answers sent by a program"),
    ExclusionReason.REPEATED: msgid("The same person answered many times"),
    ExclusionReason.NOT_SERVED: msgid("Answers of people who were not served here"),
    ExclusionReason.MISTAKE: msgid("They had been left out by mistake"),
}
KINDS = {
    ExclusionKind.EXCLUDE: msgid("Leave out of the count"),
    ExclusionKind.RESTORE: msgid("Count again"),
}
_SUSPICIONS = {
    Suspicion.TRAPPED: msgid("A field was filled in that people do not see"),
    Suspicion.FAST: msgid("Sent less than %(seconds)s seconds after the page was opened"),
    Suspicion.ALIKE: msgid("%(number)s or more like it at one place within ten minutes"),
    Suspicion.MANY: msgid("%(number)s or more at one place within one minute"),
}
_STATES = {
    None: msgid("waits for a second account"),
    True: msgid("agreed on %(day)s"),
    False: msgid("refused on %(day)s"),
}


def summary(left_out: Exclusions, target: str) -> Iterator[str]:
    """Yield for each channel how many answers are left out, and the figures with and without them if they are told."""
    for channel in left_out.concerned:
        if channel.out.answered:
            yield _out(left_out, channel, target)
        if channel.since.answered:
            yield _since(left_out, channel, target)
    if not left_out.concerned:
        yield gettext("No answer of this period is left out of the count.")


def _out(left_out: Exclusions, channel: ChannelExclusions, target: str) -> str:
    name, out = channel_name(channel.channel), number(channel.out.answered)
    if left_out.running:
        return gettext(
            "%(channel)s: %(out)s answers are left out of the count. They leave the figures shown here when the period "
            "is closed.",
            channel=name,
            out=out,
        )
    if not channel.disclosed:
        return gettext(
            "%(channel)s: %(out)s answers are left out of the count. The figures with them are not shown: they could "
            "tell what few people said.",
            channel=name,
            out=out,
        )
    return gettext(
        "%(channel)s: %(out)s answers are left out of the count. Without them: %(shown)s. With them: %(all)s.",
        channel=name,
        out=out,
        shown=tally_text(channel.shown, target, left_out.fewest),
        all=tally_text(channel.counting_all, target, left_out.fewest),
    )


def _since(left_out: Exclusions, channel: ChannelExclusions, target: str) -> str:
    name, since = channel_name(channel.channel), number(channel.since.answered)
    if not channel.disclosed:
        return gettext(
            "%(channel)s: %(since)s answers have been left out since their days were closed, so the figures still "
            "count them. The figures without them are not shown: they could tell what few people said.",
            channel=name,
            since=since,
        )
    return gettext(
        "%(channel)s: %(since)s answers have been left out since their days were closed, so the figures still count "
        "them: %(shown)s. Without these answers: %(without)s.",
        channel=name,
        since=since,
        shown=tally_text(channel.shown, target, left_out.fewest),
        without=tally_text(channel.without, target, left_out.fewest),
    )


def tally_text(tally: RatedAnswers, target: str, fewest: int) -> str:
    """Return how many answers are satisfied, of how many; of fewer than `fewest` only how many they are."""
    if tally.answered < fewest:
        return str(gettext("%(answered)s answers, too few for a rate", answered=number(tally.answered)))
    return str(
        gettext(
            "%(satisfied)s of %(answered)s answers are satisfied (%(rate)s)",
            satisfied=number(tally.satisfied),
            answered=number(tally.answered),
            rate=rate_text(tally.rate, target),
        )
    )


def suspicion_words() -> dict[str, str]:
    """Return what stands out about open answers, in words."""
    numbers = {Suspicion.ALIKE: number(ALIKE), Suspicion.MANY: number(MANY)}
    seconds = number(FASTEST_SECONDS)
    return {
        one.value: gettext(message, number=numbers.get(one, ""), seconds=seconds)
        for one, message in _SUSPICIONS.items()
    }


def heads() -> list[str]:
    """Return the heads of a table of proposals, whose cells `printed` gives."""
    return [
        gettext("Proposal"),
        gettext("Reason"),
        gettext("Explanation"),
        gettext("Proposed on"),
        gettext("What became of the proposal"),
    ]


def printed(line: ExclusionLine) -> list[str]:
    """Return the cells of one proposal: what, why, in words, since when, and what became of it."""
    decided = line.decided_at and date(local_day(line.decided_at))
    state = gettext(_STATES[line.agreed], day=decided or "")
    proposed = date(local_day(line.proposed_at))
    return [gettext(KINDS[line.kind]), gettext(REASONS[line.reason]), line.words, proposed, state]
