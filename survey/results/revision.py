"""At which revision the data stand: what differs as soon as a figure, or a name beside it, may."""

from __future__ import annotations

from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Case, ClosedPeriod, Installation, Invitation, Response

Revision: TypeAlias = tuple[int | None, ...]
ADDED = (Response, Case, Invitation, ClosedPeriod)
RECENT = 1000  # numbers before the newest whose rows may not be seen yet


def revision(session: Session) -> Revision:
    """Return the revision of the data that this session sees.

    Answers, cases, invitations and closings are added: the newest of each tells (replacing an answer adds one),
    and how many of the numbers before it are there, because PostgreSQL gives a number out before its row can be seen.
    Agencies, procedures, questionnaires and reported cases are changed in place: who does, raises the number that the
    installation keeps (`agencies.revise`).
    """
    numbers: list[sa.ScalarSelect[Any]] = [sa.select(Installation.revision).scalar_subquery()]
    for table in ADDED:
        newest = sa.select(sa.func.max(table.id)).scalar_subquery()
        there = sa.select(sa.func.count()).where(table.id > newest - RECENT).scalar_subquery()
        numbers += [newest, there]
    return tuple(session.execute(sa.select(*numbers)).one())
