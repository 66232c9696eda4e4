"""The dated tree of agencies: who stands below whom on a day, under which name, and who took over from whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import NotFound
from survey.i18n import nfc, sort_key, text
from survey.models import Agency, Installation, Texts


@dataclass(frozen=True)
class Tree:
    """The agencies as they stand on a day, with the children of each; without a day, each where it was entered.

    `shown_in` maps an agency that had ended by that day to the successor that shows its figures, and `predecessors`
    the other way. One that ended without a successor stays where it stood, so that no answer drops out.
    """

    day: dt.date | None
    agencies: dict[int, Agency]
    children: dict[int | None, tuple[int, ...]] = field(repr=False)
    parents: dict[int, int | None] = field(repr=False)
    shown_in: dict[int, int] = field(repr=False)
    predecessors: dict[int, tuple[int, ...]] = field(repr=False)

    def subtree(self, agency_id: int) -> Iterator[int]:
        """Yield an agency, everything below it, and the predecessors whose figures they show."""
        yield agency_id
        yield from self.predecessors.get(agency_id, ())
        for child in self.children.get(agency_id, ()):
            yield from self.subtree(child)

    def within(self, agency_id: int, scope_id: int) -> bool:
        """Return whether an agency is `scope_id` under any name, stands below it or was taken over by one that does.

        One that was split was taken over by each of its parts.
        """
        scopes, seen, ahead = set(self._same_code(scope_id)), set[int](), [agency_id]
        while ahead:
            at = ahead.pop()
            if at in scopes:
                return True
            if at not in seen and at in self.agencies:
                seen.add(at)
                ahead += [i for i in (self.agencies[at].parent_id, self.agencies[at].successor_id) if i is not None]
                ahead += self._parts(at)
        return False

    def unit_of(self, agency_id: int) -> dict[int, int]:
        """Map every agency of a subtree to the direct child it belongs to (the agency itself to itself)."""
        units = dict.fromkeys((agency_id, *self.predecessors.get(agency_id, ())), agency_id)
        for child in self.children.get(agency_id, ()):
            units.update(dict.fromkeys(self.subtree(child), child))
        return units

    def path(self, agency_id: int) -> list[Agency]:
        """Return the agencies from the root down to this one."""
        line: list[Agency] = []
        at: int | None = agency_id
        while at is not None:
            line.insert(0, self.agencies[at])
            at = self.parents[at]
        return line

    def named_now(self, agency_id: int) -> Agency:
        """Return the row that carries an agency's name on this tree's day: the same code, perhaps renamed since."""
        same = [i for i in self._same_code(agency_id) if i not in self.shown_in]
        return self.agencies[same[0] if same else agency_id]

    def showing(self, agency_id: int) -> Tree:
        """Return the tree in which an agency's figures are shown on this tree's day.

        For an agency that began later it is the tree of its first day: its predecessors are rolled up in it. For one
        that had ended by then it is the tree without a day, in which it still stands for itself.
        """
        first = self.agencies[agency_id].valid_from
        begun = self if self.day is None or first <= self.day else tree_of(self.agencies, first)
        return begun if agency_id not in begun.shown_in else tree_of(self.agencies, None)

    def _parts(self, agency_id: int) -> list[int]:
        """Return what came out of an agency that was split; none of them shows its figures, but each may see them."""
        one = self.agencies[agency_id]
        if one.valid_to is None or one.successor_id is not None:
            return []
        return [key for key, other in self.agencies.items() if other.split_from_id == agency_id]

    def _same_code(self, agency_id: int) -> list[int]:
        line, at = [agency_id], self.agencies[agency_id].successor_id
        while at is not None and at not in line and self.agencies[at].code == self.agencies[agency_id].code:
            line.append(at)
            at = self.agencies[at].successor_id
        return line


def tree(session: Session, day: dt.date | None = None) -> Tree:
    """Return the tree as it stands on a day, children in Vietnamese order of their names within each level.

    With a day, an agency that ended before it is shown in its successor (or that one's, and so on), and children of a
    parent that was renamed or merged stand below the one that took over. Without a day nobody is shown in another.
    """
    return tree_of({agency.id: agency for agency in session.scalars(sa.select(Agency))}, day)


def tree_for(session: Session, agency_id: int, day: dt.date) -> Tree:
    """Return the tree in which an agency's figures are shown on a day (`Tree.showing`)."""
    return tree(session, day).showing(agency_id)


def tree_of(agencies: dict[int, Agency], day: dt.date | None) -> Tree:
    """Return the tree that these agencies make on a day."""
    ends = {key: _shown_in(agencies, key, day) if day else key for key in agencies}
    shown_in = {key: end for key, end in ends.items() if end != key}
    parents = {key: _parent(agencies, key, ends) for key in agencies if key not in shown_in}
    grouped: dict[int | None, list[Agency]] = {}
    for key, parent in parents.items():
        grouped.setdefault(parent, []).append(agencies[key])
    children = {
        parent: tuple(a.id for a in sorted(group, key=lambda a: (a.level, sort_key(text(a.name, "vi")))))
        for parent, group in grouped.items()
    }
    predecessors: dict[int, tuple[int, ...]] = {}
    for key, end in shown_in.items():
        predecessors[end] = (*predecessors.get(end, ()), key)
    return Tree(day, agencies, children, parents, shown_in, predecessors)


def _shown_in(agencies: Mapping[int, Agency], key: int, day: dt.date) -> int:
    line = [key]
    while (until := agencies[line[-1]].valid_to) is not None and until < day:
        successor = agencies[line[-1]].successor_id
        if successor is None:
            break
        if successor in line:
            return key
        line.append(successor)
    return line[-1]


def _parent(agencies: Mapping[int, Agency], key: int, ends: Mapping[int, int]) -> int | None:
    above = agencies[key].parent_id
    while above is not None and ends[above] == key:  # it took over from its own parent
        above = agencies[above].parent_id
    return None if above is None else ends[above]


def in_circles(agencies: dict[int, Agency]) -> set[int]:
    """Return the agencies that would, on some day, stand below themselves."""
    ends = {one.valid_to + dt.timedelta(days=1) for one in agencies.values() if one.valid_to}
    caught: set[int] = set()
    for day in (None, *sorted(ends)):
        parents = tree_of(agencies, day).parents
        caught |= {number for number in parents if number not in caught and _circles(parents, number)}
    return caught


def _circles(parents: Mapping[int, int | None], start: int) -> bool:
    at = parents[start]
    for _ in parents:
        if at is None or at == start:
            return at is not None
        at = parents[at]
    return False


def by_code(session: Session, code: str, day: dt.date | None = None) -> Agency:
    """Return the agency with this code on that day (without a day: the newest).

    Raises:
        NotFound: there is none.
    """
    code = nfc(code)
    query = sa.select(Agency).where(Agency.code == code).order_by(Agency.valid_from.desc())
    if day is not None:
        query = query.where(Agency.valid_from <= day, sa.or_(Agency.valid_to.is_(None), Agency.valid_to >= day))
    agency = session.scalars(query).first()
    if agency is None:
        raise NotFound("There is no agency with the code %(code)s.", code=code[:40])
    return agency


def nearest(session: Session, code: str, day: dt.date | None = None) -> Agency:
    """Return the agency with this code on that day or, where none had it then, the newest that ever had it.

    Raises:
        NotFound: there is none.
    """
    try:
        return by_code(session, code, day)
    except NotFound:
        return by_code(session, code)


def valid(agency: Agency, first: dt.date, last: dt.date | None = None) -> bool:
    """Return whether an agency existed on a day, or on some day from `first` to `last`."""
    return agency.valid_from <= (last or first) and (agency.valid_to is None or agency.valid_to >= first)


def root(session: Session, day: dt.date | None = None) -> Agency:
    """Return the province that this installation serves; with a day, the one province it was before a merger."""
    now = by_code(session, installation(session).root_code)
    if day is None or valid(now, day):
        return now
    every = tree(session)
    then = [a for a in every.agencies.values() if a.parent_id is None and valid(a, day) and every.within(a.id, now.id)]
    return then[0] if len(then) == 1 else now


def installation(session: Session) -> Installation:
    """Return the row that says whose survey this is.

    Raises:
        NotFound: nothing has been set up yet.
    """
    row = session.get(Installation, 1)
    if row is None:
        raise NotFound("This survey has not been set up yet.")
    return row


def is_installed(session: Session) -> bool:
    """Return whether it has been said whose survey this is."""
    return session.get(Installation, 1) is not None


def revise(session: Session) -> None:
    """Count a change in place of what figures show: agencies, procedures, questionnaires, a reported case."""
    session.execute(sa.update(Installation).values(revision=Installation.revision + 1))


def agency_names(session: Session) -> dict[int, Texts]:
    """Return the name of every agency that there is or was, by its id."""
    return {row.id: row.name for row in session.execute(sa.select(Agency.id, Agency.name))}
