"""Conditions as choices: what can be chosen can be asked, and what cannot be said so stays as somebody wrote it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaires import BANK, At, check, documents, drafts, items
from survey.questionnaires.condition_choices import ANY, KEEP, ConditionChoice, answers, any_of, choice, offered
from survey.questionnaires.conditions import holds, parse
from survey.questionnaires.document import part_at

SHORT, FULL = documents(BANK.read_text(encoding="utf-8"))[:2]
ASKED = [(one, at) for one in (SHORT, FULL) for at, item in items(one) if not item.get("target_item")]
S7: At = ("items", 6)


def chosen(document: dict[str, Any], at: At, question: str, answer: str) -> dict[str, Any]:
    place = drafts.pointer(at)
    fields = {f"{place}/{drafts.QUESTION}": question, f"{place}/{drafts.ANSWER}": answer}
    return drafts.with_texts(document, fields)


def condition(document: dict[str, Any], at: At = S7) -> str | None:
    written: str | None = part_at(document, at).get("show_if")
    return written


def saying(text: str) -> dict[str, Any]:
    made = copy.deepcopy(SHORT)
    made["items"][6]["show_if"] = text
    return made


@given(st.sampled_from(ASKED), st.data())
def test_whatever_is_offered_can_be_chosen_published_and_is_shown_as_chosen(
    place: tuple[dict[str, Any], At], data: st.DataObject
) -> None:
    document, at = place
    there = offered(document, at)
    many = [ANY] if len(any_of(document, at)) > 1 else []
    question = data.draw(st.sampled_from([*there, *many])) if there else ""
    about = next(iter(there.values())) if question == ANY else there.get(question, {})
    answer = data.draw(st.sampled_from(answers(document, about))) if question else ""
    sent = answer if answer[:1] in "<>" else f"{question} {answer}"
    made = chosen(document, at, question, sent)
    assert check(made) == []
    assert choice(made, at, part_at(made, at)) == ConditionChoice(question, answer)
    assert chosen(made, at, question, sent) == made, "saving it again changes nothing"


UNSAID = ["not S1 <= 3", "S1 <= 3 and S2 <= 3", "any(S1, S2 <= 3)", "S1 == 3", "S1 < 3", "S9 <= 3", "S1 <= "]


@pytest.mark.parametrize("text", ["any(S1..S6 <= 3)", "S1 <= 3", *UNSAID])
def test_a_condition_that_nobody_changes_stays_as_it_was_written(text: str) -> None:
    document = saying(text)
    now = choice(document, S7, document["items"][6])
    sent = (now.question, now.answer) if now else (KEEP, "")
    assert condition(chosen(document, S7, *sent)) == text
    assert condition(drafts.with_texts(document, {"items/6/vi": "Khác"})) == text


@pytest.mark.parametrize("text", UNSAID)
def test_a_condition_that_the_choices_cannot_say_can_be_taken_away_or_replaced(text: str) -> None:
    document = saying(text)
    assert condition(chosen(document, S7, "", "")) is None
    assert condition(chosen(document, S7, "S2", ">= 4")) == "S2 >= 4"


@pytest.mark.parametrize(("question", "answer"), [("S1", ""), ("S1", "A2 == officer"), (ANY, ""), (ANY, "== 3")])
def test_a_question_without_one_of_its_answers_is_kept_and_cannot_be_published(question: str, answer: str) -> None:
    made = chosen(SHORT, S7, question, answer)
    assert choice(made, S7, made["items"][6]) == ConditionChoice(question)
    assert [fault.path for fault in check(made)] == [(*S7, "show_if")]


@pytest.mark.parametrize("question", ["S7", "S99", "<script>", "S1 <= 3 or S2"])
def test_what_is_not_offered_changes_nothing(question: str) -> None:
    assert chosen(SHORT, S7, question, "<= 3") == SHORT


def test_any_rated_question_goes_on_to_mean_the_others_when_one_is_no_longer_asked() -> None:
    made = chosen(saying("S1 <= 3"), S7, ANY, "<= 2")
    made["items"][4]["enabled_by_default"] = False
    assert check(made) == []
    assert choice(made, S7, made["items"][6]) == ConditionChoice(ANY, "<= 2")
    codes = [item["id"] for _at, item in items(made)]
    rule = parse(str(condition(made)), codes)
    assert holds(rule, lambda code: ["2"] if code == "S6" else ["5"])
