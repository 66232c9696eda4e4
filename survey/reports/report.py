"""A report: all figures of one agency and period, gathered once, from which every file is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from survey.models import Agency, Level, Texts
from survey.organisation import agencies
from survey.periods import LOCAL_ZONE, Period
from survey.results.factors import factors
from survey.results.figures import Figures, figures
from survey.results.importance import Importance, importance
from survey.results.invitation_coverage import Reconciliation, reconcile
from survey.results.trends import Trend, trend


@dataclass(frozen=True, eq=False)
class Report:
    """The figures by unit and by procedure (their totals are the same), the factors and the trend, in one language."""

    language: str
    units: Figures
    procedures: Figures
    factors: pd.DataFrame
    importance: Importance
    trend: Trend
    parent: Agency | None  # named above the agency in the head of the document
    place: Texts
    asked: Reconciliation  # whether everybody was

    @property
    def name(self) -> str:
        """Return the name of its files, without an ending: hailong_H61_2026-10_calendar_vi."""
        period = self.units.period
        return f"hailong_{self.units.agency.code}_{period.code}_{period.basis}_{self.language}"


def build(
    session: Session,
    period: Period,
    agency_id: int,
    *,
    language: str,
    target: str,
    confidence: float,
    today: dt.date,
) -> Report:
    """Gather the figures of one report."""
    asked: dict[str, Any] = {"target": target, "confidence": confidence, "today": today}
    line = agencies.tree_for(session, agency_id, period.last).path(agency_id)
    # A commune's committee stands under no other body in the head of a document; departments and offices do.
    below = len(line) > 1 and line[-1].level in (Level.DEPARTMENT, Level.OFFICE)
    units = figures(session, period, agency_id, "unit", **asked)
    rated = factors(session, period, agency_id, confidence=confidence)
    return Report(
        language,
        units,
        figures(session, period, agency_id, "procedure", **asked),
        rated,
        importance(session, period, agency_id, rated, units.total["judged"]["answered"]),
        trend(session, period, agency_id, **asked),
        line[-2] if below else None,
        agencies.installation(session).place,
        reconcile(session, period, agency_id, dt.datetime.combine(today, dt.time.max, LOCAL_ZONE)),
    )
