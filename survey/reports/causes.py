"""II. Causes and opinions: the factor to improve first, the reasons that people gave, and what some of them wrote."""

from __future__ import annotations

from collections.abc import Iterator

from survey.i18n import gettext, number, percent, text
from survey.reports import texts
from survey.reports.outline import OutlineBlock, OutlineText
from survey.reports.report import Report
from survey.results.factors import by_questionnaire
from survey.results.overview_text import factors_title
from survey.results.verdict_text import no_reasons, rate_text

MOST_REASONS = 5


def causes(report: Report) -> Iterator[OutlineBlock]:
    """Yield the section; it says so where nothing may be shown."""
    yield OutlineText(factor(report))
    if sentence := reasons(report):
        yield OutlineText(sentence)
    for sentence in (*texts.comments(report), *texts.letters(report)):
        yield OutlineText(sentence)
    if report.quotes:
        yield OutlineText(gettext("Among what people who were not satisfied wrote (redacted, the newest):"))
    agencies = report.units.scope.tree.agencies
    for quote in report.quotes:
        name = texts.short_name_of(text(agencies[quote.agency_id].name))
        about = f"{name}; {quote.field}" if quote.field else name
        yield OutlineText(f"“{quote.text}” ({about})", "quote")


def factor(report: Report) -> str:
    """Name the factor with the lowest rate, which matters most, and by how many answers that is told."""
    groups = by_questionnaire(report.overview.factors)
    rows = groups[0] if groups else ()
    title = factors_title(rows, report.overview.importance)
    shown = [row for row in rows if row.shown]
    if not shown:
        return f"{title}."
    lowest = min(shown, key=lambda row: row.rate or 0.0)
    return gettext(
        "%(title)s. With “%(factor)s”, %(rate)s of %(answered)s answers are satisfied.",
        title=title,
        factor=text(lowest.name),
        rate=rate_text(lowest.rate, report.units.target),
        answered=number(lowest.answered),
    )


def reasons(report: Report) -> str:
    """Name the reasons that people gave most often, with their shares; empty where nobody was asked or gave any."""
    asked = report.overview.reasons
    if asked is None or not asked.answered:
        return ""
    if not asked.shown:
        return no_reasons(asked)
    named = [choice for choice in asked.choices if choice.people and choice.value != "other"][:MOST_REASONS]
    if not named:
        return ""
    words = [f"{text(one.text)} ({number(one.people)}; {percent(one.rate)})" for one in named]
    return gettext(
        "%(people)s people said why they were not satisfied; most often: %(reasons)s.",
        people=number(asked.answered),
        reasons="; ".join(words),
    )
