"""What keeps one question from being asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from survey.i18n import msgid
from survey.questionnaires.compiled import RATING
from survey.questionnaires.conditions import asked_about, parse
from survey.questionnaires.document import At, items, listed, sections
from survey.questionnaires.findings import DocumentFaults

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")
RESERVED = frozenset(("lang", "csrf_token", "key", "amends", "switch", "go", "step", "asked", "form", "end"))
TEXT_AND_SCALE = ("id", "type", "scale", "allow_na", "required", "target_item", "hint", "map", "factor", "show_if")
ANSWERS = ("options", "rows", "max_length", "online_adapted", "quality_flag", "enabled_by_default")
SENSITIVE = ("sensitive", "notice", "requires_separate_consent")
KEYS = frozenset((*TEXT_AND_SCALE, *ANSWERS, *SENSITIVE))
ROW_KEYS = frozenset(("id", "map"))
QUALITY = ("filed_by", "filled_by", "coerced", "coerced_by")
LONGEST_QUESTION, LONGEST_ROW, LONGEST_ANSWER = 500, 200, 4000
Check = Callable[[At, Mapping[str, Any], Mapping[str, Any], DocumentFaults], None]


def check_question(at: At, item: Mapping[str, Any], document: Mapping[str, Any], findings: DocumentFaults) -> None:
    """Add the faults of one question to those found."""
    findings.unknown_keys(at, item, KEYS, texts=True)
    findings.texts(at, item, LONGEST_QUESTION)
    code = str(item.get("id", ""))
    if not CODE.fullmatch(code) or code in RESERVED:
        findings.add((*at, "id"), msgid("A question needs a code such as S1: letters and digits, at most 16."))
    kind = item.get("type", "scale")
    if kind not in KINDS:
        findings.add((*at, "type"), msgid("The kinds of question are %(kinds)s."), kinds=", ".join(KINDS))
        return
    KINDS[kind](at, item, document, findings)
    if kind != "text":
        _text(at, item, document, findings)  # a length means nothing here, but one that is no number cannot be compiled
    if "options" in item and kind not in ("single", "multi"):
        findings.add((*at, "options"), msgid("Only a choice (single, multi) has its own answers."))
    _names(at, item, document, findings)
    _condition(at, item, document, findings)
    if item.get("requires_separate_consent") and item.get("enabled_by_default", True):
        findings.add(
            (*at, "enabled_by_default"), msgid("This question asks for sensitive data and cannot be switched on.")
        )


def _scale(at: At, item: Mapping[str, Any], document: Mapping[str, Any], findings: DocumentFaults) -> None:
    if item.get("scale") not in document.get("scales", {}):
        findings.add((*at, "scale"), msgid("There is no scale called “%(name)s”."), name=item.get("scale", ""))


def _choice(at: At, item: Mapping[str, Any], _document: Mapping[str, Any], findings: DocumentFaults) -> None:
    findings.options([((*at, "options", i), option) for i, option in listed(item, "options")], (*at, "options"))


def _grid(at: At, item: Mapping[str, Any], document: Mapping[str, Any], findings: DocumentFaults) -> None:
    _scale(at, item, document, findings)
    if item.get("scale") == RATING:
        findings.add((*at, "scale"), msgid("Satisfaction is asked one question at a time, or it would not be counted."))
    rows = listed(item, "rows")
    if not rows:
        findings.add((*at, "rows"), msgid("A grid needs rows."))
    for i, row in rows:
        place = (*at, "rows", i)
        findings.unknown_keys(place, row, ROW_KEYS, texts=True)
        findings.texts(place, row, LONGEST_ROW)
        if not CODE.fullmatch(str(row.get("id", ""))) or row["id"] in RESERVED:
            findings.add((*place, "id"), msgid("A question needs a code such as S1: letters and digits, at most 16."))


def _text(at: At, item: Mapping[str, Any], _document: Mapping[str, Any], findings: DocumentFaults) -> None:
    longest = item.get("max_length", 1000)
    if type(longest) is not int or not 1 <= longest <= LONGEST_ANSWER:
        findings.add(
            (*at, "max_length"), msgid("An answer may have from 1 to %(limit)s characters."), limit=LONGEST_ANSWER
        )


KINDS: dict[str, Check] = {"scale": _scale, "single": _choice, "multi": _choice, "text": _text, "grid": _grid}


def _names(at: At, item: Mapping[str, Any], document: Mapping[str, Any], findings: DocumentFaults) -> None:
    factors = [factor.get("id") for _i, factor in listed(document, "factors")]
    if item.get("factor") is not None and item["factor"] not in factors:
        findings.add((*at, "factor"), msgid("There is no factor called “%(name)s”."), name=item["factor"])
    for name in ("hint", "notice"):
        if item.get(name) is not None and item[name] not in document.get("texts", {}):
            findings.add((*at, name), msgid("There is no text called “%(name)s”."), name=item[name])
    if item.get("quality_flag") is not None and item["quality_flag"] not in QUALITY:
        findings.add((*at, "quality_flag"), msgid("A quality flag is one of %(flags)s."), flags=", ".join(QUALITY))
    for name in ("allow_na", "required", "target_item", "enabled_by_default"):
        if not isinstance(item.get(name, False), bool):
            findings.add((*at, name), msgid("Only true or false can stand here."))


def _condition(at: At, item: Mapping[str, Any], document: Mapping[str, Any], findings: DocumentFaults) -> None:
    if item.get("show_if") is None:
        return
    place, own = (*at, "show_if"), str(item.get("id"))
    page = {str(other.get("id")): number for number, other in _paged(document)}
    try:
        condition = parse(str(item["show_if"]), list(page))
    except ValueError as fault:
        message, values = fault.args[0]
        findings.add(place, message, **values)
        return
    names = asked_about(condition)
    late = sorted(name for name in names if name == own or page[name] > page.get(own, len(page)))
    if late:
        findings.add(place, msgid("%(code)s is not asked before this question."), code=", ".join(late))
    if item.get("target_item"):
        findings.add(place, msgid("The target question is always asked."))


def _paged(document: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    parts = enumerate(sections(document))
    return [(number, item) for number, (_at, part) in parts for _place, item in items({"sections": [part]})]
