"""When comments are to be answered: what the clock calls late is what was due before today."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from survey.comments.clock import WEEK, Clock
from survey.organisation.working_days import WorkingDays

DAYS = st.dates(dt.date(2026, 10, 1), dt.date(2026, 12, 20))


@given(DAYS, st.integers(1, 30), st.dictionaries(DAYS, st.booleans(), max_size=4))
def test_a_week_is_late_from_the_day_after_it_was_due(sent: dt.date, days: int, moved: dict[dt.date, bool]) -> None:
    calendar = WorkingDays(moved)
    due = Clock(calendar, days, sent).due(sent)
    week = sent - dt.timedelta(days=sent.weekday())
    assert Clock(calendar, days, due).newest_late() < week
    assert Clock(calendar, days, due + dt.timedelta(days=1)).newest_late() >= week
    assert Clock(calendar, days, due).due(week + WEEK - dt.timedelta(days=1)) == due, "the whole week has one day"
