"""What is asked of the database while a test looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa


class Statement(NamedTuple):
    """One statement as its driver gets it."""

    text: str
    values: Any


@contextmanager
def statements(asked: Any = sa.Engine) -> Iterator[list[Statement]]:
    """Give the list of what is asked of an engine from here on, or of all of them."""
    listed: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        listed.append(Statement(text, values))

    sa.event.listen(asked, "before_cursor_execute", note)
    try:
        yield listed
    finally:
        sa.event.remove(asked, "before_cursor_execute", note)
