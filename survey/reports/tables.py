"""The printed tables of a report, as words: heads, rows and column widths in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from survey.i18n import gettext as _
from survey.i18n import number, percent, score, text
from survey.reports.records import CHANNELS, COLUMNS
from survey.reports.report import Report
from survey.reports.texts import row_name
from survey.results.counts import LEVELS
from survey.results.figures import Figures, rows
from survey.results.verdict_text import interval, rate_text, target_text, verdict_word

NOTHING = "–"
LEVEL_HEADS = [column.head for column in COLUMNS if column.key in LEVELS]


@dataclass(frozen=True)
class Table:
    """One printed table: a letter of `align` for each column (l, r, c); `total`: the last row is a total."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    align: str
    total: bool = False


def levels(report: Report) -> Table:
    """Return the five levels of the judged answers, as counts and as shares."""
    total = report.units.total["judged"]
    counts = [total[level] for level in LEVELS]
    shares = [percent(count / total["answered"]) if total["answered"] else NOTHING for count in counts]
    return Table(
        ["", *[_(head) for head in LEVEL_HEADS]],
        [[_("Answers"), *map(number, counts)], [_("Share"), *shares]],
        (30, 26, 26, 26, 26, 26),
        "lrrrrr",
    )


def judged(found: Figures) -> Table:
    """Return the judged figures of each row, and of all together."""
    head = [_("No."), _("Unit") if found.by == "unit" else _("Procedure"), _("Answers"), _("Satisfied answers"),
            _("Rate"), _("%(share)s interval", share=target_text(str(found.confidence))), _("Verdict")]  # fmt: skip
    printed = [[str(place), row_name(one), *_judged(found, one)] for place, one in enumerate(rows(found.judged), 1)]
    printed.append(["", _("Total"), *_judged(found, found.total["judged"])])
    return Table(head, printed, (9, 42, 18, 20, 16, 28, 27), "clrrrcc", total=True)


def factors(report: Report) -> Table:
    """Return each factor's rate with its interval, its mean and its five levels."""
    head = [_("Factor"), _("Answers"), _("Rate and interval"), _("Mean"), "1", "2", "3", "4", "5"]
    printed = []
    for one in rows(report.factors):
        rate = NOTHING
        if one["answered"]:
            rate = f"{rate_text(one['rate'], report.units.target)}\n({interval(one, target=report.units.target)})"
        counts = [number(one[level]) for level in LEVELS]
        printed.append([text(one["name"]), number(one["answered"]), rate, score(one["mean"]), *counts])
    return Table(head, printed, (38, 18, 30, 14, 12, 12, 12, 12, 12), "lrcrrrrrr")


def detail(found: Figures) -> Table:
    """Return who was asked and answered, the five levels and the bounds of each row, for the annex."""
    head = [_("No."), _("Unit"), _("Finished cases"), _("Invited cases"), _("Rated cases"), _("Share of cases rated"),
            "1", "2", "3", "4", "5", _("Mean"), _("Possible rate of all cases")]  # fmt: skip
    printed = []
    lines = [(str(place), row_name(one), one) for place, one in enumerate(rows(found.judged), 1)]
    for place, name, figure in [*lines, ("", _("Total"), found.total["judged"])]:
        printed.append([
            place, name,
            *[number(figure[key]) for key in ("finished", "invited", "rated")], percent(figure["response_rate"]),
            *[number(figure[level]) for level in LEVELS], score(figure["mean"]), _possible(figure),
        ])  # fmt: skip
    return Table(head, printed, (10, 59, 19, 19, 16, 19, 12, 12, 12, 13, 13, 14, 29), "clrrrrrrrrrrc", total=True)


def procedures(found: Figures) -> Table:
    """Return the judged figures by procedure, with codes and cases, for the annex."""
    base = judged(found)
    codes = [*found.judged["code"], ""]
    cases = [*found.judged["finished"], found.total["judged"]["finished"]]
    printed = [[place, code, name, number(finished), *rest]
            for (place, name, *rest), code, finished in zip(base.rows, codes, cases, strict=True)]  # fmt: skip
    place, name, *rest = base.head
    return Table(
        [place, _("Code"), name, _("Finished cases"), *rest],
        printed,
        (10, 24, 81, 19, 18, 20, 18, 28, 29),
        "cllrrrrcc",
        total=True,
    )


def reference(report: Report) -> Table:
    """Return the units' answers by the channels that are not judged, for the annex."""
    printed = []
    for part in ("open", "kiosk"):
        for one in rows(getattr(report.units, part)):
            if one["answered"]:
                target = report.units.target
                shares = [rate_text(one["rate"], target), interval(one, target=target)]
                counts = [number(one[key]) for key in ("answered", "satisfied")]
                printed.append([_(CHANNELS[part]), row_name(one), *counts, *shares])
    head = [_("Channel"), _("Unit"), _("Answers"), _("Satisfied answers"), _("Rate"),
            _("%(share)s interval", share=target_text(str(report.units.confidence)))]  # fmt: skip
    return Table(head, printed, (52, 103, 20, 20, 20, 32), "llrrrc")


def asked(report: Report) -> Table:
    """Return for each unit whether everybody was asked, with what is amiss in words, for the annex."""
    head = [_("No."), _("Unit"), _("Finished cases"), _("Invited cases"), _("Delivered"), _("Rated cases"),
            _("Completed"), _("Invited, of those due"), _("Median delay, hours"), _("Remarks")]  # fmt: skip
    printed = []
    lines = [(str(place), line) for place, line in enumerate(report.asked.lines, 1)]
    for place, line in [*lines, ("", report.asked.total)]:
        known = (line.finished, line.invited, line.delivered, line.rated, line.completed)
        printed.append([
            place, text(line.name) if place else _("Total"),
            *[NOTHING if value is None else number(value) for value in known], percent(line.coverage),
            NOTHING if line.delay is None else number(line.delay),
            "\n".join(_(message, **values) for message, values in line.flags),
        ])  # fmt: skip
    return Table(head, printed, (10, 55, 18, 18, 18, 18, 18, 20, 20, 52), "clrrrrrrrl", total=True)


def _judged(found: Figures, one: dict[str, Any]) -> list[str]:
    counts = [number(one["answered"]), number(one["satisfied"])]
    if not one["answered"]:
        return [*counts, NOTHING, NOTHING, _("No answers")]
    said = verdict_word(one["verdict"], provisional=found.provisional, closed=found.closed)
    return [*counts, rate_text(one["rate"], found.target), interval(one, target=found.target), said]


def _possible(one: dict[str, Any]) -> str:
    if not one["finished"]:
        return NOTHING
    return interval({"lower": one["possible_lower"], "upper": one["possible_upper"]})
