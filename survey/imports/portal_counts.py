"""What the national portal counted for its satisfaction indicator, from a file: a line for each agency and period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.cases.recording import Tally
from survey.i18n import msgid
from survey.imports import table
from survey.imports.cells import MOST_COUNTED, agency_code, count, day, words
from survey.imports.faults import ENDS_EARLY, TWICE, Findings
from survey.imports.header import Column
from survey.imports.table import Row
from survey.models import PortalCount
from survey.periods import Basis, Period, parse

PORTAL = "Cổng Dịch vụ công quốc gia"
PETITIONS = ("petitions", "petitions_on_time", "petitions_satisfied")
PARTS = (
    ("late", "handled"),
    ("disliked", "handled"),
    ("late_and_disliked", "late"),
    ("late_and_disliked", "disliked"),
    ("petitions_on_time", "petitions"),
    ("petitions_satisfied", "petitions"),
)
COLUMNS = (
    Column("agency", ("Mã đơn vị", "Mã cơ quan", "Agency code"), agency_code),
    Column("first", ("Từ ngày", "From"), day),
    Column("last", ("Đến ngày", "To"), day),
    Column("handled", ("Hồ sơ đã tiếp nhận, giải quyết", "Tổng số hồ sơ", "Cases handled"), count),
    Column("late", ("Hồ sơ quá hạn", "Late cases"), count),
    Column(
        "disliked",
        ("Hồ sơ không hài lòng hoặc có phản ánh, kiến nghị", "Hồ sơ không hài lòng", "Disliked cases"),
        count,
    ),
    Column(
        "late_and_disliked",
        ("Hồ sơ vừa quá hạn vừa không hài lòng", "Late and disliked cases"),
        count,
        needed=False,
        optional=True,
    ),
    Column("petitions", ("Phản ánh, kiến nghị đã xử lý", "Petitions"), count, needed=False, optional=True),
    Column(
        "petitions_on_time",
        ("Phản ánh, kiến nghị đúng hạn", "Petitions on time"),
        count,
        needed=False,
        optional=True,
    ),
    Column(
        "petitions_satisfied",
        ("Phản ánh, kiến nghị hài lòng", "Petitions satisfied"),
        count,
        needed=False,
        optional=True,
    ),
    Column("source", ("Nguồn", "Nguồn số liệu", "Source"), words(200), needed=False, optional=True),
)
_NO_AGENCY = msgid("There is no agency with this code on the last day of the period.")
_NO_PERIOD = msgid(
    "These days are no reporting period. Give the first and the last day of a month, a quarter, a half-year, nine "
    "months or a year."
)
_MORE = msgid("This is more than the %(most)s that it is a part of. Correct one of the two numbers.")
_BOTH = msgid("Late and disliked cases together, each counted once, are more than all cases handled.")
_WITH_OTHERS = msgid("Fill in all three numbers of petitions, or none of them.")

Spans = Mapping[str, Sequence[tuple[dt.date, dt.date | None, int]]]


@dataclass(frozen=True, slots=True)
class PortalEntry:
    """One line: the counts of an agency in some days."""

    agency_id: int
    first: dt.date
    last: dt.date
    handled: int
    late: int
    disliked: int
    late_and_disliked: int | None
    petitions: int | None
    petitions_on_time: int | None
    petitions_satisfied: int | None
    source: str


def check(path: Path, spans: Spans, findings: Findings, progress: Callable[[int], object]) -> list[PortalEntry]:
    """Return what a file tells; `spans` are the first and last day and the id of each agency, by its code.

    Raises:
        ImportRefused: there are faults, each by line and column.
    """
    entries: list[PortalEntry] = []
    places: dict[tuple[int, dt.date, dt.date], int] = {}
    for row in table.rows(path, COLUMNS, findings):
        progress(1)
        if not row.whole:
            continue
        agency_id = _agency(spans, row.values["agency"], row.values["last"])
        if _sound(row, agency_id, findings) and agency_id is not None:
            entry = _entry(agency_id, row.values)
            other = places.setdefault((agency_id, entry.first, entry.last), row.line)
            if other != row.line:
                findings.fault(row.line, findings.titles["agency"], row.values["agency"], TWICE, other=other)
            entries.append(entry)
    findings.check()
    return entries


def apply(session: Session, entries: Sequence[PortalEntry], when: dt.datetime) -> Tally:
    """Record what a file tells; what is told of the same agency and days is corrected."""
    stored = {(row.agency_id, row.first, row.last): row for row in session.scalars(sa.select(PortalCount))}
    added = updated = 0
    for entry in entries:
        values = asdict(entry)
        row = stored.get((entry.agency_id, entry.first, entry.last))
        if row is None:
            session.add(PortalCount(**values, recorded_at=when))
            added += 1
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.recorded_at = when
            updated += 1
    session.flush()
    return Tally(added, len(entries) - added - updated, updated)


def period_of(first: dt.date, last: dt.date) -> Period | None:
    """Return the reporting period with these days, or None.

    >>> period_of(dt.date(2026, 8, 1), dt.date(2026, 8, 31)).code
    '2026-08'
    """
    return next((one for one in _ending(last) if (one.first, one.last) == (first, last)), None)


def _ending(last: dt.date) -> Iterator[Period]:
    year, month = last.year, last.month
    if not 2000 <= year <= 2099:
        return
    kinds = f"-{month:02}", f"-Q{(month + 2) // 3}", f"-H{(month + 5) // 6}", "-9M", ""
    for basis in Basis:
        yield from (parse(f"{year}{kind}", basis) for kind in kinds)


def _agency(spans: Spans, code: str, day_asked: dt.date) -> int | None:
    every = spans.get(code, ())
    return next((key for first, last, key in every if first <= day_asked and (last is None or day_asked <= last)), None)


def _sound(row: Row, agency_id: int | None, findings: Findings) -> bool:
    """Return whether a line can be true, and name what cannot."""
    values, before = row.values, len(findings.faults)

    def fault(name: str, message: str, **values_of_fault: Any) -> None:
        findings.fault(row.line, findings.titles.get(name, ""), values.get(name, ""), message, **values_of_fault)

    if agency_id is None:
        fault("agency", _NO_AGENCY)
    if values["last"] < values["first"]:
        fault("last", ENDS_EARLY)
    elif period_of(values["first"], values["last"]) is None:
        fault("last", _NO_PERIOD)
    given = [name for name in PETITIONS if name in values]
    if 0 < len(given) < len(PETITIONS):
        fault(given[0], _WITH_OTHERS)
    for part, whole in PARTS:
        if values.get(part, 0) > values.get(whole, MOST_COUNTED):
            fault(part, _MORE, most=values[whole])
    once = values["late"] + values["disliked"] - values.get("late_and_disliked", values["disliked"])
    if len(findings.faults) == before and once > values["handled"]:
        fault("late_and_disliked", _BOTH)
    return len(findings.faults) == before


def _entry(agency_id: int, values: Mapping[str, Any]) -> PortalEntry:
    return PortalEntry(
        agency_id,
        values["first"],
        values["last"],
        values["handled"],
        values["late"],
        values["disliked"],
        values.get("late_and_disliked"),
        values.get("petitions"),
        values.get("petitions_on_time"),
        values.get("petitions_satisfied"),
        values.get("source") or PORTAL,
    )
