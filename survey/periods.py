"""Reporting periods: calendar, or administrative (from the 15th to the 14th), in days of Asia/Ho_Chi_Minh.

The administrative month 2026-10 runs from 15 September to 14 October 2026, a quarter from the 15th of the month
before it to the 14th of its last month, and the year from 15 December to 14 December (docs/domain.md §4.2).
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from survey.errors import InvalidPeriod

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> dt.datetime:
    """Return this instant in UTC."""
    return dt.datetime.now(dt.UTC)


def local_day(instant: dt.datetime) -> dt.date:
    """Return the day it is in Viet Nam at that instant."""
    return instant.astimezone(LOCAL_ZONE).date()


class Basis(enum.StrEnum):
    """Which days a month is made of; figures of the two are never compared silently."""

    CALENDAR = "calendar"
    ADMINISTRATIVE = "administrative"


_PARTS = r"(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<nine>9M)))?"
# ASCII digits only: a closing is found by its code, so a period has one.
PATTERN = re.compile(r"(?P<year>20[0-9]{2})" + _PARTS)  # what may be asked for
_ANY = re.compile(r"(?P<year>[0-9]{4})" + _PARTS)  # what a series back from it may come to


@dataclass(frozen=True)
class Period:
    """One reporting period: `first` and `last` day, both included."""

    code: str
    basis: Basis
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    def ended(self, today: dt.date) -> bool:
        """Return whether no answer of this period can still come in."""
        return today > self.last


def parse(code: str, basis: str = Basis.CALENDAR) -> Period:
    """Return the period named `2026-10`, `2026-Q3`, `2026-H1`, `2026-9M` or `2026`.

    Raises:
        InvalidPeriod: the text names none.

    >>> period = parse("2026-10", "administrative")
    >>> str(period.first), str(period.last)
    ('2026-09-15', '2026-10-14')
    """
    match = PATTERN.fullmatch(code.strip())
    if not match or basis not in set(Basis):
        raise InvalidPeriod(
            "“%(code)s” is not a period. Write 2026-10, 2026-Q3, 2026-H1, 2026-9M or 2026.", code=code[:40]
        )
    return _dated(match, Basis(basis))


def _dated(match: re.Match[str], basis: Basis) -> Period:
    """Return the period whose code was matched."""
    year = int(match["year"])
    if match["month"]:
        start, length = int(match["month"]), 1
    elif match["quarter"]:
        start, length = int(match["quarter"]) * 3 - 2, 3
    elif match["half"]:
        start, length = int(match["half"]) * 6 - 5, 6
    else:
        start, length = 1, 9 if match["nine"] else 12
    first, last = dt.date(year, start, 1), _month_end(year, start + length - 1)
    if basis == Basis.ADMINISTRATIVE:
        first = (first - dt.timedelta(days=1)).replace(day=15)
        last = last.replace(day=14)
    return Period(match[0], basis, first, last)


def month_of(day: dt.date, basis: str = Basis.CALENDAR) -> Period:
    """Return the month that a day belongs to.

    >>> month_of(dt.date(2026, 10, 15), "administrative").code
    '2026-11'
    """
    if basis == Basis.ADMINISTRATIVE and day.day >= 15:
        day = day.replace(day=28) + dt.timedelta(days=4)
    return _of_code(f"{day.year:04}-{day.month:02}", basis)


def half_month(day: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the half of a month with this day: every period is made of whole halves.

    >>> [str(one) for one in half_month(dt.date(2026, 2, 15))]
    ['2026-02-15', '2026-02-28']
    """
    if day.day < 15:
        return day.replace(day=1), day.replace(day=14)
    return day.replace(day=15), _month_end(day.year, day.month)


def halves_of(period: Period) -> list[tuple[dt.date, dt.date]]:
    """Return the halves of months that a period is made of, each by its first and last day.

    >>> [str(last) for first, last in halves_of(parse("2026-02", Basis.ADMINISTRATIVE))]
    ['2026-01-31', '2026-02-14']
    """
    halves, day = list[tuple[dt.date, dt.date]](), period.first
    while day <= period.last:
        halves.append(half_month(day))
        day = halves[-1][1] + dt.timedelta(days=1)
    return halves


def previous(period: Period, count: int = 1) -> Period:
    """Return the period of the same kind `count` before this one, also where nobody could ask for it.

    >>> previous(parse("2022"), 23).code
    '1999'
    """
    for _ in range(count):
        day = period.first - dt.timedelta(days=1)
        month = month_of(day, period.basis)
        period = _of_code(_code_ending(period.code, month.code), period.basis)
    return period


def _of_code(code: str, basis: str) -> Period:
    """Return the period of a code that was counted out, in any century."""
    match = _ANY.fullmatch(code)
    assert match is not None  # noqa: S101 - the code is our own
    return _dated(match, Basis(basis))


def _code_ending(kind: str, month: str) -> str:
    """Return the code of the period of that kind whose last month is `month`."""
    year, number = month.split("-")
    if "Q" in kind:
        return f"{year}-Q{(int(number) + 2) // 3}"
    if "H" in kind:
        return f"{year}-H{(int(number) + 5) // 6}"
    if kind.endswith("9M"):
        return f"{year}-9M"
    return month if "-" in kind else year


def _month_end(year: int, month: int) -> dt.date:
    return (dt.date(year, month, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
