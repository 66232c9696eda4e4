"""What stands for an agency that cases name before anybody knows it, and how it gives way to the rows of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Agency, Case, ClosedPeriod, Invitation, Response

Key = tuple[str, dt.date]  # code and first day


def give_way(agencies: dict[Key, Agency], keys: Iterable[Key]) -> list[Agency]:
    """Let the first row of each code take the place of its placeholder, with all that names it; return these rows."""
    waiting = {one.code: one for one in agencies.values() if one.placeholder}
    replaced = []
    for key in sorted(keys):
        if (one := waiting.pop(key[0], None)) is not None:
            del agencies[one.code, one.valid_from]
            one.valid_from = key[1]
            agencies[key] = one
            replaced.append(one)
    return replaced


def share_out(session: Session, one: Agency, rows: Iterable[Agency]) -> None:
    """Give the other rows of a code the cases and answers of their days, which came while a placeholder stood for all.

    What came before the first row, or between two, stays with the one that took the placeholder's place; so does what
    lies in a closed period, which is counted for good, and a case whose link was used in one.
    """
    used = sa.exists().where(Invitation.case_id == Case.id, Invitation.used)
    places = (
        (Case, Case.resolving_agency_id, Case.finished_day, used),
        (Case, Case.receiving_agency_id, sa.func.coalesce(Case.received_day, Case.finished_day), sa.false()),
        (Response, Response.agency_id, Response.day, sa.false()),
    )
    for row in rows:
        if row is one:
            continue
        for table, agency_id, day, settled in places:
            theirs = day.between(row.valid_from, row.valid_to or dt.date.max)
            closed = sa.exists().where(day.between(ClosedPeriod.first, ClosedPeriod.last))
            session.execute(
                sa.update(table).where(agency_id == one.id, theirs, ~closed, ~settled).values({agency_id: row.id})
            )
