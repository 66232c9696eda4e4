"""What can be done to a draft besides typing: questions move, stop, come back and are added, and so are answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from survey.errors import NotFound
from survey.questionnaires.compiled import RATING
from survey.questionnaires.document import At, groups, items, part_at

KINDS = ("scale", "single", "multi", "text")
DraftAct = Callable[[dict[str, Any], At, str, set[str]], At]  # document, place, kind, codes ever used -> where to look


def _move(step: int) -> DraftAct:
    def swapped(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> At:
        entries, here = part_at(document, at[:-1]), int(at[-1])
        there = here + step
        if not 0 <= there < len(entries):
            return at
        entries[here], entries[there] = entries[there], entries[here]
        return (*at[:-1], there)

    return swapped


def _ask(wanted: bool) -> DraftAct:
    def asked(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> At:
        part_at(document, at)["enabled_by_default"] = wanted
        return at

    return asked


def _add(document: dict[str, Any], at: At, kind: str, codes: set[str]) -> At:
    """Add a question of this kind at the end of a part."""
    if kind not in KINDS:
        raise NotFound("This act is not known.")
    section = part_at(document, at)
    below, holder = groups(section)[-1] if section.get("groups") else ((), section)
    used = codes | {str(item.get("id")) for _at, item in items(document, unasked=True)}
    code = next(f"N{number}" for number in range(1, 10_000) if f"N{number}" not in used)
    item: dict[str, Any] = {"id": code, "type": kind, "required": False, "vi": "", "en": ""}
    item |= {"scale": RATING, "allow_na": True} if kind == "scale" else {}
    item |= {"options": [_option(1), _option(2)]} if kind in ("single", "multi") else {}
    item |= {"max_length": 1000} if kind == "text" else {}
    asked = holder.setdefault("items", [])
    asked.append(item)
    return (*at, *below, "items", len(asked) - 1)


def _add_option(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> At:
    options = part_at(document, at).setdefault("options", [])
    used = {str(option.get("value")) for option in options}
    options.append(next(_option(number) for number in range(1, 1000) if f"o{number}" not in used))
    return (*at, "options", len(options) - 1)


def _drop_option(document: dict[str, Any], at: At, _kind: str, _codes: set[str]) -> At:
    del part_at(document, at[:-1])[int(at[-1])]
    return at[:-2]


def _option(number: int) -> dict[str, Any]:
    return {"value": f"o{number}", "vi": "", "en": ""}


ACTS: Mapping[str, DraftAct] = {
    "up": _move(-1),
    "down": _move(1),
    "retire": _ask(False),
    "ask": _ask(True),
    "add": _add,
    "option": _add_option,
    "drop": _drop_option,
}
BELOW = {"up": "items", "down": "items", "retire": "items", "ask": "items", "option": "items", "drop": "options"}
