"""Answers follow their case: what the portal corrects about a finished case holds for its answer too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.invitations import timeliness
from survey.db.slices import rows_in
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell_of
from survey.models import Case, ClosedPeriod, Invitation, Response
from survey.periods import local_day

_OPEN = ~sa.exists().where(Response.day.between(ClosedPeriod.first, ClosedPeriod.last))
_FOLLOW = (
    sa.update(Response)
    .where(
        Response.invitation_id
        == sa.select(Invitation.id).where(Invitation.case_id == sa.bindparam("case")).scalar_subquery()
    )
    .where(_OPEN)
    .values(
        agency_id=sa.bindparam("agency"),
        procedure_id=sa.bindparam("procedure"),
        respondent=sa.bindparam("whose"),
        outcome=sa.bindparam("ended"),
        timeliness=sa.bindparam("in_time"),
    )
)


def follow(session: Session, cases: Sequence[Mapping[str, Any]], when: dt.datetime) -> None:
    """Let the answers to cases corrected at a moment tell whose they now are, how they ended and whether in time.

    `cases` are rows of the table of cases. An answer of a day in a closed period stays where it was counted there.
    """
    rows = [
        {
            "case": case["id"],
            "agency": case["resolving_agency_id"],
            "procedure": case["procedure_id"],
            "whose": case["respondent"],
            "ended": case["outcome"],
            "in_time": timeliness(case["due_day"], case["finished_day"]),
        }
        for case in cases
    ]
    if not rows:
        return
    session.connection().execute(_FOLLOW, rows)
    answers = sa.select(Response.id).join(Invitation, Invitation.id == Response.invitation_id).where(_OPEN)
    followed = rows_in(session, answers, Invitation.case_id, [row["case"] for row in rows])
    tell_of(session, EntryKind.CORRECTED, local_day(when), [row.id for row in followed])


def left_behind() -> sa.ColumnElement[bool]:
    """Return the condition that an answer, joined with its case, stayed in a cell that its case has left since."""
    return sa.or_(
        Response.agency_id != Case.resolving_agency_id,
        Response.procedure_id.is_distinct_from(Case.procedure_id),
        Response.respondent.is_distinct_from(Case.respondent),
    )
