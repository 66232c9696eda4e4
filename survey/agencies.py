"""The dated tree of agencies: who stands below whom on a day, and under which name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import NotFound
from survey.i18n import sort_key, text
from survey.models import Agency, Installation, Procedure


@dataclass(frozen=True)
class Tree:
    """All agencies, with the children of each."""

    agencies: dict[int, Agency]
    children: dict[int | None, tuple[int, ...]] = field(repr=False)

    def subtree(self, agency_id: int) -> Iterator[int]:
        """Yield an agency and everything below it."""
        yield agency_id
        for child in self.children.get(agency_id, ()):
            yield from self.subtree(child)

    def within(self, agency_id: int, scope_id: int) -> bool:
        """Say whether an agency is `scope_id` or stands below it."""
        at: int | None = agency_id
        while at is not None:
            if at == scope_id:
                return True
            at = self.agencies[at].parent_id if at in self.agencies else None
        return False

    def unit_of(self, agency_id: int) -> dict[int, int]:
        """Map every agency of a subtree to the direct child it belongs to (the agency itself to itself)."""
        units = {agency_id: agency_id}
        for child in self.children.get(agency_id, ()):
            units.update(dict.fromkeys(self.subtree(child), child))
        return units

    def path(self, agency_id: int) -> list[Agency]:
        """Return the agencies from the root down to this one."""
        line: list[Agency] = []
        at: int | None = agency_id
        while at is not None:
            line.insert(0, self.agencies[at])
            at = self.agencies[at].parent_id
        return line


def tree(session: Session) -> Tree:
    """Return the whole tree, children in Vietnamese order of their names within each level."""
    agencies = {agency.id: agency for agency in session.scalars(sa.select(Agency))}
    grouped: dict[int | None, list[Agency]] = {}
    for agency in agencies.values():
        grouped.setdefault(agency.parent_id, []).append(agency)
    children = {
        parent: tuple(a.id for a in sorted(group, key=lambda a: (a.level, sort_key(text(a.name, "vi")))))
        for parent, group in grouped.items()
    }
    return Tree(agencies, children)


def by_code(session: Session, code: str, day: dt.date | None = None) -> Agency:
    """Return the agency with this code on that day (without a day: the newest).

    Raises:
        NotFound: there is none.
    """
    found = sa.select(Agency).where(Agency.code == code).order_by(Agency.valid_from.desc())
    if day is not None:
        found = found.where(Agency.valid_from <= day, sa.or_(Agency.valid_to.is_(None), Agency.valid_to >= day))
    agency = session.scalars(found).first()
    if agency is None:
        raise NotFound("There is no agency with the code %(code)s.", code=code[:40])
    return agency


def root(session: Session) -> Agency:
    """Return the province that this installation serves."""
    return by_code(session, installation(session).root_code)


def installation(session: Session) -> Installation:
    """Return the row that says whose survey this is.

    Raises:
        NotFound: nothing has been set up yet.
    """
    found = session.get(Installation, 1)
    if found is None:
        raise NotFound("This survey has not been set up yet.")
    return found


def procedures(session: Session) -> dict[int, Procedure]:
    """Return every procedure by its id."""
    return {procedure.id: procedure for procedure in session.scalars(sa.select(Procedure))}
