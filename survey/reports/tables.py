"""The printed tables of a report, as words: heads, rows and column widths in millimetres."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from survey.apologies.letter_counts import LetterCounts, UnitLetters
from survey.comments.follow_up_counts import NAMES
from survey.comments.standing import STATUSES, state_words
from survey.i18n import date, gettext, number, percent, score, sort_key, text
from survey.reports.columns import MEASURES
from survey.reports.report import Report
from survey.reports.texts import row_name
from survey.results import exclusion_text
from survey.results.channel_names import REFERENCE, channel_label
from survey.results.counts import LEVELS
from survey.results.factors import FactorRow
from survey.results.figures import Figures
from survey.results.rows import Bounds, JudgedRow
from survey.results.verdict_text import coverage_text, interval, rate_text, row_word, target_text, withheld
from survey.tasks.listing import state_words as task_state
from survey.tasks.subjects import subject_words

NOTHING = "–"
LETTERS = LetterCounts().numbers.keys()
LEVEL_HEADS = [column.head for column in MEASURES if column.key in LEVELS]


@dataclass(frozen=True)
class ReportTable:
    """One printed table: a letter of `align` for each column (l, r, c); `total`: the last row is a total."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    align: str
    total: bool = False


def levels(report: Report) -> ReportTable:
    """Return the five levels of the judged answers, as counts and as shares."""
    total = report.units.judged.total
    shares = [
        NOTHING if count is None or not total.answered else percent(count / total.answered) for count in total.levels
    ]
    return ReportTable(
        ["", *[gettext(head) for head in LEVEL_HEADS]],
        [[gettext("Answers"), *map(number, total.levels)], [gettext("Share"), *shares]],
        (30, 26, 26, 26, 26, 26),
        "lrrrrr",
    )


def judged(figures: Figures) -> ReportTable:
    """Return the judged figures of each row, and of all together."""
    head = [
        gettext("No."),
        gettext("Unit") if figures.by == "unit" else gettext("Procedure"),
        gettext("Answers"),
        gettext("Satisfied answers"),
        gettext("Rate"),
        gettext("%(share)s interval", share=target_text(str(figures.confidence))),
        gettext("Verdict"),
    ]
    printed = [[place, name, *_judged(figures, row)] for place, name, row in _lines(figures)]
    return ReportTable(head, printed, (9, 42, 18, 20, 16, 28, 27), "clrrrcc", total=True)


