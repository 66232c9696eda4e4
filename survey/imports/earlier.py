"""Figures of earlier systems from a file: counts by agency and period with their source and method; and withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.cases.recording import Tally
from survey.collection.withdrawn_cases import Informant
from survey.errors import NotFound
from survey.i18n import msgid
from survey.imports import table
from survey.imports.cells import Unreadable, agency_code, day, words, written
from survey.imports.faults import ENDS_EARLY, Findings
from survey.imports.header import Column
from survey.models import EarlierCount, EarlierSystem
from survey.organisation import agencies
from survey.organisation.agencies import revise

LONGEST_SOURCE, LONGEST_METHOD = 200, 400
MOST_ANSWERS = 2_000_000_000
_NO_AGENCY = msgid("No agency has the code %(code)s. Import the agencies first, or correct the code.")
_NUMBER = msgid("This must be a whole number.")
_MORE = msgid("More are satisfied than have answered. Correct one of the two.")
_TWICE = msgid("The same agency and days stand in line %(other)s already. Keep one of the two lines.")
_KNOWN = msgid("This source has figures of this agency and these days already. Withdraw the earlier file first.")


@dataclass(frozen=True)
class EarlierFigure:
    """One line: which system counted what, where and when."""

    source: str
    method: str
    agency_id: int
    first: dt.date
    last: dt.date
    answered: int
    satisfied: int


def _whole(cell: Any) -> int:
    text = written(cell).replace(".", "").replace(" ", "")
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_ANSWERS:
        raise Unreadable(_NUMBER)
    return int(text)


COLUMNS = (
    Column("agency", ("Mã đơn vị", "Mã cơ quan", "Đơn vị", "Agency", "Agency code"), agency_code),
    Column("first", ("Từ ngày", "From"), day),
    Column("last", ("Đến ngày", "To"), day),
    Column("answered", ("Số phiếu", "Số trả lời", "Answers", "Answered"), _whole),
    Column("satisfied", ("Số hài lòng", "Hài lòng", "Satisfied"), _whole),
    Column("source", ("Nguồn", "Hệ thống", "Source"), words(LONGEST_SOURCE)),
    Column("method", ("Cách khảo sát", "Phương pháp", "Method"), words(LONGEST_METHOD)),
)


@dataclass(frozen=True)
class StoredFigures:
    """What a file is held against: agencies by every code they ever had, and which figures are there already."""

    agencies: Mapping[str, int]
    there: frozenset[tuple[str, int, dt.date, dt.date]]


def stored(session: Session) -> StoredFigures:
    """Read what a file is held against."""
    query = (
        sa.select(EarlierSystem.source, EarlierCount.agency_id, EarlierCount.first, EarlierCount.last)
        .join(EarlierCount, EarlierCount.system_id == EarlierSystem.id)
        .where(EarlierSystem.withdrawn_at.is_(None))
    )
    units = agencies.tree(session).agencies.values()
    there = frozenset((row[0], row[1], row[2], row[3]) for row in session.execute(query))
    return StoredFigures({one.code: one.id for one in units}, there)


def check(
    before: StoredFigures, path: Path, findings: Findings, progress: Callable[[int], object]
) -> list[EarlierFigure]:
    """Return the figures of a file.

    Raises:
        ImportRefused: there are faults, each by line and column.
    """
    entries: list[EarlierFigure] = []
    places: dict[tuple[Any, ...], int] = {}
    for row in table.rows(path, COLUMNS, findings):
        progress(1)
        if not row.whole:
            continue
        values, titles = row.values, findings.titles
        code = values.pop("agency")
        if code not in before.agencies:
            findings.fault(row.line, titles["agency"], code, _NO_AGENCY, code=code)
            continue
        entry = EarlierFigure(agency_id=before.agencies[code], **values)
        own = (entry.source, entry.agency_id, entry.first, entry.last)
        if entry.last < entry.first:
            findings.fault(row.line, titles["last"], f"{entry.last:%d/%m/%Y}", ENDS_EARLY)
        if entry.satisfied > entry.answered:
            findings.fault(row.line, titles["satisfied"], entry.satisfied, _MORE)
        if own in before.there:
            findings.fault(row.line, titles["source"], entry.source, _KNOWN)
        if (other := places.setdefault(own, row.line)) != row.line:
            findings.fault(row.line, titles["agency"], code, _TWICE, other=other)
        entries.append(entry)
    findings.check()
    return entries


def apply(session: Session, entries: Sequence[EarlierFigure], informant: Informant) -> Tally:
    """Record figures, those of each source and method as one system that can be withdrawn as a whole."""

    def origin(entry: EarlierFigure) -> tuple[str, str]:
        return entry.source, entry.method

    for (source, method), figures in groupby(sorted(entries, key=origin), key=origin):
        system = EarlierSystem(source=source, method=method, staff_id=informant.staff_id, imported_at=informant.when)
        session.add(system)
        session.flush()
        for one in figures:
            counted = {"answered": one.answered, "satisfied": one.satisfied}
            place = {"agency_id": one.agency_id, "first": one.first, "last": one.last}
            session.add(EarlierCount(system_id=system.id, **place, **counted))
    session.flush()
    revise(session)
    return Tally(len(entries), 0, 0)


def withdraw(session: Session, system_id: int, staff_id: int, when: dt.datetime) -> None:
    """Show the figures of a system no more, on record; doing it twice is as good as once.

    Raises:
        NotFound: there is no such system.
    """
    system = session.get(EarlierSystem, system_id)
    if system is None:
        raise NotFound("There are no such figures.")
    if system.withdrawn_at is None:
        system.withdrawn_at = when
        revise(session)
        trail.append(session, staff_id, Act.EARLIER_WITHDRAWN, when, system=system.id)
