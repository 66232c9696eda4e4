"""Which version of the product this is."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """Return the version that was installed, as pyproject.toml says it: 0.2.0."""
    return metadata.version("hailong")
