"""What people say about each factor of a service: share satisfied, mean and five levels, from judged answers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.tables import summary
from survey.models import Response, Texts
from survey.results import counts, live_counts
from survey.results.asked import questionnaires_asked
from survey.results.cuts import EVERYBODY, AnswerPart, of_part
from survey.results.disclosure import beside, by_itself
from survey.results.live_counts import LEVELS, MEASURES
from survey.results.rows import Measured, rows_of
from survey.results.scope import Scope, Standard
from survey.results.withholding import without_words

FIGURES = ("rate", "lower", "upper", "mean", "mean_lower", "mean_upper", "index", "suppress")


@dataclass(frozen=True, kw_only=True)
class FactorRow(Measured):
    """The answers to one rated question about a factor: its questionnaire and title, its id, the factor, the text."""

    questionnaire: str
    title: Texts
    question: str
    factor: str
    name: Texts
    text: Texts


def factors(
    session: Session, scope: Scope, standard: Standard, part: AnswerPart = EVERYBODY, code: str = ""
) -> tuple[FactorRow, ...]:
    """Return one row per rated factor question, of every questionnaire that was answered, in the order of asking.

    With `code` they are those of one questionnaire only. Where nobody has answered any, they are those of the
    questionnaire that is asked first. Of a closed period the words are those of the versions that had been published
    when it was closed.

    A factor is not judged against the target: the target is about the overall question.
    """
    asked = [sheet for sheet in questionnaires_asked(session, scope) if code in ("", sheet.code)]
    index = pd.DataFrame(
        [
            (sheet.code, sheet.title, q.id, q.factor, sheet.factors[str(q.factor)], q.text)
            for sheet in asked
            for q in sheet.questions
            if q.slot and q.factor and not q.target
        ],
        columns=["questionnaire", "title", "question", "factor", "name", "text"],
    ).drop_duplicates("question", ignore_index=True)
    if index.empty:  # without questions the cells are those of the overall question
        return ()
    cells = of_part(counts.cells(session, scope, ("question", *part.keys), index["question"].to_list()), part)
    cells = cells.groupby("question", as_index=False)[list(MEASURES)].sum()
    frame = index.merge(cells, on="question", how="left").fillna(dict.fromkeys(MEASURES, 0))
    frame = frame.astype(dict.fromkeys(MEASURES, "int64"))
    given = (frame["answered"] + frame["no_opinion"]).groupby(frame["questionnaire"]).transform("sum")
    first = frame["question"].isin([question.id for question in asked[0].questions])
    frame = frame[given > 0 if (given > 0).any() else first].reset_index(drop=True)
    if frame.empty:
        return ()
    standard = scope.held_to(standard)
    may = _may_be_shown(session, scope, standard, part, frame["question"].to_list())
    frame["withheld"] = beside(scope, standard.fewest, frame["answered"].to_list(), range(len(frame)), may)
    counted = frame[["question", "answered", "satisfied", *LEVELS]]
    measured = summary(counted, ["question"], confidence=standard.confidence)
    return rows_of(without_words(pd.concat([frame, measured[list(FIGURES)]], axis=1)), FactorRow)


def _may_be_shown(
    session: Session, scope: Scope, standard: Standard, part: AnswerPart, questions: Sequence[str]
) -> list[bool]:
    """Return of each question whether the reader may see what enough people answered to it."""
    # Of a questionnaire that open links ask nothing else is told by question, so that no sum is beside it.
    alone = part == EVERYBODY or (part.key == "questionnaire" and part.channel != EVERYBODY.channel)
    if not scope.reader.guarded or not alone:
        return [not scope.reader.guarded] * len(questions)
    asked = live_counts.rating(session, questions)
    if part.key:
        those = Response.questionnaire_id.in_([one for one in part.wanted if one is not None])
        asked = {question: sa.and_(rated, those) for question, rated in asked.items()}
    may = by_itself(session, scope, standard.fewest, asked)
    return [may.get((question, part.channel), False) for question in questions]


def by_questionnaire(rows: Sequence[FactorRow]) -> tuple[tuple[FactorRow, ...], ...]:
    """Return the factors apart by the questionnaire that asked for them, the one that most people answered first."""
    apart: dict[str, list[FactorRow]] = {}
    for row in rows:
        apart.setdefault(row.questionnaire, []).append(row)
    most = sorted(apart.values(), key=lambda group: -max(row.answered for row in group))
    return tuple(tuple(group) for group in most)
