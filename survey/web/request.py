"""What belongs to the request in hand: its settings and its one database session."""

from __future__ import annotations

from flask import g, request
from sqlalchemy.orm import Session

from survey.results.scope import Standard, standard_of
from survey.settings import Settings
from survey.web.survey import this_survey

READS = frozenset({"GET", "HEAD", "OPTIONS"})


def settings() -> Settings:
    """Return the settings of the application in use."""
    return this_survey().settings


def standard() -> Standard:
    """Return the target and the confidence by which this installation judges."""
    return standard_of(settings())


def session() -> Session:
    """Return this request's database session; only a request that may change something can write."""
    if "session" not in g:
        g.session = this_survey().database.session(writes=request.method not in READS)
    return g.session  # type: ignore[no-any-return]


def reading() -> Session:
    """Open a session of its own that only reads; the caller closes it."""
    return this_survey().database.session(writes=False)
