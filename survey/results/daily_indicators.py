"""What a province's operations centre is given each day: few figures, the same as on the dashboard and over the API.

Those of the month of the day before, provisional until it is closed, and those of the newest closed month. What the
reader may not be shown is empty, and says why, as everywhere.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import ClosedPeriod
from survey.periods import Basis, Period, month_of, parse
from survey.results.figures import Figures, figures
from survey.results.scope import Standard, reader_of, scope_asked

MONTH = re.compile(r"\d{4}-\d{2}")
UNITS = {  # of each code, in the order in which they are given; docs/api.md says what each is
    **dict.fromkeys(("cases.finished", "cases.invited", "cases.rated"), "cases"),
    **dict.fromkeys(("coverage", "response_rate"), "share"),
    **dict.fromkeys(
        ("answers.invitation", "answers.open", "answers.kiosk", "answers.paper", "answers.telephone"), "answers"
    ),
    **dict.fromkeys(("satisfaction.rate", "satisfaction.lower", "satisfaction.upper", "satisfaction.target"), "share"),
    "satisfaction.verdict": "verdict",
}
OF_WHAT_PEOPLE_SAID = frozenset(f"satisfaction.{name}" for name in ("rate", "lower", "upper", "verdict"))


@dataclass(frozen=True)
class DailyIndicator:
    """One figure with its unit and its exact days; `value` is None where there is none, or where it is `withheld`."""

    code: str
    value: int | float | str | None
    unit: str
    period: str
    first_day: dt.date
    last_day: dt.date
    provisional: bool
    withheld: str


def daily_indicators(session: Session, agency_id: int, standard: Standard, today: dt.date) -> list[DailyIndicator]:
    """Return the indicators of an agency's subtree as of the morning of a day, for somebody of that agency."""
    month, reader = month_of(today - dt.timedelta(days=1)), reader_of(session, agency_id)
    periods = [month, *(closed for closed in _newest_closed(session) if closed.code != month.code)]
    scopes = [scope_asked(session, period, None, agency_id, reader) for period in periods]
    return [one for scope in scopes for one in _of(figures(session, scope, standard, today))]


def _newest_closed(session: Session) -> Iterator[Period]:
    closed = sa.select(ClosedPeriod.code).where(ClosedPeriod.basis == str(Basis.CALENDAR))
    for code in session.scalars(closed.order_by(ClosedPeriod.last.desc(), ClosedPeriod.id.desc())):
        if MONTH.fullmatch(code):
            yield parse(code)
            return


def _of(counted: Figures) -> Iterator[DailyIndicator]:
    total, period = counted.judged.total, counted.period
    channels = {"open": counted.open, "kiosk": counted.kiosk, "paper": counted.paper, "telephone": counted.telephone}
    values: dict[str, int | float | str | None] = {
        "cases.finished": total.finished,
        "cases.invited": total.invited,
        "cases.rated": total.rated,
        "coverage": total.invited / total.finished if total.finished else None,
        "response_rate": total.response_rate,
        "answers.invitation": total.answered,
        **{f"answers.{name}": channel.total.answered for name, channel in channels.items()},
        "satisfaction.rate": total.rate,
        "satisfaction.lower": total.lower,
        "satisfaction.upper": total.upper,
        "satisfaction.target": float(counted.target),
        "satisfaction.verdict": str(total.verdict),
    }
    for code, unit in UNITS.items():
        withheld = total.withheld if code in OF_WHAT_PEOPLE_SAID else ""
        value = None if withheld else values[code]
        days = (period.first, period.last, counted.provisional)
        yield DailyIndicator(code, value, unit, period.code, *days, withheld)
