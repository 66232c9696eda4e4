"""What the tests of the demonstration start from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import migrations
from survey.db.engine import Database


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """A migrated database without a row, on either engine."""
    with Database(database_url) as database:
        migrations.migrate(database, "base")
        migrations.migrate(database)
        yield database
