"""Working days of offices: Monday to Friday but for public holidays, and the days that the province says were moved.

Holidays are those of the library `holidays`, which follows the yearly announcements. What it does not hold yet, or what
was decided for this province alone, is entered by the province.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from holidays import HolidayBase, country_holidays
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.i18n import gettext, msgid, nfc
from survey.models import MovedDay
from survey.organisation.agencies import revise

DAY = dt.timedelta(days=1)
LONGEST_REASON, MOST_MOVED = 200, 200
FARTHEST = dt.timedelta(days=366)
MovedFault = tuple[int, str, dict[str, Any]]  # of which line of the form, a msgid, its values

_NO_DAY = msgid("Choose a day, or empty the line to remove it.")
_TWICE = msgid("This day stands here twice. Please remove one of the two.")
_AS_EVER = msgid("By the calendar this is so anyway. Please check the day, or empty the line.")
_NO_REASON = msgid("Write who decided it, such as the number of the notice.")
_LONG_REASON = msgid("This text is too long. Shorten it to %(most)s characters.")
_MANY = msgid("Keep at most %(most)s days.")
_REST_DAY = msgid("Offices do not work on this day. Please choose a working day.")
_PAST_DAY = msgid("Please choose a day from today on, at most a year ahead.")


@dataclass(frozen=True)
class Move:
    """A day on which offices work, or do not, against the calendar, and who decided it."""

    day: dt.date
    works: bool
    reason: str


@dataclass(frozen=True)
class WorkingDays:
    """Which days are worked: `moved` says it of some days, the calendar of all others."""

    moved: Mapping[dt.date, bool]

    def works(self, day: dt.date) -> bool:
        """Return whether offices work on a day.

        >>> WorkingDays({}).works(dt.date(2026, 9, 2)), WorkingDays({dt.date(2026, 11, 28): True}).works(
        ...     dt.date(2026, 11, 28)
        ... )
        (False, True)
        """
        return self.moved.get(day, _by_calendar(day))

    def after(self, day: dt.date, number: int) -> dt.date:
        """Return the working day that is `number` working days after a day, which itself does not count.

        >>> WorkingDays({}).after(dt.date(2026, 4, 29), 1)  # 30 April and 1 May are holidays, then it is a weekend
        datetime.date(2026, 5, 4)
        """
        while number:
            day += DAY
            number -= self.works(day)
        return day

    def after_week(self, day: dt.date, number: int) -> dt.date:
        """Return the working day that is `number` working days after the week of a day, which ends with its Sunday.

        >>> WorkingDays({}).after_week(dt.date(2026, 10, 14), 15)
        datetime.date(2026, 11, 6)
        """
        return self.after(day + DAY * (6 - day.weekday()), number)

    def between(self, first: dt.date, last: dt.date) -> int:
        """Return how many working days there are after `first` up to `last`; none if that is not later."""
        return sum(self.works(first + DAY * ahead) for ahead in range(1, (last - first).days + 1))


def working_days(session: Session) -> WorkingDays:
    """Return the working days as the province has them."""
    return WorkingDays({move.day: move.works for move in moves(session)})


def fault_of_due_day(calendar: WorkingDays, today: dt.date, day: dt.date) -> str:
    """Return what is wrong with a day by which something is to be done, as a msgid; empty if nothing is.

    >>> fault_of_due_day(WorkingDays({}), dt.date(2026, 11, 20), dt.date(2026, 11, 22))
    'Offices do not work on this day. Please choose a working day.'
    """
    if not today <= day <= today + FARTHEST:
        return _PAST_DAY
    return "" if calendar.works(day) else _REST_DAY


def moves(session: Session) -> tuple[Move, ...]:
    """Return the days that are moved, the earliest first."""
    rows = session.scalars(sa.select(MovedDay).order_by(MovedDay.day))
    return tuple(Move(row.day, row.works, row.reason) for row in rows)


def holidays_of(year: int, language: str) -> list[tuple[dt.date, str]]:
    """Return the public holidays of a year in their order, with their names.

    The library calls the day before the eve of Tết the 29th whichever day of its month it is: in 2027 it is the 28th.
    """
    days = sorted(country_holidays("VN", years=year, language=_NAMES.get(language, "en_US")).items())
    return [(day, gettext(_BEFORE_THE_EVE) if name.startswith("29 ") else name) for day, name in days]


def read(entries: Sequence[Mapping[str, str]]) -> tuple[tuple[Move, ...], list[MovedFault]]:
    """Return the days that a form holds, and what is wrong with them.

    An entry has `day` (2026-11-24), `works` ("yes" or "no") and `reason`; one without a day and a reason is left out.
    """
    listed: list[Move] = []
    faults: list[MovedFault] = []
    for place, entry in enumerate(entries):
        reason = " ".join(nfc(entry.get("reason", "")).split())
        typed = entry.get("day", "").strip()
        if not typed and not reason:
            continue
        try:
            day = dt.date.fromisoformat(typed)
        except ValueError:
            faults.append((place, _NO_DAY, {}))
            continue
        move = Move(day, entry.get("works") == "yes", reason)
        faults += [(place, message, values) for message, values in _faults(move, listed)]
        listed.append(move)
    if len(listed) > MOST_MOVED:
        faults.append((len(entries) - 1, _MANY, {"most": MOST_MOVED}))
    return tuple(listed), faults


def save(session: Session, listed: Sequence[Move], when: dt.datetime, staff_id: int) -> None:
    """Put a list of moved days in the place of the one before, on record."""
    session.execute(sa.delete(MovedDay))
    if listed:
        session.execute(sa.insert(MovedDay), [vars(move) for move in listed])
    revise(session)
    trail.append(session, staff_id, Act.MOVED_DAYS_SAVED, when, days=len(listed))


def _faults(move: Move, before: Sequence[Move]) -> list[tuple[str, dict[str, Any]]]:
    faults: list[tuple[str, dict[str, Any]]] = []
    if any(other.day == move.day for other in before):
        faults.append((_TWICE, {}))
    if move.works == _by_calendar(move.day):
        faults.append((_AS_EVER, {}))
    if not move.reason:
        faults.append((_NO_REASON, {}))
    if len(move.reason) > LONGEST_REASON:
        faults.append((_LONG_REASON, {"most": LONGEST_REASON}))
    return faults


_NAMES = {"vi": "vi"}
_BEFORE_THE_EVE = msgid("Day before the eve of Lunar New Year")


@cache
def _calendar() -> HolidayBase:
    return country_holidays("VN")


def _by_calendar(day: dt.date) -> bool:
    return _calendar().is_working_day(day)
