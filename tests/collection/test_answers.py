"""From a form to what is stored: every value is checked against the questionnaire, for both questionnaires."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.collection.answers import read_answers
from survey.errors import InvalidAnswers
from survey.models import QuestionnaireVersion, VersionStatus
from survey.questionnaires import BANK, Questionnaire, assign_slots, compile_version, documents

WHEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def compiled(code: str) -> Questionnaire:
    document = next(d for d in documents(BANK.read_text(encoding="utf-8")) if d["id"] == code)
    row = QuestionnaireVersion(
        id=1, code=code, version="1.0", status=VersionStatus.PUBLISHED, document=document, slots=assign_slots(document)
    )
    return compile_version(row)


SHORT, FULL = compiled("short_online"), compiled("full_sipas_online")


def read(sheet: Questionnaire, fields: dict[str, Sequence[str]], partial: bool = False) -> object:
    return read_answers(sheet, lambda name: fields.get(name, ()), partial)


def faults(sheet: Questionnaire, fields: dict[str, Sequence[str]], partial: bool = False) -> set[str]:
    with pytest.raises(InvalidAnswers) as refused:
        read(sheet, fields, partial)
    return set(refused.value.faults)


def test_the_first_question_alone_is_enough() -> None:
    answers = read_answers(SHORT, lambda name: ["4"] if name == "S1" else [])
    assert (answers.ratings, answers.other, answers.comments) == ({"overall": 4}, {}, {})


def test_every_kind_of_question_is_read_into_its_place() -> None:
    fields = {"S1": ["2"], "S2": ["1"], "S6": ["5"], "S7": ["late", "form", "late"], "S8": [" Tốt\r\nlắm "]}
    answers = read_answers(SHORT, lambda name: fields.get(name, []))
    assert answers.ratings == {"overall": 2, "r1": 1, "r5": 5}
    assert answers.other == {"S7": ["form", "late"]}
    assert answers.comments == {"S8": "Tốt\nlắm"}


def test_a_grid_is_read_row_by_row() -> None:
    fields = {"A1": ["citizen"], "A2": ["self"], "B22": ["5"], "C4a": ["4"], "C4h": ["1"]}
    answers = read_answers(FULL, lambda name: fields.get(name, []))
    assert answers.other["C4"] == {"C4a": "4", "C4h": "1"}
    assert answers.ratings == {"overall": 5}


@pytest.mark.parametrize("row", [["6"], ["x"], ["4", "4"], ["4", "5"]])
def test_a_row_of_a_grid_takes_one_of_its_answers(row: list[str]) -> None:
    fields = {"A1": ["citizen"], "A2": ["self"], "B22": ["5"], "C4a": ["4"], "C4h": row}
    assert faults(FULL, fields) == {"C4"}


def test_who_adds_to_an_answer_need_not_give_it_again() -> None:
    assert faults(SHORT, {"S8": ["Thêm"]}) == {"S1"}
    assert read(SHORT, {"S8": ["Thêm"]}, partial=True)
    assert faults(SHORT, {"S2": ["7"]}, partial=True) == {"S2"}


def test_every_fault_is_named_at_once() -> None:
    fields = {"S2": ["6"], "S3": ["1", "2"], "S7": ["late", "bribe"], "S8": ["x" * 1001]}
    assert faults(SHORT, fields) == {"S1", "S2", "S3", "S7", "S8"}


@given(st.text(max_size=4))
def test_only_the_points_of_the_scale_are_ratings(value: str) -> None:
    if value in {"1", "2", "3", "4", "5"}:
        assert read(SHORT, {"S1": [value]})
    else:
        assert faults(SHORT, {"S1": [value]}) == {"S1"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=1200))
def test_a_comment_is_stored_whole_and_composed_or_refused(written: str) -> None:
    fields = {"S1": ["5"], "S8": [written]}
    try:
        kept = read_answers(SHORT, lambda name: fields.get(name, [])).comments.get("S8", "")
    except InvalidAnswers as refused:
        assert set(refused.faults) == {"S8"}
        assert len(unicodedata.normalize("NFC", written)) > 1000
        return
    assert unicodedata.is_normalized("NFC", kept)
    letters = [c for c in kept if c.isalnum()]
    assert letters == [c for c in unicodedata.normalize("NFC", written) if c.isalnum()]


@given(st.sampled_from([SHORT, FULL]), st.data())
def test_whatever_is_offered_can_be_answered(sheet: Questionnaire, data: st.DataObject) -> None:
    fields: dict[str, Sequence[str]] = {}
    for question in sheet.questions:
        names = [row.value for row in question.rows] or [question.id]
        for name in names if question.kind != "text" else ():
            fields[name] = [data.draw(st.sampled_from([option.value for option in question.options]))]
    answers = read_answers(sheet, lambda name: fields.get(name, ()))
    assert set(answers.ratings) == {question.slot for question in sheet.questions if question.slot}
