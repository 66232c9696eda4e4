"""What belongs to the request in hand: for whom its address is, its settings and its one database session."""

from __future__ import annotations

import enum

from flask import g, request
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.results.scope import Standard, standard_of
from survey.settings import Settings
from survey.web.survey import this_survey

FARTHEST = 100_000  # pages
DIGITS = 19  # as many have the numbers from 10^18 on, some of which no database gives to a row
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Audience(enum.Enum):
    """For whom an address is: this decides how it looks, in which language it answers and who may open it."""

    EVERYBODY = enum.auto()
    STAFF = enum.auto()
    PROGRAMS = enum.auto()


ACCOUNTS = "alerts"  # pages for everybody who holds a link that was sent to an official: they change the account
OWN = {"staff": Audience.STAFF, "api": Audience.PROGRAMS}  # by the first part of an address


def audience(path: str | None = None) -> Audience:
    """Return for whom an address is; without a path, the one that was asked for.

    >>> audience("/staff/account"), audience("/staffing"), audience("/api")
    (<Audience.STAFF: 2>, <Audience.EVERYBODY: 1>, <Audience.PROGRAMS: 3>)
    """
    return OWN.get((request.path if path is None else path)[1:].partition("/")[0], Audience.EVERYBODY)


def settings() -> Settings:
    """Return the settings of the application in use."""
    return this_survey().settings


def cookie_name(name: str) -> str:
    """Return a cookie's name as browsers see it: with https they insist themselves on its host, path and safe way."""
    return f"__Host-{name}" if settings().secure else name


def standard() -> Standard:
    """Return the target and the confidence by which this installation judges."""
    return standard_of(settings())


def page_asked() -> int:
    """Return which page of a list is asked for, from 0 on: the first one where the address says none that can be."""
    return min(max(number_asked("page"), 1), FARTHEST) - 1


def number_asked(name: str) -> int:
    """Return the number that the address gives a name; 0 where it gives none, or a greater one than rows have."""
    return whole_number(request.args.get(name, "")) or 0


def whole_number(typed: str) -> int | None:
    """Return the number that an address or a form gives; None if it gives none, or a greater one than rows have.

    >>> whole_number("12"), whole_number("-1"), whole_number("٣"), whole_number("9" * DIGITS)
    (12, None, None, None)
    """
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < DIGITS else None


def session() -> Session:
    """Return this request's database session; only a request that may change something can write.

    All that any other request reads in it is of one moment, until `finish_reading`.
    """
    if "session" not in g:
        g.session = _database().session(writes=request.method not in READS)
    opened: Session = g.session
    return opened


def finish_reading() -> None:
    """End the transaction in which this request has read: nobody waits for it while what was read is drawn."""
    session().close()


def reading() -> Session:
    """Open a session of its own that only reads; the caller closes it."""
    return _database().session(writes=False)


def _database() -> Database:
    """Return the database by the login of those for whom the address is."""
    database, everybody = this_survey().database, audience() is Audience.EVERYBODY
    return database.citizens if everybody and not request.path.startswith(f"/{ACCOUNTS}/") else database
