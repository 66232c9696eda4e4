"""At which revision the data stand: what differs as soon as a figure, or a name beside it, may."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Case, ClosedPeriod, Installation, Invitation, Response

Revision = tuple[int | str | None, ...]
ADDED = (Response, Case, Invitation, ClosedPeriod)


def revision(session: Session) -> Revision:
    """Return the revision of the data that this session sees.

    Answers, cases, invitations and closings are added: the newest of each tells (whoever replaces an answer adds one).
    Agencies, procedures, questionnaires and reported cases are changed in place: who does, raises the number that the
    installation keeps (`agencies.revise`). On PostgreSQL a number is given out before its row can be seen, so the
    transactions that are still writing belong to it too.
    """
    newest = [sa.select(sa.func.max(table.id)).scalar_subquery() for table in ADDED]
    changed = sa.select(Installation.revision).scalar_subquery()
    snapshot = sa.func.pg_current_snapshot() if session.get_bind().dialect.name == "postgresql" else sa.literal("::")
    *numbers, writing = session.execute(sa.select(changed, *newest, sa.cast(snapshot, sa.Text))).one()
    return *numbers, writing.split(":")[2]
