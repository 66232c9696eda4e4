"""What can be chosen on pages of figures: periods by name, and the same page in another order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask import request, url_for

from survey import periods
from survey.i18n import gettext
from survey.periods import Basis, Period
from survey.web.staff.labels import period_name

ADDED = frozenset({2, 4, 5, 7, 8, 9, 10, 11})  # three and six months are a quarter and a half-year
MONTHS, QUARTERS, HALVES, YEARS = 18, 6, 4, 3
OWN_DAYS = ("from", "to")
WALKED = ("period", *OWN_DAYS, "basis", "agency")  # what stays when one walks from page to page
KEPT = (*WALKED, "by", "sort", "verdict", "view")  # while one stays on a page


def period_asked(today: dt.date) -> Period:
    """Return the period that the address asks for by its code or its days, or the last month that has ended.

    Raises:
        InvalidPeriod: it asks for none that there is.
    """
    days = [request.args.get(name, "").strip() for name in OWN_DAYS]
    if any(days):
        return periods.parse("-".join(day.replace("-", "") for day in days))
    basis, code = basis_of(request.args.get("basis")), request.args.get("period", "").strip()
    return periods.parse(code, basis) if code else last_ended(today, basis)


def last_ended(today: dt.date, basis: str) -> Period:
    """Return the last month that has ended: what the dashboard opens with."""
    return periods.previous(periods.month_of(today, basis))


def offered(today: dt.date, basis: str, chosen: Period) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the periods to choose from, newest first, by kind; the chosen one is always among them."""
    month = periods.month_of(today, basis)
    year, number = int(month.code[:4]), int(month.code[5:])
    kinds = (
        (gettext("Months"), month, MONTHS),
        (gettext("Quarters"), periods.parse(f"{year}-Q{(number + 2) // 3}", basis), QUARTERS),
        (gettext("Half-years"), periods.parse(f"{year}-H{(number + 5) // 6}", basis), HALVES),
        (gettext("Years"), periods.parse(str(year), basis), YEARS),
    )
    groups = [(name, [(p.code, period_name(p)) for p in _back(newest, count)]) for name, newest, count in kinds]
    groups.insert(3, (gettext("From January on"), [(p.code, period_name(p)) for p in _added_up(year, number, basis)]))
    if chosen.code not in {code for _, group in groups for code, _ in group}:
        groups.insert(0, (gettext("Chosen"), [(chosen.code, period_name(chosen))]))
    return groups


def _added_up(year: int, number: int, basis: str) -> Iterator[Period]:
    """Yield the months of this year added up so far, then those of the year before that are reported most."""
    for months in range(number, 1, -1):
        if months in ADDED:
            yield periods.parse(f"{year}-{months}M", basis)
    for months in (11, 9):
        yield periods.parse(f"{year - 1}-{months}M", basis)


def _back(period: Period, count: int) -> Iterator[Period]:
    for _ in range(count):
        yield period
        period = periods.previous(period)


def same_page(**changed: str | None) -> str:
    """Return the address of this page with some choices changed; the others stay."""
    wanted: dict[str, Any] = {**{name: request.args.get(name) for name in KEPT}, **changed}
    if "period" in changed:
        wanted |= dict.fromkeys(OWN_DAYS)
    return url_for(request.endpoint or "dashboard.show", **{name: value for name, value in wanted.items() if value})


def basis_of(asked: str | None) -> str:
    """Return the basis that was asked for, or the calendar."""
    return asked if asked in set(Basis) else Basis.CALENDAR
