"""What differs between two versions of a questionnaire, question by question: what is looked at before publishing."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from survey.questionnaires.document import At, items, listed, sections, texts

CODES = ("id", "value")  # by which an entry of a list is found again
SCALE_ITEMS = ("scale", "allow_na", "factor")  # of a section or group, which each of its questions takes over
APART = frozenset(("items", "groups", *SCALE_ITEMS))  # of a section: told with its questions
NEVER_TOLD = frozenset(("version",))  # which is another one each time


class ChangeKind(enum.Enum):
    """What became of a question."""

    ADDED = "added"
    STOPPED = "stopped"
    ASKED_AGAIN = "asked again"
    REWORDED = "reworded"
    ANSWERS = "answers"
    CONDITION = "condition"
    MOVED = "moved"
    SETTINGS = "settings"


@dataclass(frozen=True)
class LeafDifference:
    """One text or setting that differs; texts are given by language, an order as the codes in it.

    `at` is where it stands, entries of lists by their code: ("options", "late"); of a question, () is what it asks.
    """

    at: At
    before: Any
    after: Any


@dataclass(frozen=True)
class QuestionChange:
    """A question that differs: each side as it stands there, with the part it is in, or nothing."""

    code: str
    kinds: tuple[ChangeKind, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    parts: tuple[str, str]
    differences: tuple[LeafDifference, ...]


@dataclass(frozen=True)
class Differences:
    """What differs: in the questions, in their order after and then those that are gone, and in all around them.

    `target`: the words of the question that is compared with the target, or of its answers, differ; what was answered
    before and after is then not quite the same. `same` is the number of questions that stay as they are.
    """

    questions: tuple[QuestionChange, ...]
    around: tuple[LeafDifference, ...]
    target: bool
    same: int

    def __bool__(self) -> bool:
        """Return whether anything differs."""
        return bool(self.questions or self.around)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """Compare two documents; with an empty one, everything is new.

    >>> def asking(words, **more): return {"items": [{"id": "S1", "vi": words, **more}]}
    >>> one = differences(asking("Hài lòng?"), asking("Có hài lòng không?", show_if="S0 <= 3"))
    >>> [kind.value for kind in one.questions[0].kinds]
    ['reworded', 'condition']
    >>> bool(differences(asking("Hài lòng?"), asking("Hài lòng?")))
    False
    """
    was, now = _placed(before), _placed(after)
    moved = _moved(list(was), list(now)) | {code for code in was.keys() & now.keys() if was[code][0] != now[code][0]}
    changes = [_change(code, was.get(code), now.get(code), code in moved) for code in [*now, *(was.keys() - now)]]
    listed = tuple(change for change in changes if change.kinds)
    around = _differing(dict(_around(before)), dict(_around(after)))
    target = bool(before) and _target_words(before) != _target_words(after)
    return Differences(listed, around, target, len(changes) - len(listed))


PlacedQuestion = tuple[str, dict[str, Any]]  # the code of the part, and the question


def _placed(document: Mapping[str, Any]) -> dict[str, PlacedQuestion]:
    parts = {at: str(section.get("id", "")) if at else "" for at, section in sections(document)}
    return {
        str(item.get("id")): (next(part for place, part in parts.items() if at[: len(place)] == place), item)
        for at, item in items(document, unasked=True)
    }


def _moved(was: list[str], now: list[str]) -> set[str]:
    """Return the codes that stand elsewhere among those that are in both."""
    one, other = [code for code in was if code in now], [code for code in now if code in was]
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    kept = {code for block in blocks for code in one[block.a : block.a + block.size]}
    return set(one) - kept


def _change(code: str, was: PlacedQuestion | None, now: PlacedQuestion | None, moved: bool) -> QuestionChange:
    differing = _differing(*({} if side is None else dict(_leaves(side[1])) for side in (was, now)))
    kinds = [_kind(one, was is None, now is None) for one in differing] + ([ChangeKind.MOVED] if moved else [])
    return QuestionChange(
        code,
        tuple(kind for kind in ChangeKind if kind in kinds),
        was[1] if was else None,
        now[1] if now else None,
        (was[0] if was else "", now[0] if now else ""),
        differing,
    )


def _kind(one: LeafDifference, new: bool, gone: bool) -> ChangeKind:
    if new or gone:
        return ChangeKind.ADDED if new else ChangeKind.STOPPED
    if one.at == ("enabled_by_default",):
        return ChangeKind.STOPPED if one.after is False else ChangeKind.ASKED_AGAIN
    kinds: dict[At, ChangeKind] = {
        (): ChangeKind.REWORDED,
        ("options",): ChangeKind.ANSWERS,
        ("rows",): ChangeKind.ANSWERS,
    }
    return kinds.get(one.at[:1], ChangeKind.CONDITION if one.at == ("show_if",) else ChangeKind.SETTINGS)


def _differing(was: Mapping[At, Any], now: Mapping[At, Any]) -> tuple[LeafDifference, ...]:
    places = dict.fromkeys((*now, *was))
    pairs = (LeafDifference(at, was.get(at), now.get(at)) for at in places)
    return tuple(one for one in pairs if _differ(one))


def _differ(one: LeafDifference) -> bool:
    if isinstance(one.before, tuple) or isinstance(one.after, tuple):  # an order says nothing new where entries differ
        return bool(one.before and one.after and one.before != one.after and set(one.before) == set(one.after))
    if one.at == ("enabled_by_default",):
        return (one.before is False) != (one.after is False)
    return bool(one.before != one.after)


def _around(document: Mapping[str, Any]) -> Iterator[tuple[At, Any]]:
    """Yield every text and setting of a document that is no question."""
    paged = bool(listed(document, "sections"))
    for key, value in document.items():
        if key == "sections" and paged:
            yield ("sections",), tuple(str(section.get("id")) for _i, section in listed(document, "sections"))
            for _i, section in listed(document, "sections"):
                kept = {name: one for name, one in section.items() if name not in APART}
                yield from _leaves(kept, ("sections", str(section.get("id"))))
        elif key not in NEVER_TOLD and key not in APART:
            yield from _leaves(value, (key,))


def _leaves(node: Any, at: At = ()) -> Iterator[tuple[At, Any]]:
    """Yield what stands below a part of a document: texts by language, everything else value by value."""
    if isinstance(node, list):
        coded = [(_code(entry, i), entry) for i, entry in enumerate(node)]
        if any(isinstance(entry, dict) for entry in node):
            yield at, tuple(code for code, _entry in coded)
            for code, entry in coded:
                yield from _leaves(entry, (*at, code))
        else:
            yield at, [str(entry) for entry in node]
    elif isinstance(node, dict):
        words = texts(node)
        if words:
            yield at, words
        for key, value in node.items():
            if key == "map":  # which holds names of other forms, not languages
                yield (*at, key), value
            elif key not in words and key not in CODES:
                yield from _leaves(value, (*at, key))
    elif node is not None:
        yield at, node


def _code(entry: Any, i: int) -> str:
    return next((str(entry[name]) for name in CODES if name in entry), str(i)) if isinstance(entry, dict) else str(i)


def _target_words(document: Mapping[str, Any]) -> Any:
    """Return the words by which the target question is asked and answered, in every language."""
    for _at, item in items(document):
        if item.get("target_item"):
            scale = document.get("scales", {}).get(item.get("scale"), {})
            hint = document.get("texts", {}).get(item.get("hint"), {})
            return texts(item), [texts(point) for _i, point in listed(scale, "points")], texts(hint)
    return None
