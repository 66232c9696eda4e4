"""The procedures: by id, and the ids by national code."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Procedure


def by_id(session: Session) -> dict[int, Procedure]:
    """Return every procedure, of every version, by its id."""
    return {procedure.id: procedure for procedure in session.scalars(sa.select(Procedure))}


def ids_by_code(session: Session) -> dict[str, int]:
    """Return the id that each national code stands for: of several versions, the newest."""
    oldest_first = sa.select(Procedure.code, Procedure.id).order_by(Procedure.valid_from)
    return dict(session.execute(oldest_first).all())
