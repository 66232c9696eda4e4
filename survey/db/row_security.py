"""Of which agencies whoever is at work may see rows, as PostgreSQL holds every statement of officials' pages to it.

It is the second wall: pages ask for their own agencies' rows anyhow, and one that forgets to gets no other ones. The
wall stands where a login of its own is used (`survey.db.logins`); there a transaction that does not say of which
agencies it is sees nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

SETTING = "hailong.agencies"
EVERYTHING = "{0}"  # no agency has this number
NOTHING = "{}"


@dataclass
class Sight:
    """Of which agencies rows are seen, as an array of PostgreSQL; it widens once it is clear who is at work."""

    agencies: str = EVERYTHING


_in_force: ContextVar[Sight] = ContextVar("sight", default=Sight())  # noqa: B039 - only `seeing_nothing` gives another


def seen() -> str:
    """Return of which agencies rows may be seen here and now: commands and background work see everything."""
    return _in_force.get().agencies


@contextmanager
def seeing_nothing() -> Iterator[None]:
    """See no rows of any agency within a block, until `see` says of which."""
    before = _in_force.set(Sight(NOTHING))
    try:
        yield
    finally:
        _in_force.reset(before)


def see(agencies: Iterable[int] | None) -> None:
    """See the rows of these agencies from the next transaction on, or all; whoever sees everything goes on so.

    >>> with seeing_nothing():
    ...     see([3, 1])
    ...     seen()
    '{1,3}'
    """
    sight = _in_force.get()
    if sight.agencies != EVERYTHING:
        sight.agencies = EVERYTHING if agencies is None else f"{{{','.join(map(str, sorted(agencies)))}}}"
