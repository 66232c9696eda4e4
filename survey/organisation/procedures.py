"""The procedures: by id, their names, and the ids by national code."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Procedure, Texts


def by_id(session: Session) -> dict[int, Procedure]:
    """Return every procedure, of every version, by its id."""
    return {procedure.id: procedure for procedure in session.scalars(sa.select(Procedure))}


def ids_by_code(session: Session) -> dict[str, int]:
    """Return the id that each national code stands for: of several versions, the newest."""
    oldest_first = sa.select(Procedure.code, Procedure.id).order_by(Procedure.valid_from)
    return dict(session.execute(oldest_first).all())


def names(session: Session) -> dict[int, Texts]:
    """Return the name of every procedure by its id."""
    return {row.id: row.name for row in session.execute(sa.select(Procedure.id, Procedure.name))}
