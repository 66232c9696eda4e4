"""Whether the long forms of faults, fuzz and simulations are asked for (`--campaign`), and how much of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms are asked for."""
    return bool(request.config.getoption("--campaign"))


@pytest.fixture(scope="session")
def turns(request: pytest.FixtureRequest, campaign: bool) -> Callable[[int, int], int]:
    """How often to do something: in `make test`, and in the long form or the part of it that is asked for."""
    part = float(request.config.getoption("--part"))
    return lambda short, full: max(short, round(full * part)) if campaign else short
