"""The frame: all cases of a period that count, the silent and the answered apart, under blinded names.

A name is HMAC-SHA-256 of the number of a case under a salt that is made for this one frame and erased when its
call-back is finished. Sorted by their names the cases stand in an order that nobody has chosen, and once the salt is
gone neither the frame nor the draw tells which case is which: so nothing of it undoes the cut of links.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.withdrawn_cases import left_out, withdrawal_of
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import CallBackStratum, Case, Channel, Invitation, Response, Withdrawal
from survey.organisation import agencies
from survey.periods import Period, half_month
from survey.results.publishable_periods import FINEST

NAME_BYTES = 32
_CUT = msgid(
    "The links between answers and cases of this period have begun to be cut. Who was silent can no longer be told, so "
    "no call-back can be drawn. Seal the next one as soon as its period has ended."
)
_OWN = sa.and_(Response.invitation_id == Invitation.id, Response.counted)


@dataclass(frozen=True)
class CohortCounts:
    """How many cases of a period count, how many have an answer that counts, and how many of these are satisfied."""

    population: int
    answered: int
    satisfied: int

    @property
    def silent(self) -> int:
        """Return how many cases have no answer that counts."""
        return self.population - self.answered


def cohort_counts(session: Session, period: Period) -> CohortCounts:
    """Return the counts of the cases finished in a period as they stand now.

    Raises:
        Conflict: links were cut already.
    """
    satisfied = sa.func.count().filter(Response.overall >= 4)
    counted = _cases(period, sa.func.count(), sa.func.count(Response.id), satisfied, _lost())
    population, answered, liking, lost = session.execute(counted).one()
    if lost:
        raise Conflict(_CUT)
    return CohortCounts(population, answered, liking)


def strata(session: Session, period: Period) -> Mapping[CallBackStratum, list[int]]:
    """Return the numbers of the cases of each stratum, as they stand now, in no order."""
    rows: dict[CallBackStratum, list[int]] = {stratum: [] for stratum in CallBackStratum}
    for case_id, answered in session.execute(_cases(period, Case.id, Response.id.is_not(None))):
        rows[CallBackStratum.ANSWERED if answered else CallBackStratum.SILENT].append(case_id)
    return rows


def mixed(session: Session, period: Period) -> int:
    """Return how many answers hide what a count of the frame leaves out of the published counts of its period.

    They are the pairs of an answer of the period to one of its own cases and one to another case that no table ever
    tells apart: of one unit, procedure and half of a month, alike in all that its finest cells tell. Not counted is the
    unit with most of them, whose own people may know what each of theirs said. Whatever tables of answers are
    subtracted from the number of satisfied in the frame, or it from them, of this many at least both remain.
    """
    own = set(session.scalars(_cases(period, Response.id).where(Response.id.is_not(None))))
    unit_of = agencies.tree(session).unit_of(agencies.root(session).id)
    columns = (Response.agency_id, Response.procedure_id, Response.day, *FINEST[Channel.INVITATION])
    judged = (Response.counted, Response.channel == Channel.INVITATION)
    query = sa.select(Response.id, *columns).where(Response.day.between(period.first, period.last), *judged)
    cells: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for response_id, agency_id, procedure_id, day, *finest in session.execute(query):
        cells[agency_id, procedure_id, half_month(day), *finest][response_id in own] += 1
    by_unit: Counter[int] = Counter()
    for (agency_id, *_rest), sides in cells.items():
        by_unit[unit_of.get(agency_id, agency_id)] += min(sides)
    return by_unit.total() - max(by_unit.values(), default=0)


def name_of(salt: bytes, case_id: int) -> bytes:
    """Return the blinded name of a case.

    >>> name_of(bytes(32), 7).hex()[:16]
    '306e9426d794f2f6'
    """
    return hmac.digest(salt, str(case_id).encode(), "sha256")


def sorted_names(salt: bytes, case_ids: list[int]) -> bytes:
    """Return the names of cases, sorted, one after the other."""
    return b"".join(sorted(name_of(salt, case_id) for case_id in case_ids))


def digest(names: bytes) -> str:
    """Return what stands in the ledger for the names of one stratum: SHA-256, in hexadecimal digits."""
    return hashlib.sha256(names).hexdigest()


def name_at(names: bytes, position: int) -> bytes:
    """Return the name at a position, counted from 0."""
    return names[position * NAME_BYTES : (position + 1) * NAME_BYTES]


def cases_named(session: Session, salt: bytes, first: dt.date, last: dt.date) -> Iterator[tuple[bytes, int]]:
    """Yield name and number of each case that is finished on these days today."""
    for case_id in session.scalars(sa.select(Case.id).where(Case.finished_day.between(first, last))):
        yield name_of(salt, case_id), case_id


def _cases(period: Period, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(Case)
        .outerjoin(Withdrawal, withdrawal_of(Case.id))
        .outerjoin(Invitation, Invitation.case_id == Case.id)
        .outerjoin(Response, _OWN)
        .where(Case.finished_day.between(period.first, period.last), sa.not_(left_out()))
    )


def _lost() -> sa.ColumnElement[int]:
    """Return how many cases were answered by an answer that no longer names them."""
    named = sa.exists().where(Response.invitation_id == Invitation.id).correlate(Invitation)
    return sa.func.count().filter(Invitation.used, sa.not_(named))
