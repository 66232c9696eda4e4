"""Of which agencies whoever is at work may see rows, as PostgreSQL holds every statement of officials' pages to it.

It is the second wall: pages ask for their own agencies' rows anyhow, and one that forgets to gets no other ones. The
wall stands where a login of its own is used (`survey.db.logins`); there a transaction that does not say of which
agencies it is sees nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SETTING = "hailong.agencies"
EVERYTHING = "{0}"  # no agency has this number
NOTHING = "{}"


_agencies: ContextVar[str] = ContextVar("agencies seen", default=EVERYTHING)


def seen() -> str:
    """Return of which agencies rows may be seen here and now, as an array of PostgreSQL.

    Commands and background work see everything.

    >>> seen()
    '{0}'
    """
    return _agencies.get()


@contextmanager
def seeing_nothing() -> Iterator[None]:
    """See no rows of any agency within a block, until `see` says of which."""
    before = _agencies.set(NOTHING)
    try:
        yield
    finally:
        _agencies.reset(before)


def see(agencies: Iterable[int] | None) -> None:
    """See the rows of these agencies from the next transaction on, or all; whoever sees everything goes on so.

    >>> with seeing_nothing():
    ...     see([3, 1])
    ...     seen()
    '{1,3}'
    """
    if seen() != EVERYTHING:
        _agencies.set(EVERYTHING if agencies is None else f"{{{','.join(map(str, sorted(agencies)))}}}")
