"""How many requests somebody may send in a minute: counted in the database, so for all processes together."""

from __future__ import annotations

import datetime as dt
from typing import cast

import sqlalchemy as sa

from survey.db.engine import Database
from survey.db.upsert import insert_or_add
from survey.errors import TooManyTries
from survey.models import RequestCount
from survey.security.tokens import keyed

SECONDS = 60
_TABLE = cast("sa.Table", RequestCount.__table__)
_COUNT = insert_or_add(_TABLE, ["who", "minute"], "number").returning(_TABLE.c.number)


def count(database: Database, secret: str, most: int, who: tuple[str, str], when: dt.datetime) -> None:
    """Count one request of somebody, named by kind and value, of whom only a keyed hash is stored.

    It is committed at once, whatever becomes of the request. Whoever is beyond the limit is refused after a mere look,
    so that a flood takes no write lock.

    Raises:
        TooManyTries: there were `most` in this minute already; says for how many seconds to wait.
    """
    minute, second = divmod(int(when.timestamp()), SECONDS)
    row = {"who": keyed(secret, "request limit", *who)[:16], "minute": minute}
    with database.session(writes=False) as session:
        number = session.scalar(sa.select(_TABLE.c.number).filter_by(**row)) or 0
    if number < most:
        with database.session(writes=True) as session:
            number = session.execute(_COUNT, row | {"number": 1}).scalar_one()
            session.commit()
        if number <= most:
            return
    raise TooManyTries("Too many tries. Please wait a moment and try again.", retry_after=SECONDS - second)
