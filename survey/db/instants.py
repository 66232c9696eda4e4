"""Instants as numbers that both databases can subtract."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.types import UTCDateTime


def epoch_seconds(session: Session, column: Any) -> Any:
    """Return an instant as whole seconds since 1970."""
    if session.get_bind().dialect.name == "sqlite":
        return sa.cast(sa.func.strftime("%s", sa.type_coerce(column, sa.String)), sa.BigInteger)
    return sa.cast(sa.func.floor(sa.extract("epoch", sa.type_coerce(column, UTCDateTime))), sa.BigInteger)
