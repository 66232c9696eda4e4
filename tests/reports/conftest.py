"""What all tests of reports share."""

from __future__ import annotations

import pytest


@pytest.fixture
def engine_name() -> str:
    """One database is enough: what is proved here is the file; its figures are proved in tests/results on both."""
    return "sqlite"
