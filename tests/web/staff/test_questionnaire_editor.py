"""The editor in words: faults by question and language that lead to their field, conditions, names, what was done."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.i18n import speaking
from survey.models import Role
from survey.periods import now
from survey.questionnaires import BANK, check, documents, drafts
from survey.web.staff.questionnaire_words import condition_words, place_name, text_name
from survey.web.survey import survey_of
from tests.support.editing import BASE, document_of, draft_of, typed
from tests.support.officials import official, sign_in
from tests.support.pages import check_page

SHORT, FULL = documents(BANK.read_text(encoding="utf-8"))[:2]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def editor(session: Session, client: FlaskClient) -> FlaskClient:
    """A manager of the province, signed in."""
    official(session, role=Role.MANAGER)
    sign_in(client)
    return client


@pytest.mark.parametrize(
    ("document", "at", "named"),
    [
        (SHORT, ("items", 0, "vi"), "Question 1, Vietnamese part"),
        (SHORT, ("items", 6, "options", 3, "en"), "Question 7, answer 4, English part"),
        (SHORT, ("items", 6, "options"), "Question 7, answers to choose from"),
        (SHORT, ("items", 6, "show_if"), "Question 7, condition"),
        (SHORT, ("items", 2, "id"), "Question 3, code"),
        (SHORT, ("title", "km"), "Title of the questionnaire, Khmer part"),
        (SHORT, ("texts", "thanks", "vi"), "Thanks at the end, Vietnamese part"),
        (SHORT, ("factors", 1, "vi"), "Factor “Access to the service”, Vietnamese part"),
        (SHORT, ("scales", "yes_no", "points", 0, "en"), "Scale “Yes – No”, English part"),
        (SHORT, (), "The questionnaire as a whole"),
        (FULL, ("sections", 1, "title", "vi"), "Part 2, heading, Vietnamese part"),
        (FULL, ("sections", 1, "items", 1, "vi"), "Question 4, Vietnamese part"),
    ],
)
def test_a_place_is_named_by_question_and_language(document: dict[str, Any], at: Any, named: str) -> None:
    with speaking("en"):
        assert place_name(document, at) == named


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (None, "always asked"),
        ("S1 <= 3", "only if question 1 is answered at level 3 (Neutral) or lower"),
        (
            "any(S1..S3 >= 4)",
            "only if at least one of the questions 1, 2, 3 is answered at level 4 (Satisfied) or higher",
        ),
        ("all(S1, S2 == 5)", "only if all questions 1, 2 are answered at level 5 (Very satisfied)"),
        ("S7 == late", "only if question 7 is answered with “The result was late”"),
        ("S7 != late", "only if question 7 is answered otherwise than “The result was late”"),
        (
            "(S1 <= 3 or S2 < 3) and not S3 > 3",
            "only if (question 1 is answered at level 3 (Neutral) or lower or question 2 is answered below level 3"
            " (Neutral)) and not (question 3 is answered above level 3 (Neutral))",
        ),
        ("S1 <= ", "not complete yet: S1 <= "),
    ],
)
def test_a_condition_stands_in_words(written: str | None, words: str) -> None:
    with speaking("en"):
        assert condition_words(SHORT, written) == words


def test_a_text_is_named_by_what_it_is_for_or_where_it_stands() -> None:
    document = copy.deepcopy(SHORT)
    document["items"][1]["hint"] = document["items"][3]["hint"] = "own"
    with speaking("en"):
        assert text_name(document, "anonymity") == "Promise of anonymity"
        assert text_name(document, "own") == "Hint at question 2, 4"
        assert text_name(document, "stray") == "Text “stray”"


def spoil(document: dict[str, Any]) -> None:
    """Put a fault into each kind of place."""
    document["items"][0]["vi"] = ""
    document["items"][1].update(scale="stars", factor="mood")
    document["items"][6]["options"][2]["en"] = " "
    document["items"][6]["show_if"] = "S1"
    document["items"][7]["max_length"] = 0
    document["items"].append({"id": "N1", "type": "single", "vi": "Một?", "en": "One?", "options": []})
    document["texts"]["thanks"].pop("vi")
    document["title"]["en"] = ""
    document["scales"]["yes_no"]["points"][0].pop("en")
    document["estimated_minutes"] = 0


def test_every_fault_is_said_in_words_and_every_link_leads_to_its_field(editor: FlaskClient) -> None:
    broken = copy.deepcopy(SHORT)
    spoil(broken)
    with survey_of(editor.application).database.session(writes=True) as opened:
        number = drafts.put(opened, {**broken, "version": "9.9"}, None, now()).id
        opened.commit()
    page = editor.get(f"{BASE}/{number}?check=1&lang=en")
    outline = check_page(page, "en")
    listed = page.text[page.text.index('class="refused"') : page.text.index('class="beside"')]
    links = re.findall(r'href="#([^"]+)"', listed)
    assert set(links) <= set(outline.ids)
    assert listed.count("<li>") == len(check(broken))
    said = re.sub(r"<[^>]+>", "", listed)
    assert not re.search(r"\w/\w", said), "no place is named by its keys"
    for words in (
        "Question 1: The text in Vietnamese is missing.",
        "Question 7, answer 3: The text in English is missing.",
        "Question 7, condition: Please choose at which level or answer this question is asked.",
    ):
        assert words in said
    assert re.findall(r'<details id="at-([^"]+)" class="[^"]*" open>', page.text) == [
        f"items/{i}" for i in (0, 1, 6, 7, 8)
    ]


def test_a_question_is_asked_only_after_certain_answers_by_two_choices(editor: FlaskClient) -> None:
    address = draft_of(editor)
    fields = typed(editor.get(address))
    assert (fields["items/6/when_question"], fields["items/6/when_answer"]) == ("any", "<= 3")
    chosen = {"items/7/when_question": "S7", "items/7/when_answer": "S7 == late"}
    assert editor.post(address, data={**fields, **chosen, "do": ""}).status_code == 303
    items = document_of(editor, address)["items"]
    assert (items[6]["show_if"], items[7]["show_if"]) == ("any(S1..S6 <= 3)", "S7 == late")
    page = editor.get(address)
    assert typed(page)["items/7/when_answer"] == "S7 == late"
    always = {"items/6/when_question": "", "items/6/when_answer": "<= 3"}
    assert editor.post(address, data={**typed(page), **always, "do": ""}).status_code == 303
    assert "show_if" not in document_of(editor, address)["items"][6]


def test_what_the_choices_cannot_say_is_shown_in_words_and_kept_until_it_is_taken_away(editor: FlaskClient) -> None:
    with survey_of(editor.application).database.session(writes=True) as opened:
        document = copy.deepcopy(questionnaires.named(opened, "short_online").document)
        document["items"][6]["show_if"] = "S1 <= 3 and not S2 >= 4"
        number = drafts.put(opened, {**document, "version": "9.9"}, None, now()).id
        opened.commit()
    address = f"{BASE}/{number}"
    page = editor.get(f"{address}?lang=en")
    assert "question 1 is answered at level 3 (Neutral) or lower and not (" in check_page(page, "en").words
    assert editor.post(address, data={**typed(page), "do": ""}).status_code == 303
    assert document_of(editor, address)["items"][6]["show_if"] == "S1 <= 3 and not S2 >= 4"
    taken = {"items/6/when_question": ""}
    assert editor.post(address, data={**typed(editor.get(address)), **taken, "do": ""}).status_code == 303
    assert "show_if" not in document_of(editor, address)["items"][6]


@pytest.mark.parametrize(
    ("do", "marked"),
    [
        ("down items/1", "items/2"),
        ("up items/2", "items/1"),
        ("retire items/3", "items/3"),
        ("add  single", "items/8"),
        ("option items/6", "items/6"),
        ("drop items/6/options/0", "items/6"),
    ],
)
def test_what_was_done_is_said_and_the_question_that_it_was_done_to_is_marked(
    editor: FlaskClient, do: str, marked: str
) -> None:
    address = draft_of(editor)
    done = editor.post(address, data={**typed(editor.get(address)), "do": do})
    page = editor.get(done.location)
    outline = check_page(page)
    assert 'role="status"' in page.text
    assert re.findall(r'<details id="at-([^"]+)" class="item[^"]* added" open>', page.text) == [marked]
    assert done.location.rpartition("#")[2] in outline.ids


def test_the_editor_names_no_keys(editor: FlaskClient) -> None:
    page = editor.get(f"{draft_of(editor)}?lang=en")
    labels = re.findall(r"<label[^>]*>(.*?)</label>", page.text)
    keys = {*SHORT["texts"], *(str(option["value"]) for option in SHORT["items"][6]["options"])}
    assert not [label for label in labels if set(re.findall(r"\w+", label)) & {key for key in keys if "_" in key}]
    assert "Promise of anonymity (Vietnamese)" in labels
    assert "Answer 1 (English)" in labels
