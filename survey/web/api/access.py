"""Who may use the API, and how fast: the key in the header, and a limit per key and per address.

The limits hold for all serving processes together. They guard the API alone: a citizen's page is never counted, and an
address that sends wrong keys cannot shut out a right one.
"""

from __future__ import annotations

from flask import request

from survey.accounts import api_keys, request_limits
from survey.accounts.api_keys import Holder, KeyScope
from survey.db import row_security
from survey.db.engine import Database
from survey.errors import Forbidden, KeyRefused
from survey.organisation.sight import ever_within
from survey.periods import local_day, now
from survey.web.request import settings
from survey.web.survey import this_survey

ADDRESS_PER_MINUTE = 120  # requests without a right key


def authenticate(scope: KeyScope | None) -> Holder:
    """Return whose key the request carries.

    Raises:
        KeyRefused: none, or no right one.
        Forbidden: the key has not the scope that is asked for.
        TooManyTries: too many requests in this minute.
    """
    kind, _, presented = request.headers.get("Authorization", "").partition(" ")
    database: Database = this_survey().database
    try:
        # Apart from the request's own session, which on SQLite would take the write lock for a mere look.
        with database.session(writes=False) as reading:
            holder = api_keys.find(reading, presented.strip() if kind.lower() == "bearer" else "", local_day(now()))
            if database.guarded:
                row_security.see(ever_within(reading, holder.agency_id))
    except KeyRefused:
        count_unauthenticated()
        raise
    _count(settings().api_per_minute, "key", str(holder.id))
    if scope is not None and scope not in holder.scopes:
        raise Forbidden("This key lacks the scope %(scope)s. Ask for a key that has it.", scope=str(scope))
    if holder.last_used_day != (today := local_day(now())):
        with database.session(writes=True) as writing:
            api_keys.record_use(writing, holder.id, today)
            writing.commit()
    return holder


def count_unauthenticated() -> None:
    """Count a request without a right key.

    Raises:
        TooManyTries: too many from this address in this minute.
    """
    _count(ADDRESS_PER_MINUTE, "address", request.remote_addr or "")


def _count(most: int, kind: str, value: str) -> None:
    request_limits.count(this_survey().database, settings().secret_key, most, (kind, value), now())
