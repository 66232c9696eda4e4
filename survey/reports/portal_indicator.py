"""The national portal's 766 indicator by agency: what the portal counted, and beside it what this survey can count.

It is no satisfaction rate: silence counts in it as satisfied. It stands on a page of its own, under its own name. What
the portal counted was handed in as a file; without one there are cases and their due days from the feed, and the
lowest two levels of answers by invitation in the place of the portal's dislikes. The two are never added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.indicator_766 import (
    PortalPoints,
    SatisfactionGroup,
    indicator_766,
    portal_points,
    satisfaction_group,
    union_between,
)
from survey.apologies.letter_counts import by_unit
from survey.models import Agency, PortalCount
from survey.results.figures import Figures
from survey.results.rows import JudgedRow
from survey.results.scope import Scope


@dataclass(frozen=True)
class CaseItem:
    """The first item, on receiving and resolving cases, in both wordings, beside its counts.

    `late_and_disliked` is None where nobody knows how many cases are both: the wording "union" then lies from
    `union_least` to `union_most`, which else are the same. `disliked` is None where it is not shown, or nobody knows:
    then there are no points.
    """

    handled: int
    late: int
    disliked: int | None
    late_and_disliked: int | None
    union_least: PortalPoints | None
    union_most: PortalPoints | None
    sum: PortalPoints | None


@dataclass(frozen=True)
class PortalRow:
    """One agency: the items that the portal counted and their points, and what this survey counts of its cases.

    `group` adds up the items in the wording "sum", the one in which the portal prints its formula; it says of how many
    points at most. `handed_in_at` is when the newest file told it.
    """

    agency: Agency
    portal: CaseItem | None
    on_time: PortalPoints | None
    satisfied: PortalPoints | None
    group: SatisfactionGroup | None
    source: str
    handed_in_at: dt.datetime | None
    counted: CaseItem


@dataclass(frozen=True)
class PortalIndicator:
    """The agency that is looked at, and the units directly below it in Vietnamese order."""

    agency: PortalRow
    units: tuple[PortalRow, ...]

    @property
    def rows(self) -> tuple[PortalRow, ...]:
        """Return all of them, the agency first."""
        return self.agency, *self.units

    @property
    def handed_in(self) -> bool:
        """Return whether a file told anything of this period."""
        return any(row.portal for row in self.rows)


def portal_indicator(session: Session, figures: Figures) -> PortalIndicator:
    """Return the indicator of the agency and period of these figures, and of the units in their rows.

    What the portal counted is found by the days of the period. The figures say how many answers by invitation were at
    levels 1 and 2, as far as their reader is shown it.
    """
    scope = figures.scope
    rows = [row for row in figures.judged.rows if not row.pooled and row.id != scope.agency_id]
    late = by_unit(session, scope)
    stored = _stored(session, scope, [scope.agency_id, *[row.id for row in rows]])
    below = tuple(_row(scope.tree.agencies[row.id], row, late.of(row.id).late, stored) for row in rows)
    return PortalIndicator(_row(scope.agency, figures.judged.total, late.of().late, stored), below)


def case_item(handled: int, late: int, disliked: int | None, both: int | None) -> CaseItem:
    """Return the item on cases of some counts, of which the last two may not be known.

    >>> item = case_item(1000, 80, 60, None)
    >>> item.union_least.percent, item.union_most.percent, item.sum.points
    (86.0, 92.0, 5.73)
    """
    if disliked is None or late > handled or disliked > handled:
        return CaseItem(handled, late, disliked, both, None, None, None)
    least, most = union_between(handled, late, disliked)
    if both is not None:
        least = most = indicator_766(handled, late, disliked, both).union
    overlap = max(0, late + disliked - handled)
    return CaseItem(handled, late, disliked, both, least, most, indicator_766(handled, late, disliked, overlap).sum)


def _row(agency: Agency, judged: JudgedRow, late: int, stored: Mapping[int, PortalCount]) -> PortalRow:
    counted = case_item(judged.finished, late, _dissatisfied(judged), None)
    row = stored.get(agency.id)
    if row is None:
        return PortalRow(agency, None, None, None, None, "", None, counted)
    item = case_item(row.handled, row.late, row.disliked, row.late_and_disliked)
    on_time, satisfied = _petitions(row)
    points = [one for one in (item.sum, on_time, satisfied) if one is not None]
    return PortalRow(
        agency, item, on_time, satisfied, satisfaction_group(*points), row.source, row.recorded_at, counted
    )


def _dissatisfied(judged: JudgedRow) -> int | None:
    """Return how many answers were at levels 1 and 2; None where that is not shown to this reader."""
    if judged.shown:
        return (judged.level_1 or 0) + (judged.level_2 or 0)
    return None if judged.answered or judged.rated else 0  # cases may be rated by answers that are not shown yet


def _petitions(row: PortalCount) -> tuple[PortalPoints | None, PortalPoints | None]:
    if row.petitions is None:
        return None, None
    return (
        portal_points(row.petitions_on_time or 0, row.petitions),
        portal_points(row.petitions_satisfied or 0, row.petitions),
    )


def _stored(session: Session, scope: Scope, agencies: Sequence[int]) -> dict[int, PortalCount]:
    """Return what files told of these agencies in these very days, under whichever of their names it was told."""
    days = PortalCount.first == scope.period.first, PortalCount.last == scope.period.last
    shown = set(agencies)
    counted = {}
    for row in session.scalars(sa.select(PortalCount).where(*days).order_by(PortalCount.recorded_at)):
        if row.agency_id in scope.tree.agencies and (bearer := scope.tree.bearer(row.agency_id).id) in shown:
            counted[bearer] = row
    return counted


def items(row: PortalRow) -> Iterator[tuple[str, PortalPoints | None]]:
    """Yield each item of the group that the portal prints, by its name there, with its points."""
    yield "DOSSIER_RECEIVING_SATISFACTION", None if row.portal is None else row.portal.sum
    yield "PETITION_PROCESSING_ON_TIME", row.on_time
    yield "PETITION_HANDLING_SATISFACTION", row.satisfied
