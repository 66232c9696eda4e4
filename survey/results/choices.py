"""What people chose where a question offers answers that are no ratings: reasons, single and several choices, grids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.interval import wilson
from survey.models import Channel, Response, Texts
from survey.questionnaires import Option, Question, Questionnaire
from survey.results import counts, daily_counts, live_counts
from survey.results.asked import questionnaires_asked
from survey.results.cuts import EVERYBODY, AnswerPart, raw
from survey.results.disclosure import Withheld, beside, by_itself, disclosure, hidden_choices
from survey.results.scope import Scope, Standard

REASONS = "reasons"  # under which the questions for reasons of all questionnaires are counted together
AT_ONCE = 2000


@dataclass(frozen=True)
class OptionShare:
    """One answer that could be chosen, by how many people, and as a share of those who answered with its limits.

    `people` is None where fewer than five chose it, and everything is where too few answered the question.
    """

    value: str
    text: Texts
    people: int | None
    rate: float | None
    lower: float
    upper: float


@dataclass(frozen=True)
class ChoiceQuestion:
    """One question, by how many people it was answered, and its choices.

    Where several may be chosen, the most frequent comes first. `withheld`: why the choices are not shown. `answered` is
    None where already the number of those who were asked would tell what is withheld: how satisfied they were.
    """

    id: str
    text: Texts
    several: bool
    answered: int | None
    withheld: Withheld
    choices: tuple[OptionShare, ...]

    @property
    def shown(self) -> bool:
        """Return whether enough people answered it and what they chose may be shown."""
        return bool(self.answered) and not self.withheld


def asks_reasons(question: Question) -> bool:
    """Return whether a question is for reasons: of several choices, and asked only after another answer."""
    return question.kind == "multi" and question.show_if is not None


def reason_questions(session: Session, scope: Scope) -> dict[str, Question]:
    """Return the questions for reasons that were asked in a scope, by their ids; all offer reasons by one code."""
    return _reason_questions(questionnaires_asked(session, scope))


def _reason_questions(sheets: Sequence[Questionnaire]) -> dict[str, Question]:
    every = [question for sheet in sheets for question in sheet.questions if asks_reasons(question)]
    return {question.id: question for question in reversed(every)}


def reasons(session: Session, scope: Scope, standard: Standard, part: AnswerPart = EVERYBODY) -> ChoiceQuestion | None:
    """Return what people were not satisfied with, over all questionnaires; None where nobody asks."""
    every = choices(session, scope, standard, part)
    return next((question for question in every if question.id == REASONS), None)


def choices(
    session: Session, scope: Scope, standard: Standard, part: AnswerPart = EVERYBODY
) -> tuple[ChoiceQuestion, ...]:
    """Return every question with choices in the order of asking, reasons first and over all questionnaires as one.

    Each row of a grid is a question of its own. What says how freely a sheet was filled in stands apart
    (`response_quality`). A share is of those who answered that very question; for reasons, of those who gave any.
    """
    sheets = questionnaires_asked(session, scope)
    asked, why = dict(_asked(sheets)), set(_reason_questions(sheets))
    people: Counter[str] = Counter()
    chosen: Counter[tuple[str, str]] = Counter()
    for answers, number in _given(session, scope, part, why):
        for question, values in answers.items():
            if question in asked:
                people[question] += number
                chosen.update(dict.fromkeys(((question, value) for value in values), number))
    standard = scope.held_to(standard)
    may = _may_be_shown(session, scope, standard, part, sheets, list(asked))
    numbers = [people[question] for question in asked]
    withheld = beside(scope, standard.fewest, numbers, range(len(numbers)), may)
    measured = [
        _measured(question, text, several, people[question], why, options, chosen, standard.confidence)
        for (question, (text, several, options)), why in zip(asked.items(), withheld, strict=True)
    ]
    silence = _of_everybody(session, scope, standard) if part == EVERYBODY else ""
    conditional = _conditional(sheets) if silence else set()
    return tuple(
        replace(question, answered=None, withheld=silence) if question.id in conditional else question
        for question in measured
    )


def _of_everybody(session: Session, scope: Scope, standard: Standard) -> Withheld:
    """Return why it is not shown how satisfied people were in all; empty where it is."""
    answered = counts.judged(counts.cells(session, scope, ("channel",)))["answered"].sum()
    return disclosure(session, scope, standard.fewest).total(Channel.INVITATION, int(answered))


def _conditional(sheets: Sequence[Questionnaire]) -> set[str]:
    """Return the questions, and rows of grids, that are asked only after other answers."""
    asked = [question for sheet in sheets for question in sheet.questions if question.show_if is not None]
    rows = {row.value for question in asked if question.kind == "grid" for row in question.rows}
    return rows | {REASONS if asks_reasons(question) else question.id for question in asked}


def _may_be_shown(
    session: Session,
    scope: Scope,
    standard: Standard,
    part: AnswerPart,
    sheets: Sequence[Questionnaire],
    asked: Sequence[str],
) -> list[bool]:
    """Return of each question whether the reader may see what enough people chose."""
    if not scope.reader.guarded or part != EVERYBODY:
        return [not scope.reader.guarded] * len(asked)
    every = [question for sheet in sheets for question in sheet.questions]
    places: dict[str, set[tuple[str, ...]]] = {}
    for question in every:
        rows = question.rows if question.kind == "grid" else ()
        name = REASONS if asks_reasons(question) else question.id
        places.setdefault(name, set()).add((question.id,))
        for row in rows:
            places.setdefault(row.value, set()).add((question.id, row.value))
    given = {
        name: sa.or_(*[Response.other[place].as_string().is_not(None) for place in sorted(places[name])])
        for name in asked
    }
    may = by_itself(session, scope, standard.fewest, given)
    return [may[name, part.channel] for name in asked]


def _asked(sheets: Sequence[Questionnaire]) -> Iterator[tuple[str, tuple[Texts, bool, Sequence[Option]]]]:
    every = {question.id: question for sheet in reversed(sheets) for question in sheet.questions}
    in_order = [every[name] for name in dict.fromkeys(question.id for sheet in sheets for question in sheet.questions)]
    if why := [question for question in in_order if asks_reasons(question)]:
        offered = {option.value: option for question in reversed(why) for option in question.options}
        yield REASONS, (why[0].text, True, tuple(offered.values()))
    for question in in_order:
        if question.kind == "grid":
            yield from ((row.value, (_joined(question, row), False, question.options)) for row in question.rows)
        elif question.slot is None and question.options and not question.quality and not asks_reasons(question):
            yield question.id, (question.text, question.kind == "multi", question.options)


def _joined(question: Question, row: Option) -> Texts:
    return {language: f"{words} {row.text.get(language, '')}" for language, words in question.text.items()}


def _given(
    session: Session, scope: Scope, part: AnswerPart, why: set[str]
) -> Iterator[tuple[dict[str, set[str]], int]]:
    """Yield the distinct sets of such answers as question and values, and how many people gave each."""
    whole, key = sa.cast(Response.other, sa.Text), live_counts.KEY_COLUMNS[part.keys[-1]]
    days = daily_counts.days_of(session, scope, part.keys, cut=False)
    for written, number in daily_counts.choice_rows(session, days.ids, part.channel, scope.subtree):
        yield _flat(json.loads(written), why), number
    for conditions in counts.standing(scope, days):
        query = sa.select(whole, sa.type_coerce(key, sa.Integer), sa.func.count())
        query = query.where(*conditions, Response.channel == part.channel, Response.other.is_not(None))
        query = query.group_by(whole, key)
        for written, value, number in session.execute(query, execution_options={"yield_per": AT_ONCE}):
            if not part.key or raw(value) in part.wanted:
                yield _flat(json.loads(written), why), number


def _flat(other: dict[str, object], why: set[str]) -> dict[str, set[str]]:
    """Return what was chosen by question; who gave reasons on both forms, one added to the other, gave them once."""
    values: dict[str, set[str]] = {}
    for question, value in other.items():
        if isinstance(value, dict):
            values |= {str(row): {str(one)} for row, one in value.items()}
        else:
            some = {str(one) for one in value} if isinstance(value, list) else {str(value)}
            values.setdefault(REASONS if question in why else question, set()).update(some)
    return values


def _measured(
    question: str,
    text: Texts,
    several: bool,
    answered: int,
    withheld: Withheld,
    options: Sequence[Option],
    chosen: Counter[tuple[str, str]],
    confidence: float,
) -> ChoiceQuestion:
    enough = answered > 0 and not withheld
    people = [chosen[question, option.value] for option in options]
    countable = [not hide for hide in hidden_choices(people, several=several)]
    limits = wilson(np.array(people), np.full(len(people), max(answered, 1)), confidence)
    lowest, highest = np.asarray(limits.lower), np.asarray(limits.upper)
    rows = [
        OptionShare(option.value, option.text, number, number / answered, float(lower), float(upper))
        if enough and tell
        else OptionShare(option.value, option.text, None, None, 0.0, 1.0)
        for option, number, tell, lower, upper in zip(options, people, countable, lowest, highest, strict=True)
    ]
    if several:
        rows.sort(
            key=lambda row: (row.value == "other", -(0.5 if row.people is None else row.people))
        )  # 1 to 4 are not told
    return ChoiceQuestion(question, text, several, answered, withheld, tuple(rows))
