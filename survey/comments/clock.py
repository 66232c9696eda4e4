"""When comments are to be answered: so many working days after the week in which they were sent.

The clock runs from the end of the week, for everybody alike, so that no due day tells a unit on which day somebody
wrote. It runs of itself for levels 1 to 3; who wants an answer to praise by some day sets that day. When an answer's
link to its case is cut, the day by which its comments are to be answered is frozen: that of the last week of its half
of a month, for all of that half alike.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from survey.organisation.working_days import WorkingDays, working_days
from survey.results.scope import Standard

WEEK = dt.timedelta(days=7)
MOST_LEVEL = 3  # of those that the clock runs for


@dataclass(frozen=True)
class Clock:
    """The working days, how many of them there are to answer, and which day it is."""

    calendar: WorkingDays
    days: int
    today: dt.date
    _dues: dict[dt.date, dt.date] = field(default_factory=dict, init=False, repr=False, compare=False)

    def due(self, day: dt.date) -> dt.date:
        """Return until when what was sent in the week of a day is to be answered.

        >>> Clock(WorkingDays({}), 15, dt.date(2026, 11, 20)).due(dt.date(2026, 10, 14))
        datetime.date(2026, 11, 6)
        """
        week = monday(day)
        if week not in self._dues:
            self._dues[week] = self.calendar.after_week(week, self.days)
        return self._dues[week]

    def newest_late(self) -> dt.date:
        """Return the Monday of the newest week whose comments should have been answered by now.

        >>> Clock(WorkingDays({}), 15, dt.date(2026, 11, 7)).newest_late()
        datetime.date(2026, 10, 12)
        """
        week = monday(self.today)
        while self.due(week) >= self.today:
            week -= WEEK
        return week


def monday(day: dt.date) -> dt.date:
    """Return the Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def clock(session: Session, standard: Standard, today: dt.date) -> Clock:
    """Return the clock of an installation on a day."""
    return Clock(working_days(session), standard.days_to_answer, today)
