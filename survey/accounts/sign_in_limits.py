"""How often somebody may be wrong when signing in: counted in the database, so for all processes together.

A stranger is slowed by login and address together, so that nobody can lock a person out from elsewhere; by address, in
a quarter of an hour and in a day, so that trying one password on many logins does not pay; and by login over all
addresses, at NIST's limit (SP 800-63B-4, section 3.2.2: at most 100 wrong tries in a row). A browser in which the
person has signed in before is counted apart from all strangers, as OWASP's "device cookies" are. A login that nobody
has is counted like any other. Codes of a second factor are counted apart from passwords and in the same way, but over
all browsers too: six digits are soon guessed, and whoever tries them knows the password.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from survey.accounts.logins import login_key
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import TooManyTries
from survey.models import SignInFailure, Staff
from survey.security.tokens import keyed

SHORT, DAY = dt.timedelta(minutes=15), dt.timedelta(days=1)
PAIR, BROWSER, ADDRESS, LOGIN = 5, 10, 30, 100  # wrong tries until the next one has to wait
ADDRESS_DAY = 150  # what an address may be wrong in a day; who turns out to be right is not counted
_TABLE = cast("sa.Table", SignInFailure.__table__)
_C = _TABLE.c


def _counting() -> postgresql.Insert:
    insert = postgresql.insert(_TABLE)
    over = _C.until <= insert.excluded.since
    return insert.on_conflict_do_update(
        index_elements=["who"],
        set_={
            "number": sa.case((over, 1), else_=_C.number + 1),
            "since": sa.case((over, insert.excluded.since), else_=_C.since),
            "until": sa.case((over, insert.excluded.until), else_=_C.until),
        },
    )


_COUNT = _counting().returning(_C.number, _C.until)


@dataclass(frozen=True)
class Limit:
    """One count: of whom, up to how many, for how long."""

    who: bytes
    most: int
    lasts: dt.timedelta
    login: bytes | None = None
    address: bytes | None = None


@dataclass(frozen=True)
class Visitor:
    """Who tries to sign in: from which address, and in which browser if this login has been signed in there before."""

    address: str
    browser: str | None = None
    device: str = ""  # what browser it is, in a few words, for the list of sessions


def limits_of(secret: str, login: str, visitor: Visitor) -> tuple[Limit, ...]:
    """Return what a try of a password counts towards."""
    name = login_key(login)
    hashed = _hash(secret, "login", name)
    if visitor.browser is not None:
        return (Limit(_hash(secret, "browser", name, visitor.browser), BROWSER, SHORT, hashed),)
    place = _network(visitor.address)
    address = _hash(secret, "address", place)
    return (
        Limit(_hash(secret, "pair", name, place), PAIR, SHORT, hashed, address),
        Limit(address, ADDRESS, SHORT, None, address),
        Limit(_hash(secret, "address of a day", place), ADDRESS_DAY, DAY, None, address),
        Limit(hashed, LOGIN, DAY, hashed),
    )


def code_limits(secret: str, login: str, visitor: Visitor) -> tuple[Limit, ...]:
    """Return what a try of a second factor's code counts towards."""
    name, place = login_key(login), visitor.browser or _network(visitor.address)
    hashed, most = _hash(secret, "login", name), PAIR if visitor.browser is None else BROWSER
    return (
        Limit(_hash(secret, "code pair", name, place), most, SHORT, hashed),
        Limit(_hash(secret, "code", name), LOGIN, DAY, hashed),
    )


def once(secret: str, name: str, lasts: dt.timedelta) -> tuple[Limit, ...]:
    """Return the limit of something that is good for one try only, whatever comes of it."""
    return (Limit(_hash(secret, "once", name), 1, lasts),)


def check(session: Session, limits: Sequence[Limit], at: dt.datetime) -> None:
    """Look, without counting, whether another try is allowed.

    Raises:
        TooManyTries: not yet.
    """
    rows = {
        row.who: row
        for row in session.execute(
            sa.select(_C.who, _C.number, _C.until).where(_C.who.in_([limit.who for limit in limits]), _C.until > at)
        )
    }
    ends = [rows[limit.who].until for limit in limits if limit.who in rows and rows[limit.who].number >= limit.most]
    if ends:
        raise _wait(max(ends), at)


