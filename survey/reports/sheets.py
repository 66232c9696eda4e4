"""What stands on the sheets of the workbook: names and numbers together, and every answer once in a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from analysis.printed import printed_limits
from survey.i18n import gettext, text
from survey.models import Channel
from survey.periods import local_day
from survey.reports import columns
from survey.reports.columns import CODE, INTERVAL, NAME, RESULTS, RecordColumn, Value
from survey.reports.printed_cells import printed_cells
from survey.reports.records import Record, record, row_values
from survey.reports.report import Report
from survey.reports.workbook import SheetTable
from survey.results import exclusion_text
from survey.results.channel_names import REFERENCE
from survey.results.factors import by_questionnaire
from survey.results.figures import Figures
from survey.results.rows import Measured
from survey.results.trends import TrendRow
from survey.results.verdict_text import definition, no_reasons

SHOWN = (*RESULTS[:5], INTERVAL, *RESULTS[5:])
CHANNEL = columns.ABOUT[-2]


def sheets(report: Report) -> Iterator[SheetTable]:
    """Yield the sheets behind the summary, in their order; that of what is left out only if something is."""
    letters = () if report.letters is None else columns.LETTERS
    by_unit = [(CODE, *SHOWN), (*columns.LEVELS, *columns.CASES[:6]), (*columns.CASES[6:], *columns.COMMENTS), letters]
    yield _figures(gettext("Units"), by_unit, _judged(report, report.units, "unit"))
    yield _figures(gettext("Procedures"), by_unit[:2], _judged(report, report.procedures, "procedure"))
    yield _factors(report)
    yield _reasons(report)
    yield trend_sheet(report)
    reference = [(CHANNEL, CODE, *SHOWN[:6]), (*columns.LEVELS, *columns.COMMENTS)]
    yield _figures(gettext("Reference channels"), reference, _reference(report))
    if report.exclusions.lines:
        yield _exclusions(report)
    yield _definitions([*chain.from_iterable(by_unit), CHANNEL])


def _figures(name: str, groups: Sequence[Sequence[RecordColumn]], rows: Iterator[Record]) -> SheetTable:
    """Return records under columns that stand in groups, one on a printed page, each beside the name."""
    groups = [group for group in groups if group]
    every = [NAME, *chain.from_iterable(groups)]
    lines = [[values.get(column.key) for column in every] for values in (row.words() for row in rows)]
    head, kinds = [gettext(column.head) for column in every], [str(column.kind) for column in every]
    return SheetTable(name, head, kinds, lines, [len(group) for group in groups])


def _judged(report: Report, figures: Figures, line: str) -> Iterator[Record]:
    for row in figures.judged.rows:
        if not row.pooled:  # its answers are those of other rows
            yield record(report, Channel.INVITATION, line, row)


def _reference(report: Report) -> Iterator[Record]:
    for channel in REFERENCE:
        for row in report.units.channels[channel].rows:
            if row.answered and not row.pooled:
                yield record(report, channel, "unit", row)


def _factors(report: Report) -> SheetTable:
    shown = [*(column for column in RESULTS[:5]), *columns.LEVELS]
    head = [gettext("Name"), gettext("Question"), gettext("Questionnaire"), *[gettext(one.head) for one in shown]]
    kinds = ["long", "long", "long", *[str(one.kind) for one in shown], "count"]
    lines: list[list[Value]] = []
    for row in chain.from_iterable(by_questionnaire(report.overview.factors)):
        values = _printed(row, report.units.target)
        words = [text(row.name), text(row.text), text(row.title)]
        lines.append([*words, *[values[one.key] for one in shown], row.no_opinion])
    return SheetTable(gettext("Factors"), [*head, gettext("No opinion")], kinds, lines, [7, 7])


def _reasons(report: Report) -> SheetTable:
    """Return what people were not satisfied with; nothing where it is not shown."""
    heads = {
        gettext("What was not right"): "long",
        gettext("People"): "count",
        gettext("Of so many who gave a reason"): "count",
        gettext("Share"): "share",
        gettext("Lower limit"): "limit",
        gettext("Upper limit"): "limit",
    }
    question = report.overview.reasons
    lines: list[list[Value]] = []
    for choice in question.choices if question is not None and question.shown else ():
        shares: list[Value] = [None, None, None]
        if choice.people is not None:
            printed = printed_limits(choice.lower, choice.upper)
            shares = [choice.rate, float(printed.lower / 100), float(printed.upper / 100)]
        lines.append([text(choice.text), choice.people, question.answered if question else None, *shares])
    if not lines:
        lines = [[(question and no_reasons(question)) or gettext("Nobody gave a reason."), *[None] * 5]]
    return SheetTable(gettext("Reasons"), list(heads), list(heads.values()), lines)


def trend_sheet(report: Report) -> SheetTable:
    """Return the trend, with the target of the report's period beside it for its chart."""
    heads = {
        gettext("Period"): "text",
        gettext("First day"): "day",
        gettext("Last day"): "day",
        gettext("Answers"): "count",
        gettext("Satisfied answers"): "count",
        gettext("Satisfaction rate"): "share",
        gettext("Lower limit"): "limit",
        gettext("Upper limit"): "limit",
        gettext("Target"): "limit",
    }
    target = report.units.target
    lines: list[list[Value]] = []
    for row in report.overview.trend.rows:
        values = _printed(row, target)
        counts: list[Value] = [row.code, row.first, row.last, row.answered, row.satisfied]
        lines.append([*counts, values["rate"], values["lower"], values["upper"], float(target)])
    return SheetTable(gettext("Trend"), list(heads), list(heads.values()), lines)


def _exclusions(report: Report) -> SheetTable:
    """Return what was proposed about answers that are left out."""
    head, kinds = [*exclusion_text.heads(), gettext("Answers")], ["long", "long", "long", "day", "long", "count"]
    rows: list[list[Value]] = []
    for line in report.exclusions.lines:
        what, why, words, _day, state = exclusion_text.printed(line)
        rows.append([what, why, words, local_day(line.proposed_at), state, line.answers])
    return SheetTable(gettext("Left out"), head, kinds, rows)


def _definitions(shown: Sequence[RecordColumn]) -> SheetTable:
    """Return what each column means, and under which key it stands in the files for programs."""
    head = [gettext("Column"), gettext("Meaning"), gettext("Key in .json and .csv")]
    meanings = {"rate": definition()}
    lines: list[list[Value]] = [
        [gettext(one.head), meanings.get(one.key) or gettext(one.meaning), one.key] for one in shown
    ]
    return SheetTable(gettext("Definitions of columns"), head, ["long", "wide", "text"], lines)


def _printed(row: Measured | TrendRow, target: str) -> dict[str, Value]:
    """Return a row with its shares as they are printed, and no limits where nothing was said or is shown."""
    values = {**vars(row)} if isinstance(row, TrendRow) else row_values(row)
    nothing: dict[str, Value] = {} if row.answered and not row.withheld else {"lower": None, "upper": None}
    return {**values, **printed_cells(vars(row), target), **nothing}
