"""The counts of a call-back, and how they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class CallCounts:
    """The counts of a call-back: of the cases, of the silent who were called, and of those who had answered.

    `satisfied`, of the cases that were answered, is None for readers to whom it is not told (`disclosure`).
    """

    population: int
    answered: int
    satisfied: int | None
    silent_called: int
    silent_satisfied: int
    silent_unreached: int
    answered_called: int
    answered_by_others: int
    answered_unreached: int

    @property
    def silent(self) -> int:
        """Return how many cases had no answer that counts."""
        return self.population - self.answered

    @property
    def silent_reached(self) -> int:
        """Return how many of the silent who were called answered the question."""
        return self.silent_called - self.silent_unreached

    @property
    def answered_reached(self) -> int:
        """Return of how many of those who had answered it is known who gave the answer."""
        return self.answered_called - self.answered_unreached


def as_kept(counts: CallCounts) -> dict[str, Any]:
    """Return counts as they are kept with a finished call-back or a closed period."""
    return asdict(counts)


def counts_kept(kept: Mapping[str, Any]) -> CallCounts:
    """Return the counts that were kept."""
    return CallCounts(**{one.name: kept[one.name] for one in fields(CallCounts)})
