"""Which closed periods were shown with the same agencies together as a scope shows them now.

A guarded reader who has seen a period's own table could subtract it from a sum of the same answers over other agencies:
where two offices became one, the sum of both tells of the one that was hidden. So a period is told again only where its
agencies stand together as they did in its own table. Where they stand otherwise but are the same in all, as when the
offices of a department merge, its total is that of its own table: if that was told, it may be so again, without a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from survey.models import ClosedPeriod
from survey.organisation.dated_tree import Tree
from survey.results.frozen_names import tree_then
from survey.results.scope import Scope

Grouping = frozenset[frozenset[int]]


def told_alike(scope: Scope, closings: Sequence[ClosedPeriod]) -> set[int]:
    """Return the ids of the closings whose answers this scope may sum up: grouped as in their own tables.

    Of two periods with days in common that group them differently, the one that was closed later is told nowhere.
    """
    alike = {one.id: _alike(scope, one, tree_then(one)) for one in closings}
    crossed = {
        max(one.id, other.id)
        for one, other in combinations(closings, 2)
        if alike[one.id] != alike[other.id] and one.first <= other.last and other.first <= one.last
    }
    return {key for key, same in alike.items() if same and key not in crossed}


def own_tables(scope: Scope, closings: Sequence[ClosedPeriod]) -> list[tuple[Scope, list[int]]]:
    """Return the scopes of tables of before in which these agencies stood together otherwise, but were the same in all.

    Each comes with the ids of the closings that grouped them so.
    """
    tables: dict[tuple[int, frozenset[tuple[int, int]]], tuple[Scope, list[int]]] = {}
    for one in closings:
        then = tree_then(one)
        there = _there(scope, one, then)
        now = _grouping(scope.tree, scope.agency_id, there)
        for name in _names(scope, there):
            shown = then.showing(name)
            before = _grouping(shown, name, there)
            if before != now and frozenset().union(*before) == frozenset().union(*now):
                units = frozenset((key, unit) for key, unit in shown.unit_of(name).items() if key in there)
                tables.setdefault((name, units), (replace(scope, agency_id=name, tree=shown), []))[1].append(one.id)
    return list(tables.values())


def _alike(scope: Scope, one: ClosedPeriod, then: Tree) -> bool:
    there = _there(scope, one, then)
    now = _grouping(scope.tree, scope.agency_id, there)
    return any(now == _grouping(then.showing(name), name, there) for name in _names(scope, there))


def _there(scope: Scope, one: ClosedPeriod, then: Tree) -> set[int]:
    # An office without a predecessor may have answers of before its first day (an old system's): it stands for itself.
    formerly = scope.tree.predecessors
    return {key for key, agency in then.agencies.items() if agency.valid_from <= one.last or not formerly.get(key)}


def _names(scope: Scope, there: set[int]) -> list[int]:
    names = [scope.agency_id, *scope.tree.predecessors.get(scope.agency_id, ())]
    return [name for name in names if name in there]


def _grouping(tree: Tree, agency_id: int, there: set[int]) -> Grouping:
    """Return which agencies that were there are counted in one unit of an agency."""
    units: dict[int, set[int]] = {}
    for agency, unit in tree.unit_of(agency_id).items():
        if agency in there:
            units.setdefault(unit, set()).add(agency)
    return frozenset(map(frozenset, units.values()))
