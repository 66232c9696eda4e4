"""What a receipt proves: that an answer is kept, and whether it counts; never what it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.exclusions import uncounted
from survey.collection.placements import of_test
from survey.collection.responses import TABLE
from survey.db.slices import rows_in
from survey.models import Channel
from survey.periods import half_month, local_day

_LATER = TABLE.alias("later")
_CUT = sa.and_(TABLE.c.channel == Channel.INVITATION, TABLE.c.invitation_id.is_(None))
_NEWEST_OF_ITS_PAGE = sa.not_(sa.exists().where(_LATER.c.supersedes_id == TABLE.c.id))
_EXCLUDED = sa.and_(TABLE.c.id.in_(uncounted()), _NEWEST_OF_ITS_PAGE)
_RECORDED = sa.select(
    *(TABLE.c.submitted_at, TABLE.c.counted),
    *(_CUT.label("cut"), _EXCLUDED.label("excluded"), of_test(TABLE.c.placement_id).label("test")),
)
_RECORDED = _RECORDED.where(TABLE.c.receipt == sa.bindparam("receipt"))


@dataclass(frozen=True)
class Recorded:
    """What a receipt proves: the response is kept since that day, and counted, taken over by a later one, or left out.

    Once the link to its case is cut, the day is known to half a month: `last` is the last that it may be.
    """

    day: dt.date
    last: dt.date
    counted: bool
    excluded: bool
    test: bool


def recorded(connection: sa.Connection, receipt: bytes) -> Recorded | None:
    """Return what the receipt proves, or nothing if there is no such response."""
    row = connection.execute(_RECORDED, {"receipt": receipt}).first()
    if row is None:
        return None
    day = local_day(row.submitted_at)
    first, last = half_month(day) if row.cut else (day, day)
    return Recorded(first, last, row.counted, row.excluded, row.test)


def numbers_of(session: Session, receipts: Iterable[bytes]) -> dict[bytes, int]:
    """Return the numbers of the responses with these receipts, by receipt, as far as there are any."""
    query = sa.select(TABLE.c.receipt, TABLE.c.id)
    return {row.receipt: row.id for row in rows_in(session, query, TABLE.c.receipt, receipts)}
