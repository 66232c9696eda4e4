"""What people say about each factor of a service: share satisfied, mean and five levels, from judged answers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.orm import Session

from analysis.tables import summary
from survey import questionnaires
from survey.models import Channel, Texts
from survey.results import counts
from survey.results.counts import LEVELS, MEASURES
from survey.results.disclosure import beside, by_itself
from survey.results.rows import Measured, rows_of
from survey.results.scope import Scope, Standard
from survey.results.withholding import without_words

FIGURES = ("rate", "lower", "upper", "mean", "mean_lower", "mean_upper", "index", "suppress")


@dataclass(frozen=True, kw_only=True)
class FactorRow(Measured):
    """The judged answers to one rated question about a factor: its id, the factor, its name and the text asked."""

    question: str
    factor: str
    name: Texts
    text: Texts


def factors(session: Session, scope: Scope, standard: Standard) -> tuple[FactorRow, ...]:
    """Return one row per rated factor question of the questionnaire asked now, in the order in which it is asked.

    Of a closed period it is the questionnaire that was asked when it was closed.

    A factor is not judged against the target: the target is about the overall question.
    """
    if scope.closing is None:
        questionnaire = questionnaires.asked_now(session)
    elif scope.closing.questionnaire_id is None:
        return ()
    else:
        questionnaire = questionnaires.published_questionnaire(session, scope.closing.questionnaire_id)
    rated = [question for question in questionnaire.questions if question.slot and question.factor]
    index = pd.DataFrame(
        [(q.id, q.factor, questionnaire.factors[str(q.factor)], q.text) for q in rated if not q.target],
        columns=["question", "factor", "name", "text"],
    )
    if index.empty:  # without questions the cells are those of the overall question
        return ()
    cells = counts.judged(counts.cells(session, scope, ("question", "channel"), index["question"].to_list()))
    frame = index.merge(cells.drop(columns="channel"), on="question", how="left").fillna(dict.fromkeys(MEASURES, 0))
    frame = frame.astype(dict.fromkeys(MEASURES, "int64"))
    held_to = scope.held_to(standard)
    shown = questions_shown(session, scope, held_to.fewest, index["question"].to_list())
    answered, may = frame["answered"].to_list(), [shown[question] for question in frame["question"]]
    frame["withheld"] = beside(scope, held_to.fewest, answered, range(len(frame)), may)
    counted = frame[["question", "answered", "satisfied", *LEVELS]]
    measured = summary(counted, ["question"], confidence=held_to.confidence)
    table = pd.concat([frame, measured[list(FIGURES)]], axis=1)
    return rows_of(without_words(table), FactorRow)


def questions_shown(session: Session, scope: Scope, fewest: int, questions: Sequence[str]) -> dict[str, bool]:
    """Return of rated questions, by id, whether its reader may see what enough people answered to them."""
    if not scope.reader.guarded:
        return dict.fromkeys(questions, True)
    rated = counts.ratings(session, questions)
    asked = {question: rating.between(1, 5) for question, rating in rated.items()}
    may = by_itself(session, scope, fewest, asked)
    return {question: may.get((question, Channel.INVITATION), True) for question in questions}
