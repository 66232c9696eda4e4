"""Eighteen months of finished cases: which unit handles how many of which procedure, when, how late, how well."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from survey.demo.province import rows
from survey.models import Filing, Respondent

VOLUMES = Path(__file__).parent / "volumes.csv"
MONTHS, FULL_MONTHS = 18, 6  # whole months before the running one; and those in which all was online already
EARLIEST, GROWN = 0.2, 0.6  # of the later number of cases: in the first month, and before the full ones
WEEKDAYS = (1.25, 1.1, 1.05, 1.0, 1.15, 0.3, 0.02)  # Monday is the busiest; Saturday mornings some desks are open
HOLIDAYS = frozenset({(1, 1), (4, 30), (5, 1), (9, 1), (9, 2)})
LAGGARD = "H61.6"  # the land registry: many cases, long waits, the province's weakest figure
DRIFTS = {"H61.121": -0.11, "H61.134": 0.09, "H61.102": -0.05}  # a month: who grows worse, who grows better
NORMAL = NormalDist()


@dataclass(frozen=True)
class Work:
    """One unit's handling of one procedure; `liking` is the normal score of its share of satisfied people."""

    agency_id: int
    agency_code: str
    procedure_id: int
    a_month: float
    business_share: float
    liking: float
    drift: float
    days: int
    late_share: float
    response_rate: float


@dataclass(frozen=True)
class DemoCase:
    """One finished case before it is stored."""

    id: int
    work: Work
    code: str
    respondent: Respondent
    filing: Filing
    received: dt.date
    due: dt.date
    day: dt.date
    months: float  # since the first day on which all was online


def first_day(today: dt.date, whole_months: int = MONTHS) -> dt.date:
    """Return the first day of the demonstration, or that of so many whole months before the running one.

    >>> first_day(dt.date(2026, 11, 23))
    datetime.date(2025, 5, 1)
    >>> first_day(dt.date(2026, 11, 23), 6)
    datetime.date(2026, 5, 1)
    """
    months = today.year * 12 + today.month - 1 - whole_months
    return dt.date(months // 12, months % 12 + 1, 1)


def works(agencies: dict[str, tuple[int, str]], procedures: dict[str, int], scale: float) -> list[Work]:
    """Return who does what: each unit with its own size, quality and way of being answered."""
    chance = random.Random("works")
    works: list[Work] = []
    communes = [code for code, (_, level) in agencies.items() if level == "commune"]
    traits = {code: _traits(chance, code) for code in agencies}
    for row in rows(VOLUMES):
        for code in communes if row["agency"] == "commune" else [row["agency"]]:
            size, liking, rate = traits[code]
            common = row["agency"] == "commune"
            works.append(
                Work(
                    agency_id=agencies[code][0],
                    agency_code=code,
                    procedure_id=procedures[row["procedure"]],
                    a_month=float(row["cases_a_month"]) * (size if common else 1) * scale,
                    business_share=float(row["business_share"]),
                    liking=liking + float(row["shift"]) + chance.gauss(0, 0.06),
                    drift=DRIFTS.get(code, 0.0),
                    days=int(row["days"]),
                    late_share=float(row["late_share"]),
                    response_rate=min(0.30, max(0.05, rate * chance.uniform(0.85, 1.15))),
                )
            )
    return works


def _traits(chance: random.Random, code: str) -> tuple[float, float, float]:
    """Draw a unit's size, liking and response rate: satisfied 78 to 97 of 100, answered by 6 to 28."""
    size = min(4.5, max(0.3, chance.lognormvariate(-0.12, 0.8)))
    share = 0.86 if code == LAGGARD else min(0.97, max(0.80, chance.gauss(0.923, 0.032)))
    return size, NORMAL.inv_cdf(share), min(0.28, max(0.06, chance.gauss(0.175, 0.055)))


def finished(works: Sequence[Work], first: dt.date, last: dt.date, before: int = 0) -> Iterator[DemoCase]:
    """Yield every case finished from `first` to `last`, when all was online, day by day, numbered after `before`."""
    chance = random.Random("cases")
    number = before
    for ahead, day in _working_days(first, last):
        for work in works:
            for _ in range(_how_many(chance, _a_day(work, day))):
                number += 1
                yield _case(chance, number, work, day, ahead / 30.4)


def growing(works: Sequence[Work], first: dt.date, last: dt.date) -> Iterator[DemoCase]:
    """Yield the cases of the months before, numbered from 1: online ones grew more, and units were as they began."""
    chance = random.Random("cases before")  # of their own, so that the later months stay as they are
    number, days = 0, (last - first).days + 1
    for ahead, day in _working_days(first, last):
        grown = EARLIEST + (GROWN - EARLIEST) * ahead / days
        for work in works:
            for _ in range(_how_many(chance, _a_day(work, day) * grown)):
                number += 1
                yield _case(chance, number, work, day, 0.0)


def _working_days(first: dt.date, last: dt.date) -> Iterator[tuple[int, dt.date]]:
    for ahead in range((last - first).days + 1):
        day = first + dt.timedelta(days=ahead)
        if (day.month, day.day) not in HOLIDAYS:
            yield ahead, day


def _a_day(work: Work, day: dt.date) -> float:
    return work.a_month / 30.4 * WEEKDAYS[day.weekday()] * 1.02


def _how_many(chance: random.Random, expected: float) -> int:
    """Draw a Poisson number by counting exponential waits."""
    count, waited = 0, chance.expovariate(1)
    while waited < expected:
        count, waited = count + 1, waited + chance.expovariate(1)
    return count


def _case(chance: random.Random, number: int, work: Work, day: dt.date, months: float) -> DemoCase:
    late = chance.random() < work.late_share
    taken = max(0, round(chance.triangular(0, work.days + 1, work.days * 0.7)))
    received = day - dt.timedelta(days=taken + (work.days if late else 0))
    due = day - dt.timedelta(days=chance.randint(1, 6)) if late else received + dt.timedelta(days=work.days)
    business = chance.random() < work.business_share
    return DemoCase(
        id=number,
        work=work,
        code=f"{work.agency_code}-{received:%y%m%d}-{number % 1_000_000:06}",
        respondent=Respondent.BUSINESS if business else Respondent.CITIZEN,
        filing=chance.choices((Filing.ONLINE, Filing.IN_PERSON, Filing.POST), (0.93, 0.05, 0.02))[0],
        received=received,
        due=max(due, received),
        day=day,
        months=months,
    )
