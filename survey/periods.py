"""Reporting periods: calendar, or administrative (from the 15th to the 14th), in days of Asia/Ho_Chi_Minh.

The administrative month 2026-10 runs from 15 September to 14 October 2026, a quarter from the 15th of the month
before it to the 14th of its last month, and the year from 15 December to 14 December (docs/domain.md §4.2). Months are
added up from January on (`2026-11M`); a year can end on another day (`2026-Y1114`: on 14 November, `2026-Y10`: with
October); and any other days may be named (`20251115-20261114`), if they are whole halves of months.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterator
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


# Three and six months are a quarter and a half-year; December and its 14th end the year on either basis.
_PARTS = (
    r"(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<added>[245789]|1[01])M"
    r"|Y(?P<ending>0[1-9]|1[01])(?P<day>14)?))?"
)
# ASCII digits only: a closing is found by its code, so a period has one.
_NAMED = r"(?P<year>20[0-9]{2})" + _PARTS
NAMED = re.compile(_NAMED)  # those that have a name, without days of their own
PATTERN = re.compile(_NAMED + r"|(?P<start>20[0-9]{6})-(?P<end>20[0-9]{6})")  # what may be asked for
_ANY = re.compile(r"(?P<year>[0-9]{4})" + _PARTS)  # what a series back from it may come to
LONGEST_YEARS = 3


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
    """Return the period named `2026-10`, `2026-Q3`, `2026-H1`, `2026-11M`, `2026`, `2026-Y1114` or by its days.

    The last two kinds have their own days and are calendar periods on either basis. Days that a shorter code names are
    the period of that code, so that each has one.

    Raises:
        InvalidPeriod: the text names none, or days that are no whole halves of months, or more than three years.

    >>> period = parse("2026-10", "administrative")
    >>> str(period.first), str(period.last)
    ('2026-09-15', '2026-10-14')
    >>> parse("20260915-20261014").code, str(parse("2026-Y1114").first)
    ('2026-10', '2025-11-15')
    """
    match = PATTERN.fullmatch(code.strip())
    if not match or basis not in set(Basis):
        raise InvalidPeriod(
            "“%(code)s” is not a period. Write 2026-10, 2026-Q3, 2026-H1, 2026-11M, 2026 or 2026-Y1114.", code=code[:40]
        )
    return _of_days(match, code[:40]) if match["start"] else _dated(match, Basis(basis))


def of_days(first: dt.date, last: dt.date) -> Period:
    """Return the period of these days.

    Raises:
        InvalidPeriod: they are no whole halves of months, in the wrong order, or more than three years.

    >>> of_days(dt.date(2026, 1, 1), dt.date(2026, 11, 30)).code
    '2026-11M'
    """
    return parse(f"{first:%Y%m%d}-{last:%Y%m%d}")


def _of_days(match: re.Match[str], code: str) -> Period:
    """Return the period of the days that were matched."""
    try:
        first, last = (dt.datetime.strptime(match[name], "%Y%m%d").date() for name in ("start", "end"))  # noqa: DTZ007 - a day
    except ValueError as error:
        raise InvalidPeriod("“%(code)s” names a day that there is not.", code=code) from error
    whole = first == half_month(first)[0] and last == half_month(last)[1]
    if not whole or first > last or last.year - first.year > LONGEST_YEARS:
        raise InvalidPeriod(
            "A period of your own begins on the 1st or the 15th, ends on the 14th or the last day of a month, and has "
            "three years at most."
        )
    for basis in Basis:
        for named in _ending_with(month_of(last, basis)):
            if (named.first, named.last) == (first, last):
                return named
    return Period(match[0], Basis.CALENDAR, first, last)


def _ending_with(month: Period) -> Iterator[Period]:
    """Yield the named periods that may end with a month."""
    year, number = month.code[:4], int(month.code[5:])
    yield month
    kinds = [f"{year}-Q{(number + 2) // 3}", f"{year}-H{(number + 5) // 6}", f"{year}-{number}M", year]
    kinds += [f"{year}-Y{number:02}", f"{year}-Y{number:02}14"]
    yield from (_dated(match, month.basis) for code in kinds if (match := _ANY.fullmatch(code)))


def _dated(match: re.Match[str], basis: Basis) -> Period:
    """Return the period whose code was matched."""
    year = int(match["year"])
    if match["ending"]:
        return _year_ending(match, year, int(match["ending"]))
    if match["month"]:
        start, length = int(match["month"]), 1
    elif match["quarter"]:
        start, length = int(match["quarter"]) * 3 - 2, 3
    elif match["half"]:
        start, length = int(match["half"]) * 6 - 5, 6
    else:
        start, length = 1, int(match["added"] or 12)
    first, last = dt.date(year, start, 1), _month_end(year, start + length - 1)
    if basis == Basis.ADMINISTRATIVE:
        first = (first - dt.timedelta(days=1)).replace(day=15)
        last = last.replace(day=14)
    return Period(match[0], basis, first, last)


def _year_ending(match: re.Match[str], year: int, month: int) -> Period:
    """Return the year that ends on the 14th of a month, or with it."""
    before, last = (dt.date(one, month, 14) if match["day"] else _month_end(one, month) for one in (year - 1, year))
    return Period(match[0], Basis.CALENDAR, before + dt.timedelta(days=1), last)


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

    Before days of somebody's own come the same days of the year before or, of more than a year, of so many years.

    >>> previous(parse("2022"), 23).code
    '1999'
    """
    for _ in range(count):
        if own_days(period):
            period = _years_before(period)
            continue
        day = period.first - dt.timedelta(days=1)
        month = month_of(day, period.basis)
        period = _of_code(_code_ending(period.code, month.code), period.basis)
    return period


def own_days(period: Period) -> bool:
    """Return whether a period has no name but its days.

    >>> own_days(parse("20251115-20261014")), own_days(parse("2026-Y1114"))
    (True, False)
    """
    return period.code[4:5].isdigit()


def _years_before(period: Period) -> Period:
    years = 1
    while _years_earlier(period.last, years) >= period.first:
        years += 1
    first, last = (_years_earlier(day, years) for day in (period.first, period.last))
    return Period(f"{first:%Y%m%d}-{last:%Y%m%d}", period.basis, first, last)


def _years_earlier(day: dt.date, years: int) -> dt.date:
    """Return the same day of an earlier year, of a month's last day that year's."""
    if day.day <= 15:
        return day.replace(year=day.year - years)
    return _month_end(day.year - years, day.month)


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
    if kind[5:].endswith("M") or "Y" in kind:
        return f"{year}-{kind[5:]}"
    return month if "-" in kind else year


def _month_end(year: int, month: int) -> dt.date:
    return (dt.date(year, month, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
