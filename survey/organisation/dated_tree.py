"""The agencies as they stand on one day: who stands below whom, under which name, and who took over from whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from survey.i18n import sort_key, text
from survey.models import Agency

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Tree:
    """The agencies as they stand on a day, with the children of each; without a day, each where it was entered.

    `shown_in` maps an agency that had ended by that day to the successor that shows its figures, and a name that an
    agency does not carry yet to the one that it carries; `predecessors` is the other way. One that ended without a
    successor stays where it stood, so that no answer drops out. `following` maps each name of an agency to its next,
    and `parts` one that had been split to what came out of it: none of them shows its figures, but each may see them.
    """

    day: dt.date | None
    agencies: dict[int, Agency]
    children: dict[int | None, tuple[int, ...]] = field(repr=False)
    parents: dict[int, int | None] = field(repr=False)
    shown_in: dict[int, int] = field(repr=False)
    predecessors: dict[int, tuple[int, ...]] = field(repr=False)
    following: dict[int, int] = field(repr=False)
    parts: dict[int, tuple[int, ...]] = field(repr=False)

    def subtree(self, agency_id: int) -> Iterator[int]:
        """Yield an agency under its name of that day, everything below it, and the predecessors that they show."""
        if agency_id in self.shown_in:
            agency_id = self.named_now(agency_id).id
        yield agency_id
        yield from self.predecessors.get(agency_id, ())
        for child in self.children.get(agency_id, ()):
            yield from self.subtree(child)

    def within(self, agency_id: int, scope_id: int) -> bool:
        """Return whether an agency is `scope_id` under any name, or stood below it on this tree's day.

        One that had ended by then stands where its successor does, and one that was split where each of its parts does.
        """
        scopes, passed, ahead = self._names_of(scope_id), set[int](), [agency_id]
        while ahead:
            at = ahead.pop()
            if at in scopes:
                return True
            if at not in passed:
                passed.add(at)
                above = self.shown_in.get(at) if at in self.shown_in else self.parents[at]
                ahead += [*self.parts.get(at, ()), *([] if above is None else [above])]
        return False

    def all_within(self, scope_id: int) -> list[int]:
        """Return the agencies that are `within` a scope, under each of their names."""
        return [agency_id for agency_id in self.agencies if self.within(agency_id, scope_id)]

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
        """Return the row that carries an agency's name on this tree's day: the same code, perhaps renamed by then.

        Of one that had ended by then it is the row of its last name.
        """
        names = [self.agencies[name] for name in self._names_of(agency_id)]
        carried = [one for one in names if one.id not in self.shown_in]
        if len(carried) == 1:
            return carried[0]
        begun = [one for one in names if self.day is not None and one.valid_from <= self.day]
        return max(begun, key=lambda one: one.valid_from, default=self.agencies[agency_id])

    def bearer(self, agency_id: int) -> Agency:
        """Return the agency that an agency is shown in on this tree's day: itself or who took over, under that name."""
        return self.named_now(self.shown_in.get(agency_id, agency_id))

    def showing(self, agency_id: int) -> Tree:
        """Return the tree in which an agency's figures are shown on this tree's day.

        For an agency that began later it is the tree of its first day: its predecessors are rolled up in it. For one
        that had ended by then it is the tree without a day, in which it still stands for itself.
        """
        first = self.agencies[agency_id].valid_from
        begun = self if self.day is None or first <= self.day else tree_of(self.agencies, first)
        return begun if agency_id not in begun.shown_in else tree_of(self.agencies, None)

    def _names_of(self, agency_id: int) -> set[int]:
        """Return every row of one agency: its code under one name after the other."""
        names, at = {agency_id}, self.following.get(agency_id)
        while at is not None and at not in names:
            names.add(at)
            at = self.following.get(at)
        before = {name: key for key, name in self.following.items()}
        at = before.get(agency_id)
        while at is not None and at not in names:
            names.add(at)
            at = before.get(at)
        return names


def valid(agency: Agency, first: dt.date, last: dt.date | None = None) -> bool:
    """Return whether an agency existed on a day, or on some day from `first` to `last`."""
    return agency.valid_from <= (last or first) and (agency.valid_to is None or agency.valid_to >= first)


def _ended(agency: Agency, day: dt.date) -> bool:
    return agency.valid_to is not None and agency.valid_to < day


def tree_of(agencies: dict[int, Agency], day: dt.date | None) -> Tree:
    """Return the tree that these agencies make on a day; without a day nobody is shown in another."""
    heirs = _heirs(agencies)
    following = {key: heir for key, heir in heirs.items() if agencies[key].code == agencies[heir].code}
    before = {heir: key for key, heir in following.items()}
    ends = {key: _shown_in(agencies, heirs, before, key, day) if day else key for key in agencies}
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
    parts = {key: those for key, those in _split(agencies).items() if day is None or _ended(agencies[key], day)}
    return Tree(day, agencies, children, parents, shown_in, predecessors, following, parts)


def _split(agencies: Mapping[int, Agency]) -> dict[int, tuple[int, ...]]:
    """Return what came out of each agency that was split."""
    parts: dict[int, tuple[int, ...]] = {}
    for key, one in agencies.items():
        if one.split_from_id is not None:
            parts[one.split_from_id] = (*parts.get(one.split_from_id, ()), key)
    return parts


def _heirs(agencies: Mapping[int, Agency]) -> dict[int, int]:
    """Return who takes over from whom: the successor or, where none is named, the code's next name on the next day."""
    following = {(one.code, one.valid_from - DAY): key for key, one in agencies.items()}
    split = _split(agencies)
    heirs: dict[int, int | None] = {}
    for key, one in agencies.items():
        renamed = following.get((one.code, one.valid_to)) if one.valid_to and key not in split else None
        heirs[key] = renamed if one.successor_id is None else one.successor_id
    return {key: heir for key, heir in heirs.items() if heir is not None}


def _shown_in(
    agencies: Mapping[int, Agency], heirs: Mapping[int, int], before: Mapping[int, int], key: int, day: dt.date
) -> int:
    if agencies[key].valid_from > day:  # a name that it does not carry yet
        line = [key]
        while line[-1] in before and before[line[-1]] not in line:
            line.append(before[line[-1]])
        return next((name for name in line if valid(agencies[name], day)), key)
    line = [key]
    while (until := agencies[line[-1]].valid_to) is not None and until < day and line[-1] in heirs:
        if heirs[line[-1]] in line:
            return key
        line.append(heirs[line[-1]])
    return line[-1]


def _parent(agencies: Mapping[int, Agency], key: int, ends: Mapping[int, int]) -> int | None:
    above = agencies[key].parent_id
    while above is not None and ends[above] == key:  # it took over from its own parent
        above = agencies[above].parent_id
    return None if above is None else ends[above]


def in_circles(agencies: dict[int, Agency]) -> set[int]:
    """Return the agencies that would, on some day, stand below themselves."""
    begun = {one.valid_from for one in agencies.values()}
    ended = {one.valid_to + DAY for one in agencies.values() if one.valid_to and one.valid_to < dt.date.max}
    caught: set[int] = set()
    for day in (None, *sorted(begun | ended)):
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
