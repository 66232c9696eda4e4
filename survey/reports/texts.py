"""The sentences of a report, in the language in use: what was asked of whom, what came out, what to keep in mind."""

from __future__ import annotations

from collections.abc import Iterator

from survey.comments.follow_up_counts import OVERDUE
from survey.i18n import date, gettext, number, percent
from survey.models import Channel
from survey.periods import Basis, Period
from survey.reports.figures_digest import figures_digest, grouped
from survey.reports.report import Report
from survey.results import caveats
from survey.results.channel_names import channel_name
from survey.results.period_names import period_words
from survey.results.verdict_text import definition, rate_text, target_text, withheld
from survey.tasks.listing import LATE


def days_words(period: Period) -> str:
    """Return the exact first and last day in words."""
    return str(gettext("from %(first)s to the end of %(last)s", first=date(period.first), last=date(period.last)))


def title(report: Report) -> str:
    """Return the summary line below the word REPORT."""
    return str(
        gettext(
            "Results of measuring the satisfaction of citizens and businesses with online public services in "
            "%(period)s",
            period=period_words(report.units.period),
        )
    )


def reasons(report: Report) -> str:
    """Return the title of the table of reasons, with how many people gave one."""
    people = report.overview.reasons.answered if report.overview.reasons else 0
    return str(
        gettext(
            "What people were not satisfied with (%(people)s gave a reason, by invitation)",
            people=number(people),
        )
    )


def demo_note(report: Report) -> str:
    """Return the mark of demonstration data; empty for real data."""
    return str(gettext("Demonstration data – not a basis for any report")) if report.units.demo else ""


def code(report: Report) -> str:
    """Return the code by which the figures of a closed period are checked; empty while they may still change."""
    if not report.units.closed:
        return ""
    return str(gettext("Code of the figures: %(code)s", code=grouped(figures_digest(report))))


def scope(report: Report) -> Iterator[str]:
    """Yield section I: the period, the rate, who was asked, the channels, the verdict."""
    figures = report.units
    total, period = figures.judged.total, figures.period
    yield gettext(
        "Reporting period: %(period)s (%(basis)s), %(days)s, Viet Nam time. Figures as of %(today)s.",
        period=period_words(period),
        basis=gettext("calendar period")
        if period.basis == Basis.CALENDAR
        else gettext("administrative period, 15th to 14th"),
        days=days_words(period),
        today=date(report.as_of),
    )
    yield definition()
    yield gettext(
        "Who was asked: in the period %(finished)s cases were finished, %(invited)s of them received their own "
        "invitation and %(rated)s have been rated. %(answered)s answers by invitation came in during the period; an "
        "answer counts on the day it was given.",
        finished=number(total.finished),
        invited=number(total.invited),
        rated=number(total.rated),
        answered=number(total.answered),
    )
    yield gettext(
        "Channels: only answers by invitation, each bound to one finished case, are compared with the target. Answers "
        "by open QR code (%(open)s) and at kiosks (%(kiosk)s) are for reference; they are counted apart and never "
        "added to the others.",
        open=number(figures.open.total.answered),
        kiosk=number(figures.kiosk.total.answered),
    )
    if figures.paper.total.answered or figures.telephone.total.answered:
        yield gettext(
            "Answers on paper (%(paper)s) and by telephone (%(telephone)s) were put in by officials. They are for "
            "reference, counted apart and never added to the others.",
            paper=number(figures.paper.total.answered),
            telephone=number(figures.telephone.total.answered),
        )
    yield gettext(
        "Target: at least %(target)s satisfied. “Met” and “Not met” are concluded only if the whole %(confidence)s "
        "confidence interval lies on one side of the target; otherwise there are not enough grounds to conclude.",
        target=target_text(figures.target),
        confidence=target_text(str(figures.confidence)),
    )


