"""Agencies that are called otherwise, or stand elsewhere, from a day on."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.models import Agency
from survey.organisation.dated_tree import DAY
from tests.support import factories


def rename(session: Session, code: str, day: dt.date, name: str, above: str | None = None, linked: bool = True) -> None:
    """Let an agency have another name, and perhaps another place, from a day on."""
    before = session.get_one(Agency, factories.agency_id(session, code))
    after = Agency(
        code=code,
        name={"vi": name, "en": name},
        level=before.level,
        parent_id=factories.agency_id(session, above) if above else before.parent_id,
        valid_from=day,
    )
    session.add(after)
    session.flush()
    before.valid_to, before.successor_id = day - DAY, after.id if linked else None
    session.flush()
