"""What keeps a questionnaire from being published: each fault with its place, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from survey.i18n import msgid
from survey.models import SLOTS
from survey.questionnaires.compiled import RATING
from survey.questionnaires.document import SHARED, At, DocumentFault, groups, items, listed, sections
from survey.questionnaires.findings import DocumentFaults
from survey.questionnaires.question_validation import check_question
from survey.questionnaires.schema import check_shape

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){0,2}")
SECTION_CODE = re.compile(r"[A-Za-z0-9_]{1,16}")
QUESTIONNAIRE_KEYS = frozenset(
    ("id", "version", "title", "audience", "estimated_minutes", "intro", "outro", "max_items", "basis", "sections")
).union(("items",), SHARED)
SECTION_KEYS = frozenset(("id", "title", "lead", "note", "scale", "allow_na", "groups", "items"))
GROUP_KEYS = frozenset(("factor", "items"))
LONGEST_TITLE, LONGEST_TEXT, LONGEST_LABEL = 160, 800, 120
LEVELS = ("1", "2", "3", "4", "5")


def check(document: Mapping[str, Any]) -> list[DocumentFault]:
    """Return every fault of a questionnaire; none means that it can be asked."""
    findings = DocumentFaults()
    check_shape(document, findings)
    if findings.faults:
        return findings.faults
    _head(document, findings)
    _shared(document, findings)
    _sections(document, findings)
    _codes(document, findings)
    for at, item in items(document, unasked=True):
        check_question(at, item, document, findings)
    _target(document, findings)
    return findings.faults


def _head(document: Mapping[str, Any], findings: DocumentFaults) -> None:
    findings.unknown_keys((), document, QUESTIONNAIRE_KEYS)
    if not CODE.fullmatch(str(document.get("id", ""))):
        findings.add(("id",), msgid("A questionnaire needs a code of small letters, digits and _, at most 40."))
    if not VERSION.fullmatch(str(document.get("version", ""))):
        findings.add(("version",), msgid("A version is written like 1.0."))
    findings.texts(("title",), document.get("title"), LONGEST_TITLE)
    if "basis" in document:
        findings.texts(("basis",), document["basis"], LONGEST_TEXT)
    minutes = document.get("estimated_minutes", 1)
    if type(minutes) is not int or not 1 <= minutes <= 60:
        findings.add(("estimated_minutes",), msgid("Give the time that answering takes, in minutes from 1 to 60."))
    for name in ("intro", "outro"):
        for i, text in enumerate(document.get(name, [])):
            if text not in document.get("texts", {}):
                findings.add((name, i), msgid("There is no text called “%(name)s”."), name=text)


def _shared(document: Mapping[str, Any], findings: DocumentFaults) -> None:
    for name, entry in document.get("texts", {}).items():
        findings.texts(("texts", name), entry, LONGEST_TEXT)
    if "method_note" in document:
        findings.texts(("method_note",), document["method_note"], LONGEST_TEXT)
    for i, factor in listed(document, "factors"):
        findings.texts(("factors", i), factor, LONGEST_LABEL)
        if not isinstance(factor.get("id"), str) or not factor["id"].strip():
            findings.add(("factors", i, "id"), msgid("A factor needs a code of its own (id)."))
    findings.each_once(
        ((("factors", i, "id"), factor.get("id")) for i, factor in listed(document, "factors")),
        msgid("The factor “%(code)s” is listed twice."),
    )
    for name, scale in document.get("scales", {}).items():
        _scale(("scales", name), name, scale, findings)


def _scale(at: At, name: str, scale: Mapping[str, Any], findings: DocumentFaults) -> None:
    points: list[tuple[At, Mapping[str, Any]]] = [((*at, "points", i), point) for i, point in listed(scale, "points")]
    if "na" in scale:
        points.append(((*at, "na"), scale["na"]))
    findings.options(points, at)
    values = tuple(str(point.get("value")) for _at, point in points)
    if name == RATING and values not in (LEVELS, (*LEVELS, "9")):
        findings.add(at, msgid("The satisfaction scale has the values 1 to 5 in this order, and 9 for “no opinion”."))


def _sections(document: Mapping[str, Any], findings: DocumentFaults) -> None:
    if not list(items(document)):
        findings.add((), msgid("There is no question to ask."))
    if listed(document, "sections") and document.get("items"):
        findings.add(("items",), msgid("These questions would never be asked: put each into one of the parts."))
    coded: list[tuple[At, Any]] = []
    for at, section in sections(document):
        if at:
            _part(at, section, findings)
            coded.append(((*at, "id"), section.get("id")))
        for below, group in groups(section):
            if below:
                findings.unknown_keys((*at, *below), group, GROUP_KEYS)
    findings.each_once(coded, msgid("There are two parts with the code “%(code)s”."))


def _part(at: At, section: Mapping[str, Any], findings: DocumentFaults) -> None:
    findings.unknown_keys(at, section, SECTION_KEYS)
    findings.texts((*at, "title"), section.get("title"), LONGEST_TITLE)
    for name in ("lead", "note"):
        if name in section:
            findings.texts((*at, name), section[name], LONGEST_TEXT)
    if not SECTION_CODE.fullmatch(str(section.get("id") or "")):
        findings.add((*at, "id"), msgid("A part needs a code of letters and digits, at most 16."))
    if listed(section, "groups") and section.get("items"):
        findings.add((*at, "items"), msgid("These questions would never be asked: put each into one of the groups."))


def _codes(document: Mapping[str, Any], findings: DocumentFaults) -> None:
    coded: list[tuple[At, Any]] = []
    for at, item in items(document, unasked=True):
        coded.append(((*at, "id"), item.get("id")))
        coded += [((*at, "rows", i, "id"), row.get("id")) for i, row in listed(item, "rows")]
    findings.each_once(coded, msgid("There are two questions with the code “%(code)s”."))


def _target(document: Mapping[str, Any], findings: DocumentFaults) -> None:
    targets = [(at, item) for at, item in items(document) if item.get("target_item")]
    if not targets:
        findings.add((), msgid("One question must be the target question (target_item: true)."))
    for at, item in targets:
        if not _rated(item):
            findings.add((*at, "scale"), msgid("The target question is answered on the satisfaction scale."))
        if item.get("allow_na") or not item.get("required"):
            findings.add((*at, "required"), msgid("The target question is required and has no “no opinion”."))
    for at, _item in targets[1:]:
        findings.add((*at, "target_item"), msgid("There is a target question already; only one can be."))
    rated = [at for at, item in items(document) if _rated(item) and not item.get("target_item")]
    for at in rated[len(SLOTS) :]:
        findings.add(
            at, msgid("At most %(number)s questions can be rated beside the target question."), number=len(SLOTS)
        )


def _rated(item: Mapping[str, Any]) -> bool:
    return item.get("scale") == RATING and item.get("type", "scale") == "scale"