def comments(report: Report) -> Iterator[str]:
    """Yield what has become of the comments of the period by the day of the report; nothing if there are none."""
    counts = report.comments.of()
    if not counts["comments"]:
        return
    yield gettext(
        "Comments: people wrote %(comments)s in the period, by all channels. As of %(today)s, %(done)s of them are "
        "dealt with, %(in_hand)s in hand, %(new)s new, and %(not_for_us)s not for the unit.",
        today=date(report.units.today),
        **{name.removeprefix("comments_"): number(count or 0) for name, count in counts.items()},
    )
    if (late := counts[OVERDUE]) is not None:
        yield gettext(
            "Overdue are %(late)s: nobody has dealt with them within %(days)s working days after their week, or by "
            "the day that was set.",
            late=number(late),
            days=number(report.overview.figures.standard.days_to_answer),
        )


def letters(report: Report) -> Iterator[str]:
    """Yield how the letters of apology for late cases stand; nothing where none are written, or no case was late."""
    counts = report.letters and report.letters.of()
    if not counts or not (counts.late or counts.letters):
        return
    yield gettext(
        "Finished late: %(late)s cases. Letters of apology: as of %(today)s, %(letters)s are drafted, %(approved)s of "
        "them approved, of these %(delivered)s delivered; %(handed_over)s were handed over on paper, %(declined)s "
        "declined.",
        late=number(counts.late),
        today=date(report.units.today),
        letters=number(counts.letters),
        **{name: number(counts.standing[name]) for name in ("approved", "delivered", "handed_over", "declined")},
    )


def tasks(report: Report) -> Iterator[str]:
    """Yield how the tasks stand that came of figures; nothing if there are none."""
    if not report.tasks.rows:
        return
    counts = report.tasks.counts
    yield gettext(
        "Tasks that came of figures: as of %(today)s, %(open)s are still to be done, %(late)s of them overdue; "
        "since the period began, %(done)s were done and %(dropped)s dropped.",
        today=date(report.units.today),
        open=number(counts["open"] + counts[LATE]),
        late=number(counts[LATE]),
        done=number(counts["done"]),
        dropped=number(counts["dropped"]),
    )


def method(report: Report) -> Iterator[str]:
    """Yield how the figures came about: the rate, who was asked, limits and tests, and two figures for comparison."""
    figures, total = report.units, report.units.judged.total
    yield from scope(report)
    yield exact_limits(figures.confidence)
    if withdrawn := caveats.withdrawn(total):
        yield withdrawn
    judged = [row for row in report.by_row.judged.rows if caveats.judged(row) and not row.pooled]
    if chance := caveats.many_agencies(len(judged), figures.confidence):
        yield chance
    if silence := caveats.representativeness(total, target=figures.target):
        yield silence
    comparison = caveats.weighted(report.by_row)
    if comparison and total.shown:
        yield comparison


def exact_limits(confidence: float) -> str:
    """Say by which rules limits and verdicts are worked out."""
    return gettext(
        "Intervals are exact (Clopper–Pearson) and verdicts use the exact binomial test: each wrong verdict has a "
        "probability of at most %(risk)s. Limits are printed rounded outwards.",
        risk=percent((1 - confidence) / 2),
    )


def reference(report: Report, channel: Channel) -> str:
    """Return one sentence on a channel that is not judged; empty without answers."""
    total = report.units.channels[channel].total
    if not total.answered:
        return ""
    if total.withheld:
        return f"{channel_name(channel)}: {withheld(total)}."
    return str(
        gettext(
            "%(channel)s: %(satisfied)s of %(answered)s answers are satisfied (%(rate)s), for reference only.",
            channel=channel_name(channel),
            satisfied=number(total.satisfied),
            answered=number(total.answered),
            rate=rate_text(total.rate, report.units.target),
        )
    )


def short_name_of(name: str) -> str:
    """Return the name of an agency without "committee of", as lists have room for."""
    short = name.removeprefix(gettext("People's Committee of "))
    return short[:1].upper() + short[1:]
