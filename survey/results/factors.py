"""What people say about each factor of a service: share satisfied, mean and five levels, from judged answers only."""

from __future__ import annotations

import pandas as pd
from sqlalchemy.orm import Session

from analysis.tables import summary
from survey import questionnaires
from survey.models import Channel
from survey.periods import Period
from survey.results import counts
from survey.results.counts import LEVELS

FIGURES = ("rate", "lower", "upper", "mean", "mean_lower", "mean_upper", "index", "suppress")


def factors(session: Session, period: Period, agency_id: int, *, confidence: float) -> pd.DataFrame:
    """Return one row per rated factor question of the questionnaire asked now, in the order in which it is asked.

    Columns: question (its id), factor, name and text (by language); answered, satisfied, level_1 … level_5,
    no_opinion; rate, lower, upper, mean, mean_lower, mean_upper, index, suppress. A factor is not judged against the
    target: the target is about the overall question.
    """
    sheet = questionnaires.asked_now(session)
    asked = [question for question in sheet.questions if question.slot and question.factor and not question.target]
    index = pd.DataFrame(
        [(q.id, q.factor, sheet.factors[str(q.factor)], q.text) for q in asked],
        columns=["question", "factor", "name", "text"],
    )
    if not asked:  # without questions the cells are those of the overall question
        return pd.DataFrame(columns=[*index.columns, *counts.MEASURES, *FIGURES])
    cells = counts.cells(session, period, agency_id, ("question", "channel"), index["question"].to_list())
    measured = cells[cells["channel"] == int(Channel.INVITATION)].drop(columns="channel")
    measures = list(counts.MEASURES)
    frame = index.merge(measured, on="question", how="left").fillna(dict.fromkeys(measures, 0))
    frame = frame.astype(dict.fromkeys(measures, "int64"))
    judged = summary(frame[["question", "answered", "satisfied", *LEVELS]], ["question"], confidence=confidence)
    return pd.concat([frame, judged[list(FIGURES)]], axis=1)
