"""How many cases were finished late, and how their letters of apology stand: by month, and by unit for reports."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.delivery import letters
from survey.models import Apology, ApologyStatus, Case, Delivery, State
from survey.periods import month_of, previous
from survey.results.scope import Scope

CountKey = TypeVar("CountKey")
STANDING = ("drafted", "approved", "delivered", "handed_over", "declined")  # of the approved ones some are delivered


@dataclass
class LetterCounts:
    """Of some cases that were finished: how many were late, and how their letters stand, by `STANDING`."""

    late: int = 0
    letters: int = 0
    standing: Counter[str] = field(default_factory=Counter)

    @property
    def numbers(self) -> dict[str, int]:
        """Return all counts by the names that they have in files."""
        standing = {f"letters_{name}": self.standing[name] for name in STANDING}
        return {"late_cases": self.late, "letters": self.letters, **standing}


@dataclass(frozen=True)
class UnitLetters:
    """The counts of each unit of a scope that has late cases or letters."""

    units: Mapping[int, LetterCounts]

    def of(self, unit: int | None = None) -> LetterCounts:
        """Return the counts of one unit, or of all."""
        if unit is not None:
            return self.units.get(unit, LetterCounts())
        every = LetterCounts()
        for counts in self.units.values():
            every.late, every.letters = every.late + counts.late, every.letters + counts.letters
            every.standing += counts.standing
        return every


def by_month(
    session: Session, agency_ids: Collection[int], today: dt.date, months: int
) -> list[tuple[dt.date, LetterCounts]]:
    """Return the counts of the last months with the first day of each, the newest first, the running one among them."""
    periods = [previous(month_of(today), count) for count in range(months)]
    first, last = periods[-1].first, periods[0].last
    counts = _counted(session, agency_ids, first, last, lambda day, _agency_id: month_of(day).first)
    return [(period.first, counts.get(period.first, LetterCounts())) for period in periods]


def by_unit(session: Session, scope: Scope) -> UnitLetters:
    """Return the counts of the cases that were finished in a period, as their letters stand now."""
    period, unit_of = scope.period, scope.unit_of
    every = _counted(session, scope.subtree, period.first, period.last, lambda _day, agency_id: unit_of[agency_id])
    return UnitLetters(every)


def by_agency(session: Session, scope: Scope) -> dict[int, LetterCounts]:
    """Return the same by the agency that finished the cases."""
    period = scope.period
    return dict(_counted(session, scope.subtree, period.first, period.last, lambda _day, agency_id: agency_id))


def _counted(
    session: Session,
    agency_ids: Collection[int],
    first: dt.date,
    last: dt.date,
    key: Callable[[dt.date, int], CountKey],
) -> dict[CountKey, LetterCounts]:
    counts: dict[CountKey, LetterCounts] = defaultdict(LetterCounts)
    place = (Case.finished_day, Case.resolving_agency_id)
    own = (Case.resolving_agency_id.in_(agency_ids), Case.finished_day.between(first, last))
    late = sa.select(*place, sa.func.count()).where(*own, letters.late()).group_by(*place)
    for day, agency_id, number in session.execute(late):
        counts[key(day, agency_id)].late += number
    stand = (*place, Apology.status, Delivery.state)
    stands = sa.select(*stand, sa.func.count()).select_from(Apology).join(Case, Case.id == Apology.case_id)
    stands = stands.outerjoin(Delivery, Delivery.key == Apology.delivery_key).where(*own).group_by(*stand)
    for day, agency_id, status, state, number in session.execute(stands):
        if status != ApologyStatus.TAKEN_BACK:
            row = counts[key(day, agency_id)]
            row.letters += number
            row.standing[status.name.lower()] += number
            row.standing["delivered"] += number * (state == State.DELIVERED)
    return counts
