"""How many comments a month brought, and what has become of them: for the report, as of the day on which it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.comments.clock import Clock
from survey.comments.reading import CommentsInScope
from survey.comments.standing import LATE, STATUSES
from survey.models import Channel
from survey.results.scope import Scope

NAMES = ("comments", *(f"comments_{status}" for status in STATUSES))
OVERDUE = f"comments_{LATE}"


@dataclass(frozen=True)
class FollowUpCounts:
    """The counts by channel and unit; what is overdue tells of levels, so it is only told of many together."""

    by_unit: Mapping[tuple[Channel, int], Mapping[str, int]]
    fewest: int  # comments of which it is told how many are overdue

    @property
    def units(self) -> set[int]:
        """Return the units about which somebody wrote."""
        return {unit for _channel, unit in self.by_unit}

    def of(self, channel: Channel | None = None, unit: int | None = None) -> dict[str, int | None]:
        """Return `comments` and the number of each status, of one channel and unit or of all, and how many are overdue.

        The latter is None of a unit, and where fewer comments were written than may be told of.
        """
        sums = Counter[str]()
        for (one, unit_id), numbers in self.by_unit.items():
            if channel in (None, one) and unit in (None, unit_id):
                sums.update(numbers)
        many = unit is None and sums["comments"] >= self.fewest
        counted = zip(NAMES, ("comments", *STATUSES), strict=True)
        return {**{name: sums[key] for name, key in counted}, OVERDUE: sums[LATE] if many else None}


def follow_up_counts(session: Session, scope: Scope, clock: Clock, fewest: int) -> FollowUpCounts:
    """Count the comments of a scope."""
    return FollowUpCounts(CommentsInScope(session, scope, False, clock, fewest).tally(), fewest)
