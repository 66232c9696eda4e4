"""What is compared between a database and its backup: rows of each table, and digests of what must never change."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.i18n import msgid
from survey.ledger import merkle, tree
from survey.models import ClosedPeriod
from survey.results import closing

OTHER = msgid("“%(name)s” is not as in the backup. Do not use this database; restore another backup into a new one.")


def rows(session: Session) -> dict[str, int]:
    """Return how many rows each table has, of whichever version of the schema."""
    names = sorted(sa.inspect(session.connection()).get_table_names())
    count = sa.func.count()
    return {name: session.scalar(sa.select(count).select_from(sa.table(name))) or 0 for name in names}


def closed_periods(session: Session) -> dict[str, str]:
    """Return the digest of all that was frozen with each closed period, as reports of it rest on it."""
    periods = session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.id)).all()
    return {f"{period.code} {period.basis}": closing.digest(session, period) for period in periods}


def ledger(session: Session) -> dict[str, str]:
    """Return the root of the ledger, by its size: what was restored is the same ledger, or an other one."""
    size = tree.size(session)
    return {f"ledger {size}": merkle.root(size, tree.reader(session)).hex()} if size else {}


# Whatever else must be in a backup unchanged adds its digests here, by names that are its own.
EVIDENCE: tuple[Callable[[Session], dict[str, str]], ...] = (closed_periods, ledger)


def digests(session: Session) -> dict[str, str]:
    """Return all digests of a database that has this program's schema, by name."""
    return {name: digest for evidence in EVIDENCE for name, digest in evidence(session).items()}


def check_same(then: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Refuse a database that does not hold what its backup did.

    Raises:
        Conflict: names the first table or digest that differs.
    """
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            raise Conflict(OTHER, name=name)
