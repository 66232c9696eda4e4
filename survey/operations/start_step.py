"""One step of the way from an empty installation to the first report, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Way:
    """A page to go to: what its button says, and the page by its endpoint with what its address says."""

    words: str
    endpoint: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StartStep:
    """One step in words: what it is for, what is there, what is missing (empty: it is done).

    The first of `ways` is where it is done. `loss` is what is lost without it, of a step that may be left out. `trial`
    is the code of the test link, if any.
    """

    name: str
    title: str
    purpose: str
    standing: str
    missing: str
    ways: tuple[Way, ...]
    loss: str = ""
    trial: str = ""

    @property
    def done(self) -> bool:
        """Return whether nothing is missing."""
        return not self.missing

    @property
    def required(self) -> bool:
        """Return whether there is no first report without it."""
        return not self.loss
