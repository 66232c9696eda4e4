"""What tests of figures share: the usual standard, rows made by hand, and rows side by side as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import pandas as pd

from analysis import assess
from survey.comments.clock import Clock
from survey.organisation.working_days import WorkingDays
from survey.results.rows import JudgedRow
from survey.results.scope import Standard

STANDARD = Standard("0.90", 0.95, fewest=1)  # arithmetic is tried on few answers
CLOCK = Clock(WorkingDays({}), 15, dt.date(2026, 11, 20))  # of readers in the second half of November


def table(rows: Sequence[object]) -> pd.DataFrame:
    """Return typed rows as a table, a column per field."""
    return pd.DataFrame([vars(row) for row in rows])


def judged_row(**values: Any) -> JudgedRow:
    """Return a judged row with these values, and nothing in all others."""
    nothing: dict[str, Any] = {field.name: 0 for field in fields(JudgedRow)}
    nothing |= {"code": "", "name": {}, "verdict": "inconclusive", "certain": "", "break_even": None, "suppress": False}
    return JudgedRow(**nothing | values)


def assessed(satisfied: int, answered: int, target: str = "0.90", population: int | None = None) -> JudgedRow:
    """Return the row of so many answers, of so many cases if that is said."""
    concluded = assess(satisfied, answered, target, population=population)
    return judged_row(
        satisfied=satisfied,
        answered=answered,
        finished=population or 0,
        rate=concluded.rate,
        lower=concluded.lower,
        upper=concluded.upper,
        verdict=str(concluded.verdict),
        certain=str(concluded.verdict) if concluded.certain else "",
    )
