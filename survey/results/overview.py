"""What a page and a report show of one agency and period, gathered once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.results.choices import ChoiceQuestion, reasons
from survey.results.factors import FactorRow, factors
from survey.results.figures import By, Figures, figures
from survey.results.importance import Importance, importance
from survey.results.scope import Scope, Standard
from survey.results.trends import TrendFigures, trend


@dataclass(frozen=True, eq=False)
class Overview:
    """The figures by unit or by procedure, how the rate has moved, what people say about each factor, and why."""

    figures: Figures
    trend: TrendFigures
    factors: tuple[FactorRow, ...]
    importance: Importance
    reasons: ChoiceQuestion | None


def overview(session: Session, scope: Scope, standard: Standard, today: dt.date, by: By = "unit") -> Overview:
    """Gather what is shown of an agency and period; of one moment, if the session reads in one snapshot."""
    overall = figures(session, scope, standard, today, by)
    rated = factors(session, scope, standard)
    answered = overall.judged.total.answered
    return Overview(
        overall,
        trend(session, scope, standard, today),
        rated,
        importance(session, scope, rated, answered),
        reasons(session, scope, standard),
    )
