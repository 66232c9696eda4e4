"""What several rules share."""

from __future__ import annotations

import pytest

from tests.support.naughty import strings


@pytest.fixture
def texts(engine_name: str, campaign: bool) -> list[str]:
    """The whole list; of what PostgreSQL is sent a fifth, because it is the same program that sends it.

    What that database cannot hold is tried everywhere in tests/rules/test_unstorable.py.
    """
    return strings() if campaign or engine_name == "sqlite" else strings()[::5]
