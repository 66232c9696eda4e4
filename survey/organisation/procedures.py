"""The procedures: by id, and the version of each that is in force on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Procedure, Texts


def by_id(session: Session) -> dict[int, Procedure]:
    """Return every procedure, of every version, by its id."""
    return {procedure.id: procedure for procedure in session.scalars(sa.select(Procedure))}


def by_code(session: Session) -> dict[str, list[Procedure]]:
    """Return the versions of every procedure by its national code, the oldest first."""
    return _lines(session.scalars(sa.select(Procedure)).all())


def on(versions: Sequence[Procedure], day: dt.date) -> Procedure:
    """Return which of the versions of one procedure, the oldest first, holds on a day.

    Where none does it is the last one before or, on a day before all of them, the first: no case is refused for it.
    """
    return next((one for one in reversed(versions) if one.valid_from <= day), versions[0])


def in_force(session: Session, day: dt.date) -> dict[str, Procedure]:
    """Return by its code every procedure that may be carried out on a day, in the version of that day."""
    named = {code: on(versions, day) for code, versions in by_code(session).items()}
    return {
        code: one
        for code, one in named.items()
        if one.valid_from <= day and (one.valid_to is None or one.valid_to >= day)
    }


def names(session: Session, day: dt.date) -> dict[int, Texts]:
    """Return by its id the name of every procedure: the one that its code carries on that day."""
    return names_of(by_id(session), day)


def names_of(every: Mapping[int, Procedure], day: dt.date) -> dict[int, Texts]:
    """Return the names of all procedures as `names` does, of those read already."""
    carried: Mapping[str, Procedure] = {code: on(line, day) for code, line in _lines([*every.values()]).items()}
    return {procedure_id: carried[one.code].name for procedure_id, one in every.items()}


def _lines(every: Sequence[Procedure]) -> dict[str, list[Procedure]]:
    lines: dict[str, list[Procedure]] = {}
    for one in sorted(every, key=lambda one: one.valid_from):
        lines.setdefault(one.code, []).append(one)
    return lines
