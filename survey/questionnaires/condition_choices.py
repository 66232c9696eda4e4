"""Conditions as people choose them: one question, or any that is rated, compared with one level or answer.

What cannot be chosen so ("not", "and", some of the questions) stays as it is written until somebody takes it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from survey.questionnaires.compiled import RATING
from survey.questionnaires.conditions import parse
from survey.questionnaires.document import At, items, listed, sections

ANY = "any"
KEEP = "keep"
LEVELS = tuple([f"<= {level}" for level in (1, 2, 3, 4)] + [f">= {level}" for level in (2, 3, 4, 5)])
ANSWER = re.compile(r"(?:<=|>=|==) [A-Za-z0-9_+-]{1,20}")
Item = Mapping[str, Any]


@dataclass(frozen=True)
class ConditionChoice:
    """What is chosen: a question's code, ANY or nothing (always asked), and an answer such as "<= 3" or "== late".

    An answer that is not chosen yet is empty; such a condition is not complete, and cannot be published.
    """

    question: str = ""
    answer: str = ""


def rated(item: Item) -> bool:
    """Return whether a question is answered on the satisfaction scale."""
    return item.get("type", "scale") == "scale" and item.get("scale") == RATING


def answers(document: Mapping[str, Any], item: Item) -> list[str]:
    """Return what can be chosen about a question: levels of a rating, or one of the answers; of others nothing."""
    if rated(item):
        return list(LEVELS)
    if item.get("type", "scale") not in ("scale", "single", "multi"):
        return []
    scale = document.get("scales", {}).get(item.get("scale"), {})
    return [f"== {entry.get('value')}" for _i, entry in (*listed(scale, "points"), *listed(item, "options"))]


def offered(document: Mapping[str, Any], at: At) -> dict[str, Item]:
    """Return by code the questions on which the one at `at` may depend: those asked in its part or an earlier one."""
    return {str(item["id"]): item for place, item in _asked_until(document, at) if place != at and "id" in item}


def _asked_until(document: Mapping[str, Any], at: At) -> Iterator[tuple[At, Item]]:
    parts = [place for place, _section in sections(document)]
    own = next((i for i, place in enumerate(parts) if at[: len(place)] == place), len(parts))
    earlier = set(parts[: own + 1])
    for place, item in items(document):
        part = next(one for one in parts if place[: len(one)] == one)
        if part in earlier and answers(document, item):
            yield place, item


def any_of(document: Mapping[str, Any], at: At) -> list[str]:
    """Return the codes of the rated questions that ANY stands for."""
    return [code for code, item in offered(document, at).items() if rated(item)]


def choice(document: Mapping[str, Any], at: At, item: Item) -> ConditionChoice | None:
    """Return the condition of the question at `at` as it is chosen, or None if the choices cannot say it.

    >>> asked = [{"id": code, "scale": RATING} for code in ("S1", "S2")] + [{"id": "S7", "type": "text"}]
    >>> [choice({"items": asked}, ("items", 2), {"show_if": said}) for said in ("any(S1..S2 <= 3)", "not S1 <= 3")]
    [ConditionChoice(question='any', answer='<= 3'), None]
    """
    text = str(item.get("show_if") or "")
    if not text:
        return ConditionChoice()
    there, every = offered(document, at), any_of(document, at)
    for question in [*there, ANY]:
        if text == written(document, at, ConditionChoice(question)):
            return ConditionChoice(question)
    try:
        kind, *rest = parse(text, [str(one.get("id")) for _at, one in items(document)])
    except ValueError:
        return None
    if kind not in (ANY, "all") or (kind == "all" and len(rest[0]) > 1):
        return None
    codes, answer = rest[0], f"{rest[1]} {rest[2]}"
    if len(codes) == 1:
        offered_there = codes[0] in there and answer in answers(document, there[codes[0]])
        return ConditionChoice(codes[0], answer) if offered_there else None
    return ConditionChoice(ANY, answer) if set(codes) == set(every) and answer in LEVELS else None


def written(document: Mapping[str, Any], at: At, chosen: ConditionChoice) -> str:
    """Return a choice as it stands in a document; nothing if the question is always asked."""
    if chosen.question != ANY:
        return f"{chosen.question} {chosen.answer}".strip()
    codes = any_of(document, at)
    about = ", ".join(codes)
    if len(codes) > 1 and codes == _between(document, codes):
        about = f"{codes[0]}..{codes[-1]}"  # which goes on to hold when one of them is no longer asked
    return f"any({about} {chosen.answer}".strip() + ")"


def _between(document: Mapping[str, Any], codes: list[str]) -> list[str]:
    try:
        span = parse(f"any({codes[0]}..{codes[-1]} <= 1)", [str(one.get("id")) for _at, one in items(document)])
    except ValueError:
        return []
    return list(span[1])


def chosen(document: Mapping[str, Any], at: At, question: str, answer: str) -> ConditionChoice | None:
    """Read what was chosen on a page; an answer of another question is none. None: the condition stays as it is.

    An answer of a choice is sent with its question, "A2 == officer", a level without: "<= 3".
    """
    if question == KEEP:
        return None
    if not question:
        return ConditionChoice()
    there = offered(document, at)
    if question not in there and (question != ANY or len(any_of(document, at)) < 2):
        return None
    wanted = answer.removeprefix(f"{question} ")
    fits = LEVELS if question == ANY else answers(document, there[question])
    return ConditionChoice(question, wanted if ANSWER.fullmatch(wanted) and wanted in fits else "")
