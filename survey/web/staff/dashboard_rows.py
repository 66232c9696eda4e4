"""The lines of the dashboard's table: one unit or procedure each, its channels side by side, in a chosen order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.i18n import gettext, sort_key, text
from survey.results.counts import LEVELS
from survey.results.figures import Figures, row

VERDICT_ORDER = {"not_met": 0, "inconclusive": 1, "met": 2}
NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(("answered", "satisfied", *LEVELS, "finished", "invited", "rated"), 0),
    "verdict": "inconclusive",
    "rate": None,
    "lower": 0.0,
    "upper": 1.0,
    "response_rate": None,
    "suppress": False,
}


@dataclass(frozen=True)
class Line:
    """One unit or procedure; `ranks` gives its place for each column that the table can be sorted by."""

    id: int
    code: str
    name: str
    judged: Mapping[str, Any]
    open: Mapping[str, Any]
    kiosk: Mapping[str, Any]
    ranks: Mapping[str, int]


Read = Callable[[Line], Any]


def _number(part: str, name: str) -> Read:
    return lambda line: getattr(line, part).get(name)


SORTS: Mapping[str, Read] = {
    "name": lambda line: sort_key(line.name),
    "verdict": lambda line: VERDICT_ORDER[line.judged["verdict"]] if line.judged["answered"] else None,
    "rate": _number("judged", "rate"),
    "lower": _number("judged", "lower"),
    "answered": _number("judged", "answered"),
    "response": _number("judged", "response_rate"),
    "open": _number("open", "rate"),
    "kiosk": _number("kiosk", "rate"),
}


def lines(found: Figures, order: str = "") -> list[Line]:
    """Return the lines in the order asked for ("rate", "-rate"; else as the figures have them: by kind, then name)."""
    parts = {part: _by_id(getattr(found, part)) for part in ("judged", "open", "kiosk")}
    every = list(dict.fromkeys(key for part in parts.values() for key in part))
    made = [_line(key, {part: parts[part].get(key, {}) for part in parts}) for key in every]
    ranks = {name: _ranked(made, read) for name, read in SORTS.items()}
    made = [
        Line(one.id, one.code, one.name, one.judged, one.open, one.kiosk, {name: ranks[name][one.id] for name in SORTS})
        for one in made
    ]
    name = order.removeprefix("-")
    return ordered(made, SORTS[name], order.startswith("-")) if name in SORTS else made


def ordered(given: Sequence[Line], read: Read, backwards: bool) -> list[Line]:
    """Return lines by what is read of them; those that have nothing stand last either way."""
    some = [line for line in given if read(line) is not None]
    return sorted(some, key=read, reverse=backwards) + [line for line in given if read(line) is None]


def _ranked(given: Sequence[Line], read: Read) -> dict[int, int]:
    """Return each line's place; -1 for those that have nothing to sort by."""
    places = {line.id: place for place, line in enumerate(ordered(given, read, False))}
    return {line.id: places[line.id] if read(line) is not None else -1 for line in given}


def _by_id(frame: Any) -> dict[int, dict[str, Any]]:
    return {int(one["id"]): row(one) for one in frame.to_dict("records")}


def _line(key: int, parts: Mapping[str, Mapping[str, Any]]) -> Line:
    first = next(part for part in parts.values() if part)
    name = text(first["name"]) or gettext("Not tied to one procedure")
    return Line(key, str(first["code"]), name, parts["judged"] or NOTHING, parts["open"], parts["kiosk"], {})
