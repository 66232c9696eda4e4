"""A questionnaire that no page could show, or that would leave questions unasked, is never published."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.errors import ImportRefused
from survey.questionnaires import BANK, all_versions, check, documents

NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)
SHORT, FULL, IN_PERSON = documents(BANK.read_text(encoding="utf-8"))


def newer(document: dict[str, Any] = SHORT) -> dict[str, Any]:
    return {**copy.deepcopy(document), "version": "9.0"}


def named(document: dict[str, Any]) -> list[tuple[Any, str]]:
    return [(fault.path, fault.message % fault.values) for fault in check(document)]


@pytest.mark.parametrize("code", [{}, {"id": None}, {"id": 7}, {"id": " "}], ids=str)
def test_a_factor_needs_a_code(session: Session, code: dict[str, Any]) -> None:
    document = newer()
    document["factors"].append({**code, "vi": "Thái độ", "en": "Attitude"})
    place = ("factors", len(document["factors"]) - 1, "id")
    assert named(document) == [(place, "A factor needs a code of its own (id).")]
    with pytest.raises(ImportRefused):
        questionnaires.publish(session, document, NOON)


@pytest.mark.parametrize("length", ["1000 ký tự", None, True, 0, 4001], ids=str)
@pytest.mark.parametrize("place", [1, 6, 7])
def test_a_length_is_a_whole_number_whatever_the_kind_of_question(length: Any, place: int) -> None:
    document = newer()
    document["items"][place]["max_length"] = length
    assert named(document) == [(("items", place, "max_length"), "An answer may have from 1 to 4000 characters.")]


def test_questions_beside_the_parts_or_the_groups_are_not_silently_left_out() -> None:
    beside = newer(FULL)
    beside["items"] = [{**SHORT["items"][1], "id": "X1"}]
    assert named(beside) == [(("items",), "These questions would never be asked: put each into one of the parts.")]
    beside = newer(FULL)
    place = next(i for i, section in enumerate(beside["sections"]) if section.get("groups"))
    beside["sections"][place]["items"] = [{**SHORT["items"][1], "id": "X1"}]
    told = "These questions would never be asked: put each into one of the groups."
    assert named(beside) == [(("sections", place, "items"), told)]


def test_what_slips_through_the_checks_and_cannot_be_compiled_is_not_published(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = newer()
    document["items"][1]["max_length"] = "long"
    monkeypatch.setitem(questionnaires.publish.__globals__, "faults", lambda _session, _document: [])
    with pytest.raises(ValueError, match="long"):
        questionnaires.publish(session, document, NOON)
    session.rollback()
    assert questionnaires.asked_now(session).version == "2.0"
    assert "9.0" not in {row.version for row in all_versions(session)}
