"""Numbers of comments by agency, added up to those of units."""

from __future__ import annotations

from collections.abc import Mapping

from survey.models import Channel


def added_up(
    tally: Mapping[tuple[Channel, int], Mapping[str, int]], unit_of: Mapping[int, int]
) -> dict[tuple[Channel, int], dict[str, int]]:
    """Return counts by channel and agency as those by channel and unit; agencies of no unit are left out."""
    sums: dict[tuple[Channel, int], dict[str, int]] = {}
    for (channel, agency_id), numbers in tally.items():
        if agency_id in unit_of:
            row = sums.setdefault((channel, unit_of[agency_id]), {})
            for name, number in numbers.items():
                row[name] = row.get(name, 0) + number
    return sums
