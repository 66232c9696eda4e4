"""How ratings are counted from the answers themselves: the one rule, for pages and for counts that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import NO_OPINION, QuestionnaireVersion, Response
from survey.results.standing import RowFilter

RatingColumn: TypeAlias = "sa.ColumnElement[int | None]"

LEVELS = tuple(f"level_{rating}" for rating in range(1, 6))
MEASURES = ("answered", "satisfied", *LEVELS, "no_opinion")
AT_ONCE = 200  # questions in one SELECT, six columns each: PostgreSQL returns at most 1,664
KEY_COLUMNS: dict[str, Any] = {
    "agency": Response.agency_id,
    "unit": Response.agency_id,
    "procedure": Response.procedure_id,
    "channel": Response.channel,
    "day": Response.day,
    "respondent": Response.respondent,
    "placement": Response.placement_id,
    "questionnaire": Response.questionnaire_id,
    "outcome": Response.outcome,
    "timeliness": Response.timeliness,
}


def live_rows(
    session: Session, asked: Sequence[str], questions: Sequence[str], conditions: Sequence[RowFilter]
) -> list[tuple[object, ...]]:
    """Count the levels of every rating asked for, however many, in one reading of the responses."""
    by = [name for name in asked if name != "question"]
    keys = [number(KEY_COLUMNS[name]).label(name) for name in by]
    asked_of = layouts(session, questions) if questions else [(sa.true(), {"": Response.overall})]
    rows: list[tuple[object, ...]] = []
    for asking, ratings in asked_of:
        for start in range(0, len(ratings), AT_ONCE):
            some = dict(list(ratings.items())[start : start + AT_ONCE])
            each = [(rating, level) for rating in some.values() for level in (1, 2, 3, 4, 5, NO_OPINION)]
            levels = [sa.func.count().filter(rating == level) for rating, level in each]
            query = sa.select(*keys, *levels).where(*conditions, asking).group_by(*[KEY_COLUMNS[name] for name in by])
            rows += _unfolded(session.execute(query), list(some) if questions else [])
    return rows


def _unfolded(counted: Iterable[Sequence[Any]], questions: Sequence[str]) -> list[tuple[object, ...]]:
    """Turn the rows of `live_rows` into one row per cell and question, with `answered` and `satisfied` added up."""
    rows = []
    for row in counted:
        keys = len(row) - 6 * (len(questions) or 1)
        for place, start in enumerate(range(keys, len(row), 6)):
            *levels, none = row[start : start + 6]
            rows.append((*questions[place : place + 1], *row[:keys], sum(levels), sum(levels[3:]), *levels, none))
    return rows


def rating(session: Session, questions: Sequence[str]) -> Mapping[str, sa.ColumnElement[bool]]:
    """Return for each question that is kept at all the condition that an answer rates it."""
    every = layouts(session, questions)
    return {
        question: sa.or_(*[sa.and_(asking, at[question].between(1, 5)) for asking, at in every if question in at])
        for question in {question for _asking, at in every for question in at}
    }


def rated_questions(session: Session) -> list[str]:
    """Return the ids of all rated questions of every version, the overall one among them."""
    versions = session.scalars(sa.select(QuestionnaireVersion.slots))
    return sorted({question for slots in versions for question in slots})


def layouts(session: Session, questions: Sequence[str]) -> list[tuple[RowFilter, dict[str, RatingColumn]]]:
    """Return which columns hold the ratings of the questions: for answers to which versions, and by question.

    Versions that keep them in the same columns go together, so that each answer is read once, and only for the
    questions that it was asked.
    """
    versions_of: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for version_id, slots in session.execute(sa.select(QuestionnaireVersion.id, QuestionnaireVersion.slots)):
        if kept := tuple((question, slots[question]) for question in questions if question in slots):
            versions_of.setdefault(kept, []).append(version_id)
    return [
        (Response.questionnaire_id.in_(versions), {question: getattr(Response, slot) for question, slot in kept})
        for kept, versions in versions_of.items()
    ]


def number(column: sa.ColumnExpressionArgument[int]) -> sa.ColumnElement[int]:
    """Return the stored number of a key, so that the two databases and a frozen cell give the same value."""
    return sa.type_coerce(column, sa.Integer)
