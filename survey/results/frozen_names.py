"""The agencies and procedures as they stood when a period was closed: kept with its figures, and read back.

What is entered about agencies later, a merger or another name, changes no line of a closed period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.i18n import nfc
from survey.models import Agency, ClosedPeriod, Level, Procedure
from survey.organisation import procedures
from survey.organisation.agencies import by_id
from survey.organisation.dated_tree import Tree, tree_of, valid

# A page asks for the trees of all closings several times, and each takes milliseconds; nothing changes a closing.
_TREES: WeakKeyDictionary[ClosedPeriod, Tree] = WeakKeyDictionary()
_COLUMNS = tuple(sa.inspect(Agency).column_attrs.keys())


def agencies_now(session: Session) -> list[dict[str, object]]:
    """Return every agency that there is or was, as plain values that can be kept as JSON."""
    return [_plain(row, _COLUMNS) for row in by_id(session).values()]


def procedures_now(session: Session, ids: Iterable[int]) -> list[dict[str, object]]:
    """Return the code and name of some procedures, as plain values that can be kept as JSON."""
    every = procedures.by_id(session)
    return [_plain(every[number], ("id", "code", "name")) for number in sorted(set(ids) & every.keys())]


def tree_then(closing: ClosedPeriod) -> Tree:
    """Return the tree of a closed period's last day as it was known at the closing; built once for each."""
    if (tree := _TREES.get(closing)) is None:
        tree = tree_of({row["id"]: _agency(row) for row in closing.agencies}, closing.last)
        _TREES[closing] = tree
    return tree


def newest_with(tree: Tree, code: str) -> Agency | None:
    """Return the agency that bore a code on the tree's day or, where none did, the newest that ever bore it."""
    code, day = nfc(code), tree.day or dt.date.max
    rows = [row for row in tree.agencies.values() if row.code == code]
    return max(rows, key=lambda row: (valid(row, day), row.valid_from), default=None)


def procedures_then(closing: ClosedPeriod) -> dict[int, tuple[str, dict[str, str]]]:
    """Return code and name of every procedure with cases or answers in a closed period, by its id."""
    return {row["id"]: (row["code"], row["name"]) for row in closing.procedures}


def _plain(row: Agency | Procedure, columns: Iterable[str]) -> dict[str, object]:
    values = {name: getattr(row, name) for name in columns}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}


def _agency(row: Mapping[str, Any]) -> Agency:
    days = {name: row[name] and dt.date.fromisoformat(row[name]) for name in ("valid_from", "valid_to")}
    kept = {name: row[name] for name in _COLUMNS if name in row}  # of a closing under another schema, what there is
    return Agency(**{**kept, **days, "level": Level(row["level"])})
