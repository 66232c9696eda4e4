"""Keys of programs that use the API: shown once, kept as a hash, bound to scopes and one agency's subtree."""

from __future__ import annotations

import datetime as dt
import enum
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, KeyRefused, NotFound
from survey.i18n import msgid, nfc
from survey.models import ApiKey
from survey.periods import local_day
from survey.security.tokens import token_hash

SHAPE = re.compile(r"hl_[A-Za-z0-9_-]{43}")
NAME = 80
LONGEST_OVERLAP = dt.timedelta(days=366)


class KeyScope(enum.StrEnum):
    """What a key may do."""

    ANSWERS_WRITE = "answers:write"
    CASES_WRITE = "cases:write"
    COUNTS_READ = "counts:read"


@dataclass(frozen=True)
class Holder:
    """Whose key a request carries, and what it may do."""

    id: int
    name: str
    scopes: frozenset[str]
    agency_id: int
    last_used_day: dt.date | None


_REFUSED = msgid(
    "Send a valid API key in the header “Authorization: Bearer …”. This one is missing, unknown or revoked."
)


def add(
    session: Session,
    name: str,
    scopes: Iterable[KeyScope],
    agency_id: int,
    when: dt.datetime,
    staff_id: int | None = None,
) -> str:
    """Add a key and return it; this is the only time that it is known. Without `staff_id` the machine adds it.

    Raises:
        Conflict: the name is empty, too long, or was used before.
    """
    name = nfc(name)
    if not 0 < len(name) <= NAME:
        raise Conflict("Give the key a name of at most %(most)s characters.", most=NAME)
    if session.scalar(sa.select(ApiKey.id).where(ApiKey.name == name)) is not None:
        raise Conflict("There was a key named %(name)s before. Choose another name.", name=name)
    key = f"hl_{secrets.token_urlsafe(32)}"
    held = sorted(set(scopes))
    session.add(ApiKey(name=name, key_hash=token_hash(key), scopes=held, agency_id=agency_id, created_at=when))
    trail.append(session, staff_id, Act.API_KEY_ADDED, when, name=name, agency=agency_id, scopes=" ".join(held))
    return key


def renew(session: Session, name: str, until: dt.date, when: dt.datetime) -> str:
    """Give a program a new key and return it, once; the one before is good beside it to the end of the day `until`.

    A key from before that one ends at once: there are never more than two.

    Raises:
        NotFound: there is none of that name in use.
        Conflict: the day is past, or more than a year away.
    """
    held = session.scalar(sa.select(ApiKey).where(ApiKey.name == nfc(name), ApiKey.revoked_at.is_(None)))
    if held is None:
        raise NotFound("There is no key named %(name)s in use.", name=name[:NAME])
    if not local_day(when) <= until <= local_day(when) + LONGEST_OVERLAP:
        raise Conflict("The day until which the key before is good must be today or later, within a year.")
    key = f"hl_{secrets.token_urlsafe(32)}"
    held.former_hash, held.former_until, held.key_hash = held.key_hash, until, token_hash(key)
    trail.append(session, None, Act.API_KEY_RENEWED, when, name=held.name, until=until.isoformat())
    return key


def revoke(session: Session, name: str, when: dt.datetime, staff_id: int | None = None) -> None:
    """End a key at once, and the one before it; revoking it again changes nothing.

    Raises:
        NotFound: there is none of that name.
    """
    held = session.scalar(sa.select(ApiKey).where(ApiKey.name == nfc(name)))
    if held is None:
        raise NotFound("There is no key named %(name)s.", name=name[:NAME])
    if held.revoked_at is None:
        held.revoked_at = when
        trail.append(session, staff_id, Act.API_KEY_REVOKED, when, name=held.name)


def name_of(session: Session, number: int) -> str:
    """Return what a key is called.

    Raises:
        NotFound: there is none of that number.
    """
    held = session.get(ApiKey, number)
    if held is None:
        raise NotFound("There is no such key.")
    return held.name


def listed(session: Session) -> list[ApiKey]:
    """Return every key there was, by name."""
    return list(session.scalars(sa.select(ApiKey).order_by(ApiKey.name)))


def find(session: Session, presented: str, today: dt.date) -> Holder:
    """Return whose key this is.

    Raises:
        KeyRefused: it is none of ours, it was revoked, or its days beside a new one are over; nobody can tell which.
    """
    row = None
    if SHAPE.fullmatch(presented):
        shown = token_hash(presented)
        former = sa.and_(ApiKey.former_hash == shown, ApiKey.former_until >= today)
        sought = sa.select(ApiKey).where(sa.or_(ApiKey.key_hash == shown, former), ApiKey.revoked_at.is_(None))
        row = session.scalar(sought)
    if row is None:
        raise KeyRefused(_REFUSED)
    return Holder(row.id, row.name, frozenset(row.scopes), row.agency_id, row.last_used_day)


def record_use(session: Session, key_id: int, day: dt.date) -> None:
    """Record the day on which a key was last used: enough to find keys that nobody needs."""
    session.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(last_used_day=day))