def count(session: Session, limits: Sequence[Limit], at: dt.datetime) -> bool:
    """Count a try before it is judged, so that many at once are not judged by one count; commit at once.

    Returns whether it was the last one for now, if it turns out to be wrong.

    Raises:
        TooManyTries: others were faster; nothing is counted if this is rolled back.
    """
    last = False
    for limit in limits:
        row = session.execute(
            _COUNT,
            {
                "who": limit.who,
                "login": limit.login,
                "address": limit.address,
                "number": 1,
                "since": at,
                "until": at + limit.lasts,
            },
        ).one()
        if row.number > limit.most:
            raise _wait(row.until, at)
        last = last or row.number == limit.most
    return last


def forget(session: Session, limits: Sequence[Limit]) -> None:
    """Take back what `count` counted, for the password was right; an account's own counts begin anew."""
    own = [limit.who for limit in limits if limit.login is not None]
    session.execute(sa.delete(_TABLE).where(_C.who.in_(own)))
    shared = [limit.who for limit in limits if limit.login is None]
    session.execute(sa.update(_TABLE).where(_C.who.in_(shared)).values(number=_C.number - 1))


def unlock(session: Session, secret: str, account: Staff, at: dt.datetime, staff_id: int | None = None) -> None:
    """Let everybody try this account again, and the addresses from which it was tried; on record."""
    hashed = _hash(secret, "login", account.login_key)
    addresses = sa.select(_C.address).where(_C.login == hashed, _C.address.is_not(None)).scalar_subquery()
    session.execute(sa.delete(_TABLE).where(_C.login.is_(None), _C.address.in_(addresses)))
    session.execute(sa.delete(_TABLE).where(_C.login == hashed))
    trail.append(session, staff_id, Act.SESSION_UNLOCKED, at, staff=account.id)


@dataclass(frozen=True)
class Stopped:
    """An account at which somebody has to wait: everybody who is new, or some of those who tried."""

    account: Staff
    everybody: bool
    until: dt.datetime


def stopped(session: Session, secret: str, at: dt.datetime) -> list[Stopped]:
    """Return the accounts at which somebody has to wait at this moment, by login."""
    rows = session.execute(
        sa.select(_C.who, _C.login, _C.number, _C.until).where(_C.login.is_not(None), _C.until > at, _C.number >= PAIR)
    ).all()
    if not rows:
        return []
    accounts = {_hash(secret, "login", one.login_key): one for one in session.scalars(sa.select(Staff))}
    codes = {_hash(secret, "code", one.login_key) for one in accounts.values()}
    ends: dict[bytes, tuple[bool, dt.datetime]] = {}
    for row in rows:
        overall = row.who == row.login or row.who in codes
        if row.login not in accounts or (overall and row.number < LOGIN):
            continue
        everybody, until = ends.get(row.login, (False, row.until))
        ends[row.login] = (everybody or overall, max(until, row.until))
    waiting = [Stopped(accounts[login], everybody, until) for login, (everybody, until) in ends.items()]
    return sorted(waiting, key=lambda one: one.account.login_key)


def _wait(until: dt.datetime, at: dt.datetime) -> TooManyTries:
    seconds = max(1, int((until - at).total_seconds()) + 1)
    return TooManyTries(
        "Too many wrong tries from here. Please wait %(minutes)s minutes, or ask an administrator of the province to "
        "unlock your account.",
        retry_after=seconds,
        minutes=-(-seconds // 60),
    )


def _hash(secret: str, *parts: str) -> bytes:
    return keyed(secret, "sign-in", *parts)[:16]


def _network(address: str) -> str:
    """Return what is one visitor's: an IPv4 address, or the /64 of an IPv6 one.

    >>> _network("203.0.113.7"), _network("2001:db8::1:2:3:4"), _network("::ffff:203.0.113.7"), _network("")
    ('203.0.113.7', '2001:db8::/64', '203.0.113.7', '')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
