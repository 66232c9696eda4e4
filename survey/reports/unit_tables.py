"""The tables of units and of procedures in the annexes: sorted by need, each figure once, in as few lines as it takes.

Rows stand below bands. Those with fewer answers than are shown, or none, share one line, which tells how many answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from survey.i18n import gettext, number, percent, sort_key, text
from survey.models import Level
from survey.reports.conclusion import verdict_group
from survey.reports.outline import ReportTable
from survey.reports.report import Report
from survey.reports.tables import NOTHING
from survey.results import caveats
from survey.results.changes import RowChange
from survey.results.figures import Figures
from survey.results.rows import JudgedRow, name_of, short_name
from survey.results.verdict_text import interval, rate_text, row_word, target_text, verdict_word

ORDER = ("not_met", "inconclusive", "met", "few")  # the verdicts by need
OFFICES = (Level.PROVINCE, Level.DEPARTMENT, Level.OFFICE)


def blocks(figures: Figures) -> Iterator[tuple[str, list[JudgedRow]]]:
    """Yield the units by kind, departments and offices first, then communes; each kind with its heading."""
    agencies = figures.scope.tree.agencies
    rows = [row for row in figures.judged.rows if not row.pooled]
    offices = [row for row in rows if agencies[row.id].level in OFFICES]
    others = [row for row in rows if agencies[row.id].level not in OFFICES]
    if offices:
        yield gettext("Results of departments and offices"), offices
    if others:
        yield gettext("Results of communes and wards"), others


def units(report: Report, rows: Sequence[JudgedRow]) -> ReportTable:
    """Return units by verdict, the lowest rate first, with what was counted, cases rated, and the change."""
    figures = report.units
    lines: list[list[str]] = []
    place = 0
    for group in ORDER:
        firm = [row for row in rows if verdict_group(row) == group and _firm(report, row)]
        if firm:
            lines.append([f"{_band(figures, group)} ({number(len(firm))})"])
        for row in _by_need(firm):
            place += 1
            lines.append([number(place), short_name(row), *_counted(figures, row), *_cases(report, row)])
    lines += _counted_only(report, rows)
    if (total := _subtotal(figures, [row for row in rows if _firm(report, row)])) is not None:
        lines.append(total)
    head = [gettext("No."), gettext("Unit"), *_heads(figures), gettext("Cases rated"), gettext("Change, points")]
    widths = (9, 40, 16, 17, 15, 27, 18, 18)
    return ReportTable(head, lines, widths, "clrrrcrr", total=total is not None)


def procedures(report: Report, figures: Figures) -> ReportTable:
    """Return procedures by their fields, the lowest rate first, with code and verdict."""
    rows = [row for row in figures.judged.rows if not row.pooled]
    fields = sorted({_field(report, row) for row in rows}, key=sort_key)
    lines: list[list[str]] = []
    changes: Mapping[int, RowChange] = report.changes if report.by_row is figures else {}
    for field in fields:
        inside = [row for row in rows if _field(report, row) == field]
        firm = _by_need([row for row in inside if _firm(report, row)])
        lines.append([field])
        for row in firm:
            verdict = row_word(row, provisional=figures.provisional, closed=figures.closed)
            moved = changes.get(row.id)
            words = f"{verdict} ({_points(moved)})" if moved is not None else verdict
            lines.append([row.code, name_of(row), *_counted(figures, row), words])
        lines += _counted_only(report, inside)
    head = [gettext("Code"), gettext("Procedure"), *_heads(figures), gettext("Verdict")]
    return ReportTable(head, lines, (17, 42, 16, 16.5, 14, 26.5, 28), "llrrrcc")


def _heads(figures: Figures) -> list[str]:
    interval_head = gettext("%(share)s interval", share=target_text(str(figures.confidence)))
    return [gettext("Answers"), gettext("Satisfied answers"), gettext("Rate"), interval_head]


def _band(figures: Figures, group: str) -> str:
    if group == "few":
        return gettext("Few answers, no verdict")
    return verdict_word(group, provisional=figures.provisional, closed=figures.closed)


def _firm(report: Report, row: JudgedRow) -> bool:
    """Return whether a row's rate is printed: to everybody only one that is firm enough to be published."""
    return row.shown and not (report.public and row.suppress)


def _counted(figures: Figures, row: JudgedRow) -> list[str]:
    counts = [number(row.answered), number(row.satisfied)]
    return [*counts, rate_text(row.rate, figures.target), interval(row, target=figures.target)]


def _cases(report: Report, row: JudgedRow) -> list[str]:
    moved = report.changes.get(row.id)
    return [percent(row.response_rate), _points(moved) if moved is not None else NOTHING]


def _points(moved: RowChange) -> str:
    return caveats.moved_by(moved) + ("*" if moved.clear else "")


def _counted_only(report: Report, rows: Sequence[JudgedRow]) -> Iterator[list[str]]:
    """Yield one line for the rows of which only the number of answers is told, and one for those without any."""
    hidden = [row for row in rows if row.answered and not _firm(report, row)]
    silent = [row for row in rows if not row.answered]
    if hidden:
        names = "; ".join(f"{short_name(row)} ({number(row.answered)})" for row in _by_name(hidden))
        yield ["", gettext("Only the number of answers is shown: %(rows)s.", rows=names)]
    if silent:
        yield ["", gettext("No answers: %(rows)s.", rows="; ".join(short_name(row) for row in _by_name(silent)))]


def _subtotal(figures: Figures, rows: Sequence[JudgedRow]) -> list[str] | None:
    """Return the sum of the rows that are shown, which tells nothing that they do not; None for fewer than two."""
    if len(rows) < 2:
        return None
    answered, satisfied = sum(row.answered for row in rows), sum(row.satisfied or 0 for row in rows)
    finished, rated = sum(row.finished for row in rows), sum(row.rated for row in rows)
    words = gettext("Sum of the units above")
    share = percent(rated / finished) if finished else NOTHING
    rate = rate_text(satisfied / answered, figures.target)
    return ["", words, number(answered), number(satisfied), rate, NOTHING, share, NOTHING]


def _field(report: Report, row: JudgedRow) -> str:
    words = report.fields.get(row.id)
    return text(words) if words else gettext("Not tied to one procedure")


def _by_name(rows: Sequence[JudgedRow]) -> list[JudgedRow]:
    return sorted(rows, key=lambda row: sort_key(name_of(row)))


def _by_need(rows: Sequence[JudgedRow]) -> list[JudgedRow]:
    return sorted(_by_name(rows), key=lambda row: (ORDER.index(verdict_group(row)), row.rate or 0.0))
