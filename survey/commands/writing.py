"""The database session of a command that changes something: committed once, at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from survey.web.survey import this_survey


@contextmanager
def writing() -> Iterator[Session]:
    """Open a session that may write for the time of a block, and commit unless something is raised in it."""
    with this_survey().database.session(writes=True) as session:
        yield session
        session.commit()
