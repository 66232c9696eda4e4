"""A table of other figures that a province owes, as a file: one row complete in itself, .csv or .xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.i18n import gettext, text
from survey.models import Agency
from survey.periods import Period
from survey.reports.columns import Value
from survey.reports.table_file import table_file


@dataclass(frozen=True)
class OwedTable:
    """One table: its title, the heads of its columns with their kinds, and its rows.

    `note` stands in every row: what the figures are, and what they are not.
    """

    title: str
    columns: Sequence[tuple[str, str]]
    lines: Sequence[Sequence[Value]]
    note: str


def named(agency: Agency) -> tuple[Value, Value]:
    """Return the code and the name of an agency as cells."""
    return agency.code, text(agency.name)


def written(table: OwedTable, period: Period, ending: str, *, demo: bool) -> bytes:
    """Return a table as a file; each row ends with the days of the period and the note."""
    head = [*[name for name, _kind in table.columns], gettext("Period"), gettext("First day"), gettext("Last day")]
    head.append(gettext("Definition"))
    kinds = [*[kind for _name, kind in table.columns], "text", "day", "day", "long"]
    note = " ".join(part for part in (gettext("Demonstration data") + "." if demo else "", table.note) if part)
    days: tuple[Value, ...] = (f"{period.code} ({period.basis})", period.first, period.last, note)
    lines = [[*line, *days] for line in table.lines]
    return table_file(table.title, head, kinds, lines, ending)
