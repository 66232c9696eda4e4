"""The register of issued reports: enter one, correct one by a dated revision, and check a file or a digest by it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict
from survey.i18n import msgid
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell
from survey.models import Agency, Edition, IssuedReport, Staff
from survey.periods import Period, local_day, parse
from survey.results.scope import closed_period

_OPEN = msgid("This period is not closed, so its report may still change. Please close the period before it is issued.")
_REPLACED = msgid("This report has been replaced by another one meanwhile. Please look at the register again.")
_OTHER = msgid("A correction has the same agency, period, edition, format and language. Please choose another report.")
_TWICE = msgid("This file stands in the register already, as %(symbol)s.")


@dataclass(frozen=True)
class MadeReport:
    """A file that was made: of which agency and period, in which format and language, and its content."""

    agency_id: int
    period: Period
    format: str
    language: str
    file: str
    content: bytes
    figures: str


@dataclass(frozen=True)
class Issuance:
    """What an official enters: number with symbol, date, for whom, and of a correction what it replaces and changes."""

    symbol: str
    issued_on: dt.date
    edition: Edition
    replaces: int | None = None
    change: str = ""


@dataclass(frozen=True)
class RegisterRow:
    """An entry of the register, who entered it, the entry that took its place and the one whose place it took."""

    entry: IssuedReport
    by: str
    replaced_by: IssuedReport | None
    replaces: IssuedReport | None

    @property
    def period(self) -> Period:
        """Return the period that it is of."""
        return parse(self.entry.period_code, self.entry.period_basis)

    @property
    def current(self) -> bool:
        """Return whether nothing took its place."""
        return self.replaced_by is None


def sha256(content: bytes) -> bytes:
    """Return what tells a file from every other."""
    return hashlib.sha256(content).digest()


def issue(session: Session, report: MadeReport, issuance: Issuance, staff_id: int, when: dt.datetime) -> IssuedReport:
    """Enter a report that was issued, on record.

    Raises:
        Conflict: its period is open, its file is entered already, or what it replaces is another report or replaced.
    """
    if closed_period(session, report.period) is None:
        raise Conflict(_OPEN)
    digest = sha256(report.content)
    if (there := session.scalar(sa.select(IssuedReport.symbol).where(IssuedReport.sha256 == digest))) is not None:
        raise Conflict(_TWICE, symbol=there)
    if issuance.replaces is not None:
        _check_replaced(session, report, issuance)
    entry = IssuedReport(
        agency_id=report.agency_id,
        period_code=report.period.code,
        period_basis=str(report.period.basis),
        edition=issuance.edition,
        format=report.format,
        language=report.language,
        symbol=issuance.symbol,
        issued_on=issuance.issued_on,
        entered_at=when,
        staff_id=staff_id,
        file=report.file,
        sha256=digest,
        figures=report.figures,
        replaces_id=issuance.replaces,
        change=issuance.change if issuance.replaces is not None else None,
    )
    session.add(entry)
    session.flush()
    about = {"period": entry.period_code, "basis": entry.period_basis, "sha256": digest.hex()}
    named = {"edition": entry.edition.name.lower(), "format": entry.format, "language": entry.language}
    tell(session, EntryKind.REPORT, local_day(when), **about, **named)
    trail.append(session, staff_id, Act.REPORT_ISSUED, when, number=entry.id, **about)
    return entry


def entries(
    session: Session, agency_ids: Collection[int], start: int = 0, most: int | None = None
) -> list[RegisterRow]:
    """Return a page of the register of some agencies, what was entered last first."""
    own = IssuedReport.agency_id.in_(agency_ids)
    return _rows(session, (own,), start, most)


def number(session: Session, agency_ids: Collection[int]) -> int:
    """Return how many entries these agencies have."""
    own = IssuedReport.agency_id.in_(agency_ids)
    return session.scalar(sa.select(sa.func.count()).select_from(IssuedReport).where(own)) or 0


def replaceable(session: Session, report: MadeReport) -> list[RegisterRow]:
    """Return the current entries that a report could take the place of, the newest first."""
    return [row for row in _rows(session, _alike(report)) if row.current]


def with_figures(session: Session, digest: str) -> list[RegisterRow]:
    """Return the entries whose figures have a digest, the newest first."""
    return _rows(session, (IssuedReport.figures == digest,))


def with_file(session: Session, digest: bytes) -> list[RegisterRow]:
    """Return the entries of a file; at most one."""
    return _rows(session, (IssuedReport.sha256 == digest,))


def of_period(session: Session, period: Period, agency_code: str) -> list[RegisterRow]:
    """Return what an agency has issued of a period and nothing took the place of, the newest first."""
    issuer = IssuedReport.agency_id.in_(sa.select(Agency.id).where(Agency.code == agency_code))
    of = (IssuedReport.period_code == period.code, IssuedReport.period_basis == str(period.basis))
    return [row for row in _rows(session, (issuer, *of)) if row.current]


def first_days(session: Session, agency_id: int) -> dict[tuple[str, str], dt.date]:
    """Return by code and basis of each period the first day on which an agency issued a report of it."""
    issued = (IssuedReport.period_code, IssuedReport.period_basis, IssuedReport.issued_on)
    of = sa.select(*issued).where(IssuedReport.agency_id == agency_id).order_by(IssuedReport.issued_on.desc())
    return {(code, basis): day for code, basis, day in session.execute(of)}


def fault_of_day(issued_on: dt.date, period: Period, when: dt.datetime) -> str:
    """Return what is wrong with a date of issue, as a msgid; empty if nothing is.

    >>> fault_of_day(dt.date(2026, 11, 3), parse("2026-10"), dt.datetime(2026, 11, 4, tzinfo=dt.UTC))
    ''
    """
    if period.last < issued_on <= local_day(when):
        return ""
    return msgid("A report is issued after its period has ended, today at the latest.")


def _alike(report: MadeReport) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        IssuedReport.agency_id == report.agency_id,
        IssuedReport.period_code == report.period.code,
        IssuedReport.period_basis == str(report.period.basis),
        IssuedReport.format == report.format,
        IssuedReport.language == report.language,
    )


def _check_replaced(session: Session, report: MadeReport, issuance: Issuance) -> None:
    alike = (*_alike(report), IssuedReport.edition == issuance.edition, IssuedReport.id == issuance.replaces)
    if session.scalar(sa.select(IssuedReport.id).where(*alike)) is None:
        raise Conflict(_OTHER)
    later = sa.select(IssuedReport.id).where(IssuedReport.replaces_id == issuance.replaces)
    if session.scalar(later) is not None:
        raise Conflict(_REPLACED)


def _rows(
    session: Session, where: Sequence[sa.ColumnElement[bool]], start: int = 0, most: int | None = None
) -> list[RegisterRow]:
    later, earlier = sa.orm.aliased(IssuedReport), sa.orm.aliased(IssuedReport)
    query = (
        sa.select(IssuedReport, Staff.name, Staff.login, later, earlier)
        .join(Staff, Staff.id == IssuedReport.staff_id)
        .outerjoin(later, later.replaces_id == IssuedReport.id)
        .outerjoin(earlier, earlier.id == IssuedReport.replaces_id)
        .where(*where)
        .order_by(IssuedReport.id.desc())
        .offset(start)
        .limit(most)
    )
    return [
        RegisterRow(row, name or login, after, before) for row, name, login, after, before in session.execute(query)
    ]
