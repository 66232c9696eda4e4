"""The register of what people ask about their own data: each with the day by which it must be answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.i18n import msgid
from survey.models import PersonRequest, PersonRequestKind
from survey.organisation.working_days import working_days
from survey.periods import local_day
from survey.redaction import redact

MOST_SHOWN = 200
_NONE = msgid("There is no such request.")
_ANSWERED = msgid("This request has been answered already.")


@dataclass(frozen=True)
class NewRequest:
    """What is put into the register: what is asked for, when it came, and a note without names."""

    kind: PersonRequestKind
    received_on: dt.date
    note: str


def add(session: Session, new: NewRequest, days: int, staff_id: int, at: dt.datetime) -> int:
    """Put a request into the register, on record, and return its number; its note is redacted.

    It must be answered within so many working days after the one on which it came.
    """
    due_on = working_days(session).after(new.received_on, days)
    row = PersonRequest(kind=new.kind, received_on=new.received_on, due_on=due_on, note=redact(new.note).text)
    session.add(row)
    session.flush()
    trail.append(session, staff_id, Act.PERSON_REQUEST_ADDED, at, request=row.id, due=due_on.isoformat())
    return row.id


def answer(session: Session, number: int, outcome: str, staff_id: int, at: dt.datetime) -> None:
    """Note what became of a request, on record.

    Raises:
        NotFound: there is none with this number.
        Conflict: somebody has answered it already.
    """
    row = session.get(PersonRequest, number, with_for_update=True)
    if row is None:
        raise NotFound(_NONE)
    if row.answered_on is not None:
        raise Conflict(_ANSWERED)
    row.answered_on, row.outcome = local_day(at), redact(outcome).text
    trail.append(session, staff_id, Act.PERSON_REQUEST_ANSWERED, at, request=row.id)


def register(session: Session) -> tuple[Sequence[PersonRequest], Sequence[PersonRequest]]:
    """Return the open requests, the most urgent first, and the last ones that were answered."""
    query = sa.select(PersonRequest)
    waiting = query.where(PersonRequest.answered_on.is_(None)).order_by(PersonRequest.due_on, PersonRequest.id)
    answered = query.where(PersonRequest.answered_on.is_not(None))
    answered = answered.order_by(PersonRequest.answered_on.desc(), PersonRequest.id.desc()).limit(MOST_SHOWN)
    return session.scalars(waiting).all(), session.scalars(answered).all()


def answered_before(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a request was answered before the day of a moment."""
    return PersonRequest.answered_on < local_day(before)