def factors(report: Report, asked: Sequence[FactorRow]) -> ReportTable:
    """Return the rate with its interval, the mean and the five levels of each factor of one questionnaire."""
    head = [
        gettext("Factor"),
        gettext("Answers"),
        gettext("Rate and interval"),
        gettext("Mean"),
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    printed = []
    for row in asked:
        target = report.units.target
        rate = (
            f"{rate_text(row.rate, target)}\n({interval(row, target=target)})"
            if row.shown
            else withheld(row) or NOTHING
        )
        printed.append([text(row.name), number(row.answered), rate, score(row.mean), *map(number, row.levels)])
    return ReportTable(head, printed, (38, 18, 30, 14, 12, 12, 12, 12, 12), "lrcrrrrrr")


def reasons(report: Report) -> ReportTable | None:
    """Return what people were not satisfied with, most frequent first; None where too few gave a reason."""
    question = report.overview.reasons
    if question is None or not question.shown:
        return None
    confidence = target_text(str(report.units.confidence))
    head = [
        gettext("What was not right"),
        gettext("People"),
        gettext("Share"),
        gettext("%(share)s interval", share=confidence),
    ]
    printed = []
    for choice in question.choices:
        few = choice.people is None
        figures = [percent(choice.rate), NOTHING if few else interval(Bounds(choice.lower, choice.upper))]
        printed.append([text(choice.text), gettext("fewer than 5") if few else number(choice.people or 0), *figures])
    return ReportTable(head, printed, (86, 22, 20, 32), "lrrc")


def detail(figures: Figures) -> ReportTable:
    """Return who was asked and answered, the five levels and the bounds of each row, for the annex."""
    cases = [
        gettext("Finished cases"),
        gettext("Invited cases"),
        gettext("Rated cases"),
        gettext("Share of cases rated"),
    ]
    head = [
        gettext("No."),
        gettext("Unit"),
        *cases,
        "1",
        "2",
        "3",
        "4",
        "5",
        gettext("Mean"),
        gettext("Possible rate of all cases"),
    ]
    printed = []
    for place, name, row in _lines(figures):
        asked = [number(row.finished), number(row.invited), number(row.rated), percent(row.response_rate)]
        printed.append([place, name, *asked, *map(number, row.levels), score(row.mean), _possible(row)])
    return ReportTable(head, printed, (10, 59, 19, 19, 16, 19, 12, 12, 12, 13, 13, 14, 29), "clrrrrrrrrrrc", total=True)


def procedures(figures: Figures) -> ReportTable:
    """Return the judged figures by procedure, with codes and cases, for the annex."""
    place, name, *rest = judged(figures).head
    printed = []
    for position, title, row in _lines(figures):
        code = row.code if position else ""
        printed.append([position, code, title, number(row.finished), *_judged(figures, row)])
    return ReportTable(
        [place, gettext("Code"), name, gettext("Finished cases"), *rest],
        printed,
        (10, 24, 81, 19, 18, 20, 18, 28, 29),
        "cllrrrrcc",
        total=True,
    )


def reference(report: Report) -> ReportTable:
    """Return the units' answers by the channels that are not judged, for the annex."""
    printed = []
    for channel in REFERENCE:
        for row in report.units.channels[channel].rows:
            if row.answered:
                target = report.units.target
                limits = withheld(row) or interval(row, target=target)
                figures = [rate_text(row.rate, target), limits]
                counts = [number(row.answered), number(row.satisfied)]
                printed.append([channel_label(channel), row_name(row), *counts, *figures])
    confidence = target_text(str(report.units.confidence))
    counted = [
        gettext("Answers"),
        gettext("Satisfied answers"),
        gettext("Rate"),
        gettext("%(share)s interval", share=confidence),
    ]
    return ReportTable([gettext("Channel"), gettext("Unit"), *counted], printed, (52, 103, 20, 20, 20, 32), "llrrrc")


def asked(report: Report) -> ReportTable:
    """Return for each unit whether everybody was asked, with what is amiss in words, for the annex."""
    cases = [
        gettext("Finished cases"),
        gettext("Invited cases"),
        gettext("Delivered"),
        gettext("Rated cases"),
        gettext("Completed"),
        gettext("Withdrawn cases"),
    ]
    head = [
        gettext("No."),
        gettext("Unit"),
        *cases,
        gettext("Invited, of those due"),
        gettext("Median delay, hours"),
        gettext("Remarks"),
    ]
    printed = []
    lines = [(str(place), text(line.name), line) for place, line in enumerate(report.asked.lines, 1)]
    for place, name, line in [*lines, ("", gettext("Total"), report.asked.total)]:
        counts = (line.finished, line.invited, line.delivered, line.rated, line.completed, line.withdrawn)
        delay = NOTHING if line.delay is None else number(line.delay)
        remarks = "\n".join(gettext(message, **values) for message, values in line.flags)
        counted = [NOTHING if count is None else number(count) for count in counts]
        printed.append([place, name, *counted, coverage_text(line.coverage), delay, remarks])
    return ReportTable(head, printed, (10, 45, 18, 18, 18, 18, 18, 18, 20, 20, 44), "clrrrrrrrrl", total=True)


def exclusions(report: Report) -> ReportTable:
    """Return what was proposed about answers that are left out, and what became of it, for the annex."""
    head = [gettext("Answers"), *exclusion_text.heads()]
    rows = [[number(line.answers), *exclusion_text.printed(line)] for line in report.exclusions.lines]
    return ReportTable(head, rows, (20, 34, 45, 80, 24, 44), "rlllll")


def comments(report: Report) -> ReportTable:
    """Return for each unit how many comments there are by all channels, and how they stand, for the annex."""
    tree, written = report.units.scope.tree, report.comments
    units = sorted(written.units, key=lambda unit: sort_key(text(tree.agencies[unit].name)))
    lines = [(str(place), text(tree.agencies[one].name), written.of(unit=one)) for place, one in enumerate(units, 1)]
    printed = []
    for place, name, counts in [*lines, ("", gettext("Total"), written.of())]:
        printed.append([place, name, *[number(counts[key] or 0) for key in NAMES]])
    head = [gettext("No."), gettext("Unit"), gettext("Comments"), *map(state_words, STATUSES)]
    return ReportTable(head, printed, (10, 97, 28, 28, 28, 28, 28), "clrrrrr", total=True)


def letters(counts: UnitLetters, report: Report) -> ReportTable:
    """Return for each unit how many cases were finished late, and how their letters of apology stand, for the annex."""
    agencies = report.units.scope.tree.agencies
    units = sorted(counts.units, key=lambda unit: sort_key(text(agencies[unit].name)))
    lines = [(str(place), text(agencies[one].name), counts.of(one)) for place, one in enumerate(units, 1)]
    printed = [
        [place, name, *map(number, row.numbers.values())]
        for place, name, row in [*lines, ("", gettext("Total"), counts.of())]
    ]
    head = [gettext("No."), gettext("Unit"), *[gettext(column.head) for column in MEASURES if column.key in LETTERS]]
    return ReportTable(head, printed, (10, 82, 25, 25, 25, 25, 25, 25, 25), "clrrrrrrr", total=True)


def tasks(report: Report) -> ReportTable:
    """Return the tasks that came of figures with how they stand by the day of the report, for the annex."""
    agencies = report.units.scope.tree.agencies
    head = [gettext("No."), gettext("Unit"), gettext("Figure"), gettext("What is to be done"), gettext("Who does it")]
    head += [gettext("To be done by"), gettext("Status"), gettext("What came of it")]
    rows = [
        [
            str(place),
            text(agencies[row.agency_id].name),
            f"{subject_words(row.kind, row.name)} ({row.period.code})",
            row.what,
            row.owner,
            date(row.due_day),
            task_state(row.state),
            row.result,
        ]
        for place, row in enumerate(report.tasks.rows, 1)
    ]
    return ReportTable(head, rows, (10, 42, 42, 52, 30, 22, 22, 27), "clllllll")


def _lines(figures: Figures) -> list[tuple[str, str, JudgedRow]]:
    """Return the judged rows with their numbers and names, and the total without a number."""
    places = itertools.count(1)
    numbered = [("" if row.pooled else str(next(places)), row_name(row), row) for row in figures.judged.rows]
    return [*numbered, ("", gettext("Total"), figures.judged.total)]


def _judged(figures: Figures, row: JudgedRow) -> list[str]:
    counts = [number(row.answered), number(row.satisfied)]
    verdict = row_word(row, provisional=figures.provisional, closed=figures.closed)
    if not row.shown:
        return [*counts, NOTHING, NOTHING, verdict]
    return [*counts, rate_text(row.rate, figures.target), interval(row, target=figures.target), verdict]


def _possible(row: JudgedRow) -> str:
    if not row.finished or row.possible_lower is None or row.possible_upper is None:
        return NOTHING
    return interval(Bounds(row.possible_lower, row.possible_upper))
