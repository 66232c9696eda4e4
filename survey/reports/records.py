"""The rows that .csv, .xlsx and .json share: one per figure, complete in itself, with plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from survey.i18n import gettext, msgid
from survey.models import Channel
from survey.reports.printed_cells import printed_cells
from survey.reports.report import Report
from survey.results.channel_names import channel_label
from survey.results.figures import Figures
from survey.results.rows import FiguresRow, JudgedRow, name_of
from survey.results.verdict_text import interval, row_word, withheld

ValueKind = Literal["text", "long", "day", "count", "share", "limit", "score"]
Value: TypeAlias = str | int | float | dt.date | None
LINES = {
    "total": msgid("Total"),
    "unit": msgid("Unit"),
    "procedure": msgid("Procedure"),
    "counting_all": msgid("Total with the answers left out"),
    "without": msgid("Total without the answers left out"),
}
CERTAIN = {"": "", "met": msgid("Met"), "not_met": msgid("Not met")}


@dataclass(frozen=True)
class RecordColumn:
    """One column: its key in .json, its head in words, and how its values are written."""

    key: str
    head: str
    kind: ValueKind


COLUMNS = (
    RecordColumn("agency", msgid("Agency code"), "text"),
    RecordColumn("period", msgid("Period"), "text"),
    RecordColumn("first_day", msgid("First day"), "day"),
    RecordColumn("last_day", msgid("Last day"), "day"),
    RecordColumn("channel", msgid("Channel"), "long"),
    RecordColumn("line", msgid("Grouped by"), "text"),
    RecordColumn("code", msgid("Code"), "text"),
    RecordColumn("name", msgid("Name"), "long"),
    RecordColumn("answered", msgid("Answers"), "count"),
    RecordColumn("satisfied", msgid("Satisfied answers"), "count"),
    RecordColumn("rate", msgid("Satisfaction rate"), "share"),
    RecordColumn("lower", msgid("Lower limit"), "limit"),
    RecordColumn("upper", msgid("Upper limit"), "limit"),
    RecordColumn("interval", msgid("Interval, rounded outwards"), "text"),
    RecordColumn("verdict", msgid("Verdict"), "text"),
    RecordColumn("certain", msgid("Certain verdict"), "text"),
    RecordColumn("level_1", msgid("1 Very dissatisfied"), "count"),
    RecordColumn("level_2", msgid("2 Dissatisfied"), "count"),
    RecordColumn("level_3", msgid("3 Neutral"), "count"),
    RecordColumn("level_4", msgid("4 Satisfied"), "count"),
    RecordColumn("level_5", msgid("5 Very satisfied"), "count"),
    RecordColumn("mean", msgid("Mean score (1–5)"), "score"),
    RecordColumn("finished", msgid("Finished cases"), "count"),
    RecordColumn("invited", msgid("Invited cases"), "count"),
    RecordColumn("rated", msgid("Rated cases"), "count"),
    RecordColumn("withdrawn", msgid("Withdrawn cases"), "count"),
    RecordColumn("withdrawn_rated", msgid("Withdrawn after rating"), "count"),
    RecordColumn("response_rate", msgid("Share of cases rated"), "share"),
    RecordColumn("possible_lower", msgid("Lowest possible rate of all cases"), "share"),
    RecordColumn("possible_upper", msgid("Highest possible rate of all cases"), "share"),
    RecordColumn("break_even", msgid("Share of the silent needed for the target"), "share"),
    RecordColumn("needed_if_all_satisfied", msgid("More answers needed if all are satisfied"), "count"),
    RecordColumn("needed_if_rate_holds", msgid("More answers needed if the rate holds"), "count"),
    RecordColumn("suppress", msgid("Internal use only"), "text"),
    RecordColumn("comments", msgid("Comments"), "count"),
    RecordColumn("comments_new", msgid("New comments"), "count"),
    RecordColumn("comments_in_hand", msgid("Comments in hand"), "count"),
    RecordColumn("comments_done", msgid("Comments dealt with"), "count"),
    RecordColumn("comments_not_for_us", msgid("Comments not for the unit"), "count"),
    RecordColumn("comments_late", msgid("Comments overdue"), "count"),
    RecordColumn("late_cases", msgid("Late cases"), "count"),
    RecordColumn("letters", msgid("Letters drafted"), "count"),
    RecordColumn("letters_drafted", msgid("Letters undecided"), "count"),
    RecordColumn("letters_approved", msgid("Letters approved"), "count"),
    RecordColumn("letters_delivered", msgid("Letters delivered"), "count"),
    RecordColumn("letters_handed_over", msgid("Letters handed over on paper"), "count"),
    RecordColumn("letters_declined", msgid("Letters declined"), "count"),
)


def heads() -> list[str]:
    """Return the heads of all columns in the language in use."""
    return [gettext(column.head) for column in COLUMNS]


def records(report: Report, *, printed: bool = False) -> Iterator[list[Value]]:
    """Yield each channel's total, its units, its procedures, and its total with and without what is left out.

    Values are as in `COLUMNS`.

    Rows of the reference channels are there only if they have answers; words are in the language in use, and a value
    that a row does not have is None. With `printed` shares are rounded as in the printed tables, else they are in full.
    """
    for channel, part in report.units.channels.items():
        yield _record(report.units, channel, "total", part.total, printed, _beside(report, channel))
    for line, figures in (("unit", report.units), ("procedure", report.procedures)):
        for channel, part in figures.channels.items():
            for row in part.rows:
                if channel == Channel.INVITATION or row.answered:
                    written = _beside(report, channel, row.id) if line == "unit" else {}
                    yield _record(figures, channel, line, row, printed, written)
    for concerned in report.exclusions.concerned:
        for line, counted in report.exclusions.printable(concerned).items():
            if line in LINES:
                about = _about(report.units, concerned.channel, line)
                values: dict[str, Value] = {**about, **counted, "name": gettext("Total")}
                yield [values.get(column.key) for column in COLUMNS]


def _beside(report: Report, channel: Channel, unit: int | None = None) -> dict[str, int | None]:
    """Return what became of the comments of a unit, or all, and beside the judged answers of letters of apology."""
    comments = report.comments.of(channel, unit)
    if channel != Channel.INVITATION or report.letters is None:
        return comments
    return {**comments, **report.letters.of(unit).numbers}


def _record(
    figures: Figures, channel: Channel, line: str, row: FiguresRow, printed: bool, written: Mapping[str, int | None]
) -> list[Value]:
    words = {
        **_about(figures, channel, line),
        "name": name_of(row),
        "interval": interval(row, target=figures.target) if row.shown else withheld(row) or None,
        "suppress": gettext("yes") if row.suppress else gettext("no"),
    }
    if isinstance(row, JudgedRow):
        words["verdict"] = row_word(row, provisional=figures.provisional, closed=figures.closed)
        words["certain"] = gettext(CERTAIN[row.certain]) if row.certain else ""
    cells = printed_cells(vars(row), figures.target) if printed else {}
    values = {**vars(row), **cells, **words, **written}
    if row.withheld:
        values |= {"lower": None, "upper": None}
    return [values.get(column.key) for column in COLUMNS]


def _about(figures: Figures, channel: Channel, line: str) -> dict[str, Value]:
    period = figures.period
    return {
        "agency": figures.agency.code,
        "period": period.code,
        "first_day": period.first,
        "last_day": period.last,
        "channel": channel_label(channel),
        "line": gettext(LINES[line]),
    }
