"""Withdrawn cases: nobody is asked about one; an answer that was given before counts on, so withdrawing moves no rate.

A withdrawal holds from the moment at which it was recorded until the portal gives the case back. Whether a withdrawn
case belongs to what was finished is decided here, for every count: it does if it was rated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.db.slices import rows_in
from survey.models import Invitation, Response, Withdrawal


@dataclass(frozen=True)
class Informant:
    """Who told of cases, and when: by an API key, or by a file, which perhaps a job of an account imports."""

    when: dt.datetime
    staff_id: int | None = None
    api_key: int | None = None
    job: int | None = None

    @property
    def about(self) -> dict[str, int]:
        """Return what the record of who did what says of the way by which it came."""
        ways = {"api_key": self.api_key, "job": self.job}
        return {name: number for name, number in ways.items() if number is not None}


def holding(at: Any = None) -> sa.ColumnElement[bool]:
    """Return the condition that a withdrawal holds, now or at a moment (a value, or a parameter of that type)."""
    if at is None:
        return Withdrawal.restored_at.is_(None)
    return sa.and_(Withdrawal.recorded_at <= at, sa.or_(Withdrawal.restored_at.is_(None), Withdrawal.restored_at > at))


def withdrawn(case_id: Any, at: Any = None) -> sa.ColumnElement[bool]:
    """Return the condition that the case with this id (a column) is withdrawn, now or at a moment."""
    return sa.exists().where(Withdrawal.case_id == case_id, holding(at))


def withdrawal_of(case_id: Any, at: Any = None) -> sa.ColumnElement[bool]:
    """Return the condition by which to join to each case the withdrawal of it that holds, at most one."""
    return sa.and_(Withdrawal.case_id == case_id, holding(at))


def answered_case() -> sa.ColumnElement[bool]:
    """Return whether a case was rated: an answer that counts names it, or its link was used.

    For statements that join each case its invitation, and the answer that counts for it.
    """
    return sa.or_(Response.id.is_not(None), Invitation.used.is_(sa.true()))


def left_out() -> sa.ColumnElement[bool]:
    """Return whether a case belongs to nothing that is counted: withdrawn and not rated.

    For statements that join `withdrawal_of` each case, its invitation, and the answer that counts for it.
    """
    return sa.and_(Withdrawal.id.is_not(None), sa.not_(answered_case()))


def change(session: Session, days: Mapping[int, dt.date | None], informant: Informant) -> None:
    """Record on which day cases were withdrawn, by their ids, or that they are not (any more); each on record.

    Only cases for which that differs from what was recorded before are to be handed over.
    """
    when = informant.when
    ended = sa.update(Withdrawal).where(Withdrawal.restored_at.is_(None)).values(restored_at=when)
    held = rows_in(session, sa.select(Withdrawal.id).where(Withdrawal.restored_at.is_(None)), Withdrawal.case_id, days)
    for row in list(held):
        session.execute(ended.where(Withdrawal.id == row.id))
    rows = [
        {"case_id": case_id, "withdrawn_on": day, "recorded_at": when}
        for case_id, day in days.items()
        if day is not None
    ]
    if rows:
        session.execute(sa.insert(Withdrawal), rows)
    for case_id, day in days.items():
        about = {"case": case_id, **informant.about}
        if day is None:
            trail.append(session, informant.staff_id, Act.CASE_RESTORED, when, **about)
        else:
            trail.append(session, informant.staff_id, Act.CASE_WITHDRAWN, when, **about, day=day.isoformat())
