"""The report in one paragraph, to be pasted into a unit's report on its use of information technology."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from survey.i18n import gettext, number, text
from survey.reports import causes, conclusion, head, texts
from survey.reports.report import Report
from survey.results.period_names import period_words
from survey.results.rows import short_name
from survey.results.second_target import second_line
from survey.results.verdict_text import headline, rate_text
from survey.tasks.listing import LATE


def write_paragraph(report: Report, path: Path) -> None:
    """Write the paragraph as plain text."""
    path.write_text(paragraph(report) + "\n", encoding="utf-8")


def paragraph(report: Report) -> str:
    """Return the paragraph, in the language in use: five sentences or so, without a line break."""
    return " ".join(filter(None, _sentences(report)))


def _sentences(report: Report) -> Iterator[str]:
    figures, target = report.units, report.units.target
    if note := texts.demo_note(report):
        yield f"[{note}]"
    yield gettext(
        "Satisfaction of citizens and businesses with online public services of %(agency)s in %(period)s (%(days)s; "
        "%(state)s):",
        agency=text(figures.agency.name),
        period=period_words(figures.period),
        days=texts.days_words(figures.period),
        state=head.state(report),
    )
    yield headline(figures)
    yield second_line(figures)
    yield conclusion.change(report)
    if (total := report.year.total) is not None:
        yield gettext(
            "%(year)s so far: %(satisfied)s of %(answered)s answers are satisfied (%(rate)s).",
            year=total.code,
            satisfied=number(total.satisfied),
            answered=number(total.answered),
            rate=rate_text(total.rate, target),
        )
    named = [short_name(row) for row in report.by_row.judged.rows if row.named]
    if named:
        yield gettext("To be put right: %(rows)s.", rows="; ".join(named[:8]))
    yield causes.factor(report)
    counts = report.tasks.counts
    if waiting := counts["open"] + counts[LATE]:
        yield gettext(
            "Tasks that came of figures: %(open)s still to be done, %(late)s of them overdue.",
            open=number(waiting),
            late=number(counts[LATE]),
        )
