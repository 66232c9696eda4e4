"""The record of who did what, as it is read: newest first, by act, person, agency and day; nothing of it changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.models import AuditEntry, Staff


@dataclass(frozen=True)
class TrailFilter:
    """Which entries are looked for; what is None is not asked about.

    `agencies`: of accounts that stand there today; None is everything, also what the machine did by itself. `people`
    are accounts. `since` and `until` are moments, the second not included.
    """

    agencies: frozenset[int] | None = None
    act: Act | None = None
    people: frozenset[int] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class TrailEntry:
    """One entry: when, what, by whom (None: a command or the machine itself), about what."""

    id: int
    at: dt.datetime
    act: str
    staff_id: int | None
    name: str
    login: str
    agency_id: int | None
    about: dict[str, Any]


def entries(session: Session, wanted: TrailFilter, first: int, most: int) -> list[TrailEntry]:
    """Return some of the entries that are looked for, newest first, from the `first` one on (from 0)."""
    rows = session.execute(
        _matching(
            wanted,
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.act,
            AuditEntry.staff_id,
            Staff.name,
            Staff.login,
            Staff.agency_id,
            AuditEntry.about,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .offset(first)
        .limit(most)
    )
    return [
        TrailEntry(key, at, act, staff_id, name or login or "", login or "", agency_id, about)
        for key, at, act, staff_id, name, login, agency_id, about in rows
    ]


def number(session: Session, wanted: TrailFilter) -> int:
    """Return how many entries are looked for."""
    return session.scalar(_matching(wanted, sa.func.count(AuditEntry.id))) or 0


def act_of(spelling: str) -> Act | None:
    """Return the act of a spelling; None of one that this version does not know."""
    return _ACTS.get(spelling)


_ACTS: Mapping[str, Act] = {act.value: act for act in Act}


def _matching(wanted: TrailFilter, *columns: Any) -> sa.Select[Any]:
    chosen = sa.select(*columns).select_from(AuditEntry).outerjoin(Staff, Staff.id == AuditEntry.staff_id)
    if wanted.agencies is not None:
        chosen = chosen.where(Staff.agency_id.in_(wanted.agencies))
    if wanted.act is not None:
        chosen = chosen.where(AuditEntry.act == wanted.act.value)
    if wanted.people is not None:
        chosen = chosen.where(AuditEntry.staff_id.in_(wanted.people))
    if wanted.since is not None:
        chosen = chosen.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        chosen = chosen.where(AuditEntry.at < wanted.until)
    return chosen
