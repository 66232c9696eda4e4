"""What differs between two versions: nothing that people are asked changes without being told before publishing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaires import BANK, At, documents
from survey.questionnaires.differences import ChangeKind, differences
from survey.questionnaires.document import part_at

SHORT, FULL = documents(BANK.read_text(encoding="utf-8"))[:2]


def changed(change: Callable[[dict[str, Any]], object], document: dict[str, Any] = SHORT) -> dict[str, Any]:
    made = copy.deepcopy(document)
    change(made)
    return made


def _leaves(node: Any, at: At = ()) -> Iterator[At]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield from _leaves(value, (*at, key))
    if not entries and at[-1] != "version" and at != ("id",):
        yield at


PLACES = [(document, at) for document in (SHORT, FULL) for at in _leaves(document)]


@given(st.sampled_from(PLACES), st.sampled_from(["Khác hẳn", 77, None]))
def test_whatever_is_changed_in_a_questionnaire_is_told(place: tuple[dict[str, Any], At], value: object) -> None:
    document, at = place
    other = changed(lambda made: part_at(made, at[:-1]).__setitem__(at[-1], value), document)
    if part_at(document, at) is not value:
        assert differences(document, other), at
    assert not differences(other, other)


def swap(entries: list[Any]) -> None:
    entries.insert(1, entries.pop(2))


@pytest.mark.parametrize(
    ("change", "code", "kinds"),
    [
        (lambda d: d["items"][1].update(vi="Khác"), "S2", [ChangeKind.REWORDED]),
        (lambda d: d["items"][1].update(km="Khmer"), "S2", [ChangeKind.REWORDED]),
        (lambda d: d["items"][1].update(enabled_by_default=False), "S2", [ChangeKind.STOPPED]),
        (lambda d: d["items"].pop(1), "S2", [ChangeKind.STOPPED]),
        (lambda d: d["items"].append({"id": "N1", "type": "text", "vi": "a", "en": "b"}), "N1", [ChangeKind.ADDED]),
        (lambda d: d["items"][6]["options"].pop(), "S7", [ChangeKind.ANSWERS]),
        (lambda d: d["items"][6]["options"][0].update(en="Other"), "S7", [ChangeKind.ANSWERS]),
        (lambda d: swap(d["items"][6]["options"]), "S7", [ChangeKind.ANSWERS]),
        (lambda d: d["items"][6].update(show_if="S1 <= 2"), "S7", [ChangeKind.CONDITION]),
        (lambda d: d["items"][7].update(max_length=10), "S8", [ChangeKind.SETTINGS]),
        (lambda d: d["items"].insert(1, d["items"].pop(5)), "S6", [ChangeKind.MOVED]),
        (
            lambda d: d["items"].insert(1, {**d["items"].pop(5), "vi": "Khác"}),
            "S6",
            [ChangeKind.REWORDED, ChangeKind.MOVED],
        ),
    ],
)
def test_each_question_says_what_became_of_it_and_the_others_stay(
    change: Callable[[dict[str, Any]], object], code: str, kinds: list[ChangeKind]
) -> None:
    told = differences(SHORT, changed(change))
    assert [(one.code, list(one.kinds)) for one in told.questions] == [(code, kinds)]
    assert told.same == len({item["id"] for item in SHORT["items"]} - {code})
    assert not told.target


def test_a_question_that_comes_back_is_asked_again() -> None:
    off = changed(lambda d: d["items"][1].update(enabled_by_default=False))
    assert [one.kinds for one in differences(off, SHORT).questions] == [(ChangeKind.ASKED_AGAIN,)]


def test_a_question_that_goes_to_another_part_has_moved() -> None:
    other = changed(lambda d: d["sections"][1]["items"].append(d["sections"][0]["items"].pop()), FULL)
    [told] = differences(FULL, other).questions
    assert (told.kinds, told.parts) == ((ChangeKind.MOVED,), ("G", "A"))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["items"][0].update(en="Otherwise?"),
        lambda d: d["scales"]["satisfaction5"]["points"][3].update(vi="Khá hài lòng"),
        lambda d: (d["items"][0].update(hint="again"), d["texts"].update(again={"vi": "a", "en": "b"})),
    ],
)
def test_other_words_of_the_target_question_or_of_its_answers_are_warned_of(
    change: Callable[[dict[str, Any]], object],
) -> None:
    assert differences(SHORT, changed(change)).target


def test_of_a_questionnaire_that_nobody_has_been_asked_everything_is_new() -> None:
    told = differences({}, SHORT)
    assert {kind for one in told.questions for kind in one.kinds} == {ChangeKind.ADDED}
    assert (told.target, told.same, len(told.questions)) == (False, 0, len(SHORT["items"]))
