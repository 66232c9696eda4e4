"""The printed tables of a report, as words: heads, rows and column widths in millimetres."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from survey.apologies.letter_counts import LetterCounts, UnitLetters
from survey.i18n import gettext, number, percent, score, sort_key, text
from survey.reports.columns import MEASURES
from survey.reports.outline import ReportTable
from survey.reports.report import Report
from survey.reports.texts import short_name_of
from survey.results import exclusion_text
from survey.results.factors import FactorRow
from survey.results.live_counts import LEVELS
from survey.results.rows import Bounds
from survey.results.verdict_text import coverage_text, interval, rate_text, target_text, withheld

NOTHING = "–"
MOST_LATE = 10  # units that are listed with their late cases
LETTERS = LetterCounts().numbers.keys()
LEVEL_HEADS = [column.head for column in MEASURES if column.key in LEVELS]


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


def factors(report: Report, asked: Sequence[FactorRow]) -> ReportTable:
    """Return the rate with its interval, the mean and the five levels of each factor of one questionnaire.

    Where it asks several questions about one factor, the factor heads them and each stands by its own words.
    """
    counted = Counter(row.factor for row in asked)
    several = max(counted.values(), default=1) > 1
    printed: list[list[str]] = []
    for factor, rows in itertools.groupby(asked, key=lambda row: row.factor):
        inside = list(rows)
        if several:
            printed.append([text(inside[0].name)])
        printed += [
            [text(row.text if several and counted[factor] > 1 else row.name), *_factor(report, row)] for row in inside
        ]
    head = [gettext("Factor"), gettext("Answers"), gettext("Rate and interval"), gettext("Mean"), *"12345"]
    return ReportTable(head, printed, (44, 16, 27, 14, 11, 11, 12, 12, 13), "lrcrrrrrr")


def _factor(report: Report, row: FactorRow) -> list[str]:
    target = report.units.target
    firm = row.shown and not (report.public and row.suppress)
    limits = f"{rate_text(row.rate, target)}\n({interval(row, target=target)})"
    levels = row.levels if firm else [None] * 5
    rate = limits if firm else withheld(row) or NOTHING
    return [number(row.answered), rate, score(row.mean if firm else None), *map(number, levels)]


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


def asked(report: Report) -> ReportTable:
    """Return the units with something amiss in whom was asked, when and how, for the annex; without rows if none is."""
    head = [
        gettext("Unit"),
        gettext("Finished cases"),
        gettext("Invited cases"),
        gettext("Rated cases"),
        gettext("Invited, of those due"),
        gettext("Remarks"),
    ]
    printed = []
    for line in report.asked.flagged:
        counted = [number(count) for count in (line.finished, line.invited, line.rated)]
        remarks = " ".join(gettext(message, **values) for message, values in line.flags)
        printed.append([text(line.name), *counted, coverage_text(line.coverage), remarks])
    return ReportTable(head, printed, (40, 15, 15, 15, 17, 58), "lrrrrl")


def exclusions(report: Report) -> ReportTable:
    """Return what was proposed about answers that are left out, and what became of it, for the annex."""
    head = [gettext("Answers"), *exclusion_text.heads()]
    rows = [[number(line.answers), *exclusion_text.printed(line)] for line in report.exclusions.lines]
    return ReportTable(head, rows, (13, 24, 28, 44, 23, 28), "rlllll")


def letters(counts: UnitLetters, report: Report) -> ReportTable:
    """Return the units with most cases finished late, how their letters of apology stand, and the sum of all units."""
    agencies = report.units.scope.tree.agencies
    by_name = sorted(counts.units, key=lambda unit: sort_key(text(agencies[unit].name)))
    units = sorted(by_name, key=lambda unit: -counts.of(unit).late)[:MOST_LATE]
    lines = [
        (str(place), short_name_of(text(agencies[one].name)), counts.of(one)) for place, one in enumerate(units, 1)
    ]
    printed = [
        [place, name, *map(number, row.numbers.values())]
        for place, name, row in [*lines, ("", gettext("Total of all units"), counts.of())]
    ]
    head = [gettext("No."), gettext("Unit"), *[gettext(column.head) for column in MEASURES if column.key in LETTERS]]
    return ReportTable(head, printed, (8, 40, 16, 16, 16, 16, 16, 16, 16), "clrrrrrrr", total=True)
