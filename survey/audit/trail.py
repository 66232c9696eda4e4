"""The record of who did what: appended, never changed."""

from __future__ import annotations

import datetime as dt
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.logs import request_id
from survey.models import AuditEntry


def append(session: Session, staff_id: int | None, act: Act, at: dt.datetime, **about: str | int) -> None:
    """Add one entry; `about` holds codes and numbers, never what somebody typed, unless it is redacted."""
    # By which the log knows what an official did; no entry of a citizen's look leads to a line of a proxy's log.
    request = (request_id() or None) if staff_id is not None else None
    session.add(AuditEntry(at=at, staff_id=staff_id, act=act.value, about=about, request_id=request))


def append_of_command(session: Session, act: Act, at: dt.datetime, **about: str | int) -> None:
    """Add one entry of the machine's to a database that may be of an older version, as a backup of one is.

    It names only the columns that there have always been.
    """
    entry = {"at": at, "staff_id": None, "act": act.value, "about": about}
    session.execute(sa.insert(cast("sa.Table", AuditEntry.__table__)), entry)
