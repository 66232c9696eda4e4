"""Questionnaires as data: faults by line and column, versions that never change, figures that join by code."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import read_answers
from survey.errors import Conflict, ImportRefused, InvalidAnswers, NotFound
from survey.i18n import nfc
from survey.models import QuestionnaireVersion, VersionStatus
from survey.organisation import agencies
from survey.periods import parse
from survey.questionnaires import BANK, DocumentFault, check, documents, drafts, read, written
from survey.results import counts, factors
from survey.results.scope import scope_for
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.figures import STANDARD

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)
TEXT = BANK.read_text(encoding="utf-8")
SHORT, FULL, IN_PERSON = documents(TEXT)
Change = Callable[[dict[str, Any]], Any]


def changed(change: Change, document: dict[str, Any] = SHORT) -> dict[str, Any]:
    made = copy.deepcopy(document)
    change(made)
    return made


def said(faults: list[DocumentFault]) -> str:
    return "\n".join(f"{fault.path} {fault.message % fault.values}" for fault in faults)


def test_the_questionnaires_that_ship_have_no_fault() -> None:
    assert [said(check(document)) for document in (SHORT, FULL, IN_PERSON)] == ["", "", ""]
    sipas = {n for _at, item in questionnaires.items(FULL) for n in _numbers(item.get("map", {}).get("sipas"))}
    assert sipas == set(range(24, 40)), "all sixteen official service criteria are covered"


def _numbers(given: Any) -> list[int]:
    return [] if given is None else given if isinstance(given, list) else [given]


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (lambda d: d["items"][1].pop("en"), ("items", 1, "en"), "The text in English is missing"),
        (lambda d: d["items"][6]["options"][2].update(vi="  "), ("items", 6, "options", 2, "vi"), "is missing"),
        (lambda d: d["texts"]["thanks"].pop("vi"), ("texts", "thanks", "vi"), "is missing"),
        (lambda d: d["title"].pop("en"), ("title", "en"), "is missing"),
        (lambda d: d["scales"]["yes_no"]["points"][0].pop("en"), ("scales", "yes_no", "points", 0, "en"), "is missing"),
        (lambda d: d["items"][2].update(scale="stars"), ("items", 2, "scale"), "no scale called “stars”"),
        (lambda d: d["items"][2].update(factor="mood"), ("items", 2, "factor"), "no factor called “mood”"),
        (lambda d: d["items"][2].update(hint="nothing"), ("items", 2, "hint"), "no text called “nothing”"),
        (lambda d: d["items"][2].update(type="slider"), ("items", 2, "type"), "The kinds of question are"),
        (lambda d: d["items"][2].update(requird=True), ("items", 2, "requird"), "is not known here"),
        (lambda d: d["items"][2].update(id="S1"), ("items", 2, "id"), "two questions with the code “S1”"),
        (lambda d: d["items"][2].update(id="lang"), ("items", 2, "id"), "needs a code"),
        (lambda d: d["items"][0].update(target_item=False), (), "One question must be the target"),
        (lambda d: d["items"][1].update(target_item=True), ("items", 1, "target_item"), "a target question already"),
        (lambda d: d["items"][0].update(allow_na=True), ("items", 0, "required"), "required and has no"),
        (lambda d: d["items"][6].update(show_if="any(S1..S6 <= "), ("items", 6, "show_if"), "ends too early"),
        (lambda d: d["items"][6].update(show_if="S99 <= 3"), ("items", 6, "show_if"), "names “S99”"),
        (lambda d: d["items"][6].update(show_if="S1 <= good"), ("items", 6, "show_if"), "cannot be read at “good”"),
        (lambda d: d["items"][6].update(show_if="S7 == late"), ("items", 6, "show_if"), "not asked before"),
        (lambda d: d["items"][0].update(show_if="S2 == 1"), ("items", 0, "show_if"), "always asked"),
        (
            lambda d: d["items"][6]["options"][1].update(value="login"),
            ("items", 6, "options", 1, "value"),
            "two answers",
        ),
        (lambda d: d["items"][6]["options"][1].update(value="a b"), ("items", 6, "options", 1, "value"), "letters"),
        (lambda d: d["items"][6].update(options=[]), ("items", 6, "options"), "at least two"),
        (lambda d: d["items"][7].update(max_length=90_000), ("items", 7, "max_length"), "from 1 to 4000"),
        (lambda d: d["items"][1].update(vi="x" * 501), ("items", 1, "vi"), "501 characters"),
        (lambda d: d["items"][1].update(required="yes"), ("items", 1, "required"), "true or false"),
        (lambda d: d.update(version="one"), ("version",), "written like 1.0"),
        (lambda d: d.update(id="Ngắn"), ("id",), "small letters"),
        (lambda d: d.update(intro=["greeting"]), ("intro", 0), "no text called “greeting”"),
        (lambda d: d.update(items="none"), ("items",), "A list is expected"),
        (lambda d: d["scales"]["satisfaction5"]["points"].reverse(), ("scales", "satisfaction5"), "1 to 5"),
    ],
)
def test_every_fault_is_named_where_it_stands(change: Change, path: tuple[Any, ...], words: str) -> None:
    found = check(changed(change))
    assert any(fault.path == path and words in fault.message % fault.values for fault in found), said(found)


def test_too_many_rated_questions_do_not_fit() -> None:
    def add(document: dict[str, Any]) -> None:
        more = [{**document["items"][1], "id": f"X{number}"} for number in range(20)]
        document["items"][6:6] = more

    found = check(changed(add))
    assert "At most 24 questions can be rated" in said(found)
    assert check(changed(lambda d: d["items"].extend({**d["items"][1], "id": f"X{i}"} for i in range(19)))) == []


def test_sensitive_questions_and_ratings_in_grids_are_refused() -> None:
    def ethnicity(document: dict[str, Any]) -> None:
        document["sections"][-1]["items"][-1]["enabled_by_default"] = True

    assert "sensitive data" in said(check(changed(ethnicity, FULL)))

    def grid(document: dict[str, Any]) -> None:
        next(i for i in document["sections"][7]["items"] if i["id"] == "C4")["scale"] = "satisfaction5"

    assert "would not be counted" in said(check(changed(grid, FULL)))


def test_a_condition_cannot_look_ahead_to_a_later_part() -> None:
    def ahead(document: dict[str, Any]) -> None:
        document["sections"][1]["items"][0]["show_if"] = "C3 == 1"

    assert "C3 is not asked before this question" in said(check(changed(ahead, FULL)))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_a_file_says_it_is_checked_and_never_crashes(data: st.DataObject) -> None:
    document = copy.deepcopy(FULL)
    junk = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda s: st.lists(s) | st.dictionaries(st.text(max_size=4), s),
        max_leaves=4,
    )
    for _ in range(data.draw(st.integers(1, 3))):
        at: Any = document
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans()):
                at = at[key]
                continue
            at[key] = data.draw(junk)
            break
    found = check(document)
    assert all(fault.message % fault.values for fault in found)
    if not found:
        questionnaires.compile_document(document, questionnaires.assign_slots(document), 1, "x", "1.0")


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_what_is_written_as_yaml_is_read_back_the_same(data: st.DataObject) -> None:
    words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf")), min_size=1, max_size=60).map(
        lambda text: nfc(text) or "x"
    )
    document = copy.deepcopy(data.draw(st.sampled_from([SHORT, FULL])))
    for at in drafts.editable(document):
        if at[-1] != "show_if" and data.draw(st.booleans()):
            document = drafts.with_texts(document, {drafts.pointer(at): data.draw(words)})
    assert documents(written(document)) == [document]


def test_a_third_language_is_data_only() -> None:
    def khmer(document: dict[str, Any]) -> None:
        document["items"][0]["km"] = "ជាទូទៅ តើអ្នកពេញចិត្តកម្រិតណា?"
        document["title"]["km"] = "ការវាយតម្លៃ"

    document = changed(khmer)
    assert check(document) == []
    row = QuestionnaireVersion(
        id=1, code="x", version="1.0", document=document, slots=questionnaires.assign_slots(document)
    )
    assert questionnaires.compile_version(row).target.text["km"].startswith("ជា")


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: [1,\n  b", 2, 4, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "“a” stands here twice"),
        ("a: &x [1]\nb: *x\n", 1, 4, "references"),
        ("a: &a [*a]\n", 1, 4, "references"),
        ("[" * 3000, 1, 1, "not a questionnaire file"),
    ],
)
def test_a_file_that_is_no_questionnaire_is_refused_by_line_and_column(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(text)
    fault = refused.value.faults[0]
    assert words in fault.message % fault.values
    assert (fault.line, fault.column) == (line, column)


def test_a_published_version_never_changes(session: Session) -> None:
    with pytest.raises(Conflict):
        questionnaires.publish(session, changed(lambda d: d["items"][0].update(vi="Khác")), NOON)
    same = questionnaires.publish(session, SHORT, NOON)
    assert (same.version, same.document) == ("2.0", SHORT)
    with pytest.raises(Conflict):
        drafts.put(session, SHORT, None, NOON)
    with pytest.raises(Conflict):
        drafts.find(session, same.id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["items"][1].update(scale="yes_no"), "The scale of S2 differs from version 2.0"),
        (lambda d: d["items"][1].update(type="text"), "asked S2 in another way"),
        (lambda d: d["items"][7].update(type="multi", options=d["items"][6]["options"]), "asked S8 in another way"),
        (lambda d: d["items"][1].update(id="B01", scale="yes_no"), "The scale of B01 differs from version 2.0"),
    ],
)
def test_a_code_keeps_its_meaning_over_all_versions(session: Session, change: Change, words: str) -> None:
    document = changed(lambda d: (change(d), d.update(version="3.0")))
    with pytest.raises(ImportRefused) as refused:
        questionnaires.publish(session, document, NOON)
    assert words in said(list(refused.value.faults))


def test_an_old_versions_answers_still_count_after_a_new_version(session: Session) -> None:
    factories.response(session, 5, when=NOON, ratings={"r1": 1, "r2": 4})  # S2 and S3
    new = changed(lambda d: (d.update(version="2.1"), d["items"].pop(1), d["items"][1].update(vi="Đổi lời hoàn toàn")))
    made = questionnaires.publish(session, new, NOON)
    assert made.slots["S3"] == "r1", "the slots moved"
    source = invitations.find(session.connection(), factories.invitation(session, when=NOON), NOON)
    sheet = questionnaires.asked_now(session)
    answers = read_answers(sheet, lambda name: {"S1": ["4"], "S3": ["2"]}.get(name, []))
    responses.record(
        session.connection(),
        factories.SECRET,
        source,
        sheet,
        answers,
        responses.SubmissionMeta(new_token(), NOON, "vi"),
    )
    cells = counts.cells(
        session, scope_for(session, OCTOBER, agencies.root(session).id), ("question",), ("S2", "S3")
    ).set_index("question")
    assert cells.loc["S3", ["answered", "satisfied"]].tolist() == [2, 1]
    assert cells.loc["S2", ["answered", "satisfied"]].tolist() == [1, 0]
    shown = factors.factors(session, scope_for(session, OCTOBER, agencies.root(session).id), STANDARD)
    assert {row.question: row.answered for row in shown}["S3"] == 2
    assert questionnaires.named(session, "short_online", "2.0").status == VersionStatus.RETIRED


@pytest.mark.parametrize(("rating", "needed"), [("3", True), ("4", False), ("9", False)])
def test_a_conditional_question_is_needed_only_when_it_is_asked(rating: str, needed: bool) -> None:
    document = changed(lambda d: d["items"][6].update(required=True, show_if="any(S2..S6 <= 3)"))
    document["items"][1]["allow_na"] = True
    sheet = questionnaires.compile_document(document, questionnaires.assign_slots(document), 1, "x", "1.0")
    given = {"S1": ["5"], "S2": [rating]}
    if needed:
        with pytest.raises(InvalidAnswers) as refused:
            read_answers(sheet, lambda name: given.get(name, []))
        assert list(refused.value.faults) == ["S7"]
        given["S7"] = ["late"]
    assert read_answers(sheet, lambda name: given.get(name, [])).other == ({"S7": ["late"]} if needed else {})


def test_a_draft_is_never_asked(session: Session) -> None:
    draft = drafts.start(session, questionnaires.named(session, "short_online").id, None, NOON)
    assert draft.version == "2.1"
    assert questionnaires.asked_now(session).version == "2.0"
    with pytest.raises(NotFound):
        questionnaires.published_questionnaire(session, draft.id)
