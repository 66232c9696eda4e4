"""What belongs to the request in hand: its settings and its one database session."""

from __future__ import annotations

from flask import g, request
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from survey.results.scope import Standard
from survey.settings import Settings
from survey.web.survey import this_survey

READS = frozenset({"GET", "HEAD", "OPTIONS"})


def settings() -> Settings:
    """Return the settings of the application in use."""
    return this_survey().settings


def standard() -> Standard:
    """Return the target and the confidence by which this installation judges."""
    return Standard(settings().target, settings().confidence)


def session() -> Session:
    """Return this request's database session; only a request that may change something can write."""
    if "session" not in g:
        g.session = this_survey().database.session(writes=request.method not in READS)
    return g.session  # type: ignore[no-any-return]


def store() -> Connection:
    """Return this request's bare connection; a request has this or a session, for only one may hold the write lock."""
    if "store" not in g:
        g.store = this_survey().database.connection(writes=request.method not in READS)
    return g.store  # type: ignore[no-any-return]


def reading() -> Session:
    """Open a session of its own that only reads; the caller closes it."""
    return this_survey().database.session(writes=False)
