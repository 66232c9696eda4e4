"""From what a form sent to what is stored: every value checked against the questionnaire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey.errors import InvalidAnswers
from survey.i18n import length, msgid, nfc
from survey.questionnaires import Question, Questionnaire
from survey.questionnaires.conditions import holds

Values = Callable[[str], Sequence[str]]  # a form field's name -> all values sent under it
ENDS = ("done", "refused", "given_up")  # where in a portal a person was asked
AnswerFault = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Answers:
    """One person's answers: ratings by slot, other answers by question, comments apart."""

    ratings: dict[str, int]
    other: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)


def read_answers(sheet: Questionnaire, values: Values, partial: bool = False) -> Answers:
    """Return the checked answers of one form.

    An answer to a question that its condition did not call for is kept: without JavaScript every question of the page
    is seen, and what a person said is never dropped. `partial` lets required questions be missing: somebody adds to
    what was answered before. Where in a portal it was asked is kept under "end".

    Raises:
        InvalidAnswers: names each question and what to do; nothing is dropped silently.
    """
    ratings: dict[str, int] = {}
    other: dict[str, Any] = {}
    comments: dict[str, str] = {}
    faults: dict[str, AnswerFault] = {}
    for question in sheet.questions:
        try:
            answer = READERS[question.kind](question, values)
        except ValueError as fault:
            faults[question.id] = fault.args[0]
            continue
        if not answer:
            if question.required and not partial and asked(question, values):
                faults[question.id] = (msgid("Please choose one answer."), {})
        elif question.slot:
            ratings[question.slot] = int(answer)
        elif question.kind == "text":
            comments[question.id] = answer
        else:
            other[question.id] = answer
    if faults:
        raise InvalidAnswers(faults)
    if (end := next(iter(values("end")), "")) in ENDS:
        other["end"] = end
    return Answers(ratings, other, comments)


def asked(question: Question, values: Values) -> bool:
    """Return whether a question is to be asked, given the answers so far."""
    return question.show_if is None or holds(question.show_if, values)


def _one(question: Question, values: Values) -> str | None:
    given = [value for value in values(question.id) if value != ""]
    if not given:
        return None
    if len(given) > 1 or given[0] not in question.values:
        raise ValueError((msgid("Please choose one of the answers shown."), {}))
    return given[0]


def _many(question: Question, values: Values) -> list[str] | None:
    given = [value for value in values(question.id) if value != ""]
    offered = [option.value for option in question.options]
    if any(value not in offered for value in given):
        raise ValueError((msgid("Please choose one of the answers shown."), {}))
    return [value for value in offered if value in given] or None


def _text(question: Question, values: Values) -> str | None:
    written = nfc("\n".join(values(question.id)))
    if (signs := length(written)) > question.max_length:
        fault = msgid("Please shorten this to %(limit)d characters; it now has %(length)d.")
        raise ValueError((fault, {"limit": question.max_length, "length": signs}))
    return written or None


def _grid(question: Question, values: Values) -> dict[str, str] | None:
    chosen: dict[str, str] = {}
    for row in question.rows:
        given = [value for value in values(row.value) if value != ""]
        if len(given) > 1 or (given and given[0] not in question.values):
            raise ValueError((msgid("Please choose one of the answers shown."), {}))
        if given:
            chosen[row.value] = given[0]
    return chosen or None


READERS: dict[str, Callable[[Question, Values], Any]] = {
    "scale": _one,
    "single": _one,
    "multi": _many,
    "text": _text,
    "grid": _grid,
}
