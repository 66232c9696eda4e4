"""The rows that the tables of a report share: one per figure, complete in itself, as plain values or in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from survey.i18n import gettext, msgid
from survey.models import Channel
from survey.reports.columns import Value
from survey.reports.printed_cells import printed_cells
from survey.reports.report import Report
from survey.results.channel_names import channel_label
from survey.results.figures import Figures
from survey.results.period_names import period_words
from survey.results.rows import FiguresRow, JudgedRow, Measured, name_of
from survey.results.verdict_text import interval, row_word, withheld

LINES = {
    "total": msgid("Total"),
    "unit": msgid("Unit"),
    "procedure": msgid("Procedure"),
    "counting_all": msgid("Total with the answers left out"),
    "without": msgid("Total without the answers left out"),
}
BASES = {"calendar": msgid("calendar period"), "administrative": msgid("administrative period, 15th to 14th")}
CERTAIN = {"": "", "met": msgid("Met"), "not_met": msgid("Not met")}
LIMITS = ("lower", "upper")
NEEDED = ("needed_if_all_satisfied", "needed_if_rate_holds")
OF_ALL_CASES = ("possible_lower", "possible_upper", "break_even")


@dataclass(frozen=True, eq=False)
class Record:
    """One row of figures: what it is of, and its counts and shares in full under the keys of `columns`.

    `row` is None for a total with or without what is left out, of which there are only counts and a rate.
    """

    figures: Figures
    channel: Channel
    line: str
    row: FiguresRow | None
    counted: Mapping[str, Value]

    def plain(self) -> dict[str, Value]:
        """Return the values by key, the same in every language, and what the row is of.

        A name comes in each language apart, as name.vi and name.en; what a row does not have is not there, or None.
        """
        period, name = self.figures.period, {} if self.row is None else self.row.name
        return {
            **self.counted,
            "agency": self.figures.agency.code,
            "period": period.code,
            "basis": str(period.basis),
            "first_day": period.first,
            "last_day": period.last,
            "as_of": self.figures.today,
            "closed": self.figures.closed,
            "demo": self.figures.demo,
            "target": float(self.figures.target),
            "confidence": self.figures.confidence,
            "channel": self.channel.name.lower(),
            "line": self.line,
            **{f"name.{language}": words for language, words in name.items()},
        }

    def words(self) -> dict[str, Value]:
        """Return the values by key as a person reads them: in the language in use, shares rounded as they are printed.

        Limits without answers, which say nothing, are not there.
        """
        values: dict[str, Value] = {
            **self.plain(),
            "channel": channel_label(self.channel),
            "line": gettext(LINES[self.line]),
            "period": period_words(self.figures.period),
            "basis": gettext(BASES[str(self.figures.period.basis)]),
        }
        if self.row is None:
            return {**values, "name": gettext("Total")}
        return {**values, **_read(self.figures, self.row)}


def records(report: Report) -> Iterator[Record]:
    """Yield each channel's total, its units, its procedures, and its total with and without what is left out.

    Rows of the reference channels are there only if they have answers.
    """
    for channel, part in report.units.channels.items():
        yield record(report, channel, "total", part.total)
    for line, figures in (("unit", report.units), ("procedure", report.procedures)):
        for channel, part in figures.channels.items():
            yield from (
                record(report, channel, line, row) for row in part.rows if channel == Channel.INVITATION or row.answered
            )
    for concerned in report.exclusions.concerned:
        for line, counted in report.exclusions.printable(concerned).items():
            if line in LINES:
                yield Record(report.units, concerned.channel, line, None, dict(counted))


def record(report: Report, channel: Channel, line: str, row: FiguresRow) -> Record:
    """Return the record of one row of figures, with what became of the comments and letters beside it."""
    beside: dict[str, int | None] = {}
    if line != "procedure":
        unit = None if line == "total" else row.id
        beside = report.comments.of(channel, unit)
        if channel == Channel.INVITATION and report.letters is not None:
            beside |= report.letters.of(unit).numbers
    return Record(report.units, channel, line, row, row_values(row) | beside)


def row_values(row: Measured) -> dict[str, Value]:
    """Return the fields of a row under their keys, without limits where what was said is withheld."""
    values = {name: value for name, value in vars(row).items() if name not in ("id", "suppress")}
    nothing = dict.fromkeys(LIMITS) if row.withheld else {}
    return {**values, "internal_use_only": row.suppress, **nothing}


def _read(figures: Figures, row: FiguresRow) -> dict[str, Value]:
    """Return what of a row is read otherwise than it is counted."""
    values: dict[str, Value] = {
        **printed_cells(vars(row), figures.target),
        "name": name_of(row),
        "interval": interval(row, target=figures.target) if row.shown else withheld(row) or None,
    }
    if isinstance(row, JudgedRow):
        values["verdict"] = row_word(row, provisional=figures.provisional, closed=figures.closed)
        values["certain"] = gettext(CERTAIN[row.certain]) if row.certain else ""
        if not row.rated:  # everything and nothing is possible
            values |= dict.fromkeys(OF_ALL_CASES)
        elif row.break_even is not None and not 0 < row.break_even <= 1:  # they all, or nobody, would not do
            values["break_even"] = None
        if row.verdict != "inconclusive" or row.certain:
            values |= dict.fromkeys(NEEDED)
        else:  # 0 more would not do: there are too few for a verdict, and no more cases
            values |= {name: getattr(row, name) or None for name in NEEDED}
    if not row.answered:
        values["internal_use_only"] = None
    return values if row.shown else {**values, **dict.fromkeys(LIMITS)}
