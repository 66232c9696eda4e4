"""The rows that .csv, .xlsx and .json share: one per figure, complete in itself, with plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from survey.i18n import gettext as _
from survey.i18n import msgid, text
from survey.models import Channel
from survey.reports.printed_cells import printed_cells
from survey.reports.report import Report
from survey.results.figures import Figures, rows
from survey.results.verdict_text import VERDICTS, interval, verdict_word

Kind = Literal["text", "long", "day", "count", "share", "limit", "score"]
PARTS = {"judged": Channel.INVITATION, "open": Channel.OPEN, "kiosk": Channel.KIOSK}
CHANNELS = {
    "judged": msgid("Invitation (judged)"),
    "open": msgid("Open QR code (for reference)"),
    "kiosk": msgid("Kiosk (for reference)"),
}
LINES = {"total": msgid("Total"), "unit": msgid("Unit"), "procedure": msgid("Procedure")}
CERTAIN = {"": "", "met": msgid("Met"), "not_met": msgid("Not met")}


@dataclass(frozen=True)
class Column:
    """One column: its key in .json, its head in words, and how its values are written."""

    key: str
    head: str
    kind: Kind


COLUMNS = (
    Column("agency", msgid("Agency code"), "text"),
    Column("period", msgid("Period"), "text"),
    Column("first_day", msgid("First day"), "day"),
    Column("last_day", msgid("Last day"), "day"),
    Column("channel", msgid("Channel"), "long"),
    Column("line", msgid("Grouped by"), "text"),
    Column("code", msgid("Code"), "text"),
    Column("name", msgid("Name"), "long"),
    Column("answered", msgid("Answers"), "count"),
    Column("satisfied", msgid("Satisfied answers"), "count"),
    Column("rate", msgid("Satisfaction rate"), "share"),
    Column("lower", msgid("Lower limit"), "limit"),
    Column("upper", msgid("Upper limit"), "limit"),
    Column("interval", msgid("Interval, rounded outwards"), "text"),
    Column("verdict", msgid("Verdict"), "text"),
    Column("certain", msgid("Certain verdict"), "text"),
    Column("level_1", msgid("1 Very dissatisfied"), "count"),
    Column("level_2", msgid("2 Dissatisfied"), "count"),
    Column("level_3", msgid("3 Neutral"), "count"),
    Column("level_4", msgid("4 Satisfied"), "count"),
    Column("level_5", msgid("5 Very satisfied"), "count"),
    Column("mean", msgid("Mean score (1–5)"), "score"),
    Column("finished", msgid("Finished cases"), "count"),
    Column("invited", msgid("Invited cases"), "count"),
    Column("rated", msgid("Rated cases"), "count"),
    Column("response_rate", msgid("Share of cases rated"), "share"),
    Column("possible_lower", msgid("Lowest possible rate of all cases"), "share"),
    Column("possible_upper", msgid("Highest possible rate of all cases"), "share"),
    Column("break_even", msgid("Share of the silent needed for the target"), "share"),
    Column("needed_if_all_satisfied", msgid("More answers needed if all are satisfied"), "count"),
    Column("needed_if_rate_holds", msgid("More answers needed if the rate holds"), "count"),
    Column("suppress", msgid("Internal use only"), "text"),
)


def heads() -> list[str]:
    """Return the heads of all columns in the language in use."""
    return [_(column.head) for column in COLUMNS]


def records(report: Report, *, printed: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the totals of each channel, then each channel's units, then its procedures.

    Rows of the reference channels are there only if they have answers; words are in the language in use. With
    `printed` shares are rounded as in the printed tables, otherwise they are in full.
    """
    for part in PARTS:
        yield _record(report.units, part, "total", report.units.total[part] | _named(report.units), printed)
    for line, found in (("unit", report.units), ("procedure", report.procedures)):
        for part in PARTS:
            for one in rows(getattr(found, part)):
                if part == "judged" or one["answered"]:
                    yield _record(found, part, line, one, printed)


def values(record: dict[str, Any]) -> list[Any]:
    """Return a record's values in the order of the columns, None where it has none."""
    return [record.get(column.key) for column in COLUMNS]


def name_of(one: dict[str, Any]) -> str:
    """Return the name of a row in the language in use."""
    return text(one["name"]) or _("Not tied to one procedure")


def _named(found: Figures) -> dict[str, Any]:
    return {"code": found.agency.code, "name": found.agency.name}


def _record(found: Figures, part: str, line: str, one: dict[str, Any], printed: bool) -> dict[str, Any]:
    period = found.period
    words = {
        "agency": found.agency.code,
        "period": period.code,
        "first_day": period.first,
        "last_day": period.last,
        "channel": _(CHANNELS[part]),
        "line": _(LINES[line]),
        "name": name_of(one),
        "interval": interval(one, target=found.target) if one["answered"] else None,
        "suppress": _("yes") if one["suppress"] else _("no"),
    }
    if one.get("verdict") in VERDICTS:
        words["verdict"] = verdict_word(one["verdict"], provisional=found.provisional, closed=found.closed)
        words["certain"] = _(CERTAIN[one["certain"]]) if one["certain"] else ""
    return {**one, **(printed_cells(one, found.target) if printed else {}), **words}
