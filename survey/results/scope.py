"""What figures are about and what they are held against: the two values that every question to the results carries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from survey.models import Agency
from survey.organisation.agencies import tree_for
from survey.organisation.dated_tree import Tree
from survey.periods import Period
from survey.settings import Settings


@dataclass(frozen=True, eq=False)
class Scope:
    """A period, an agency with everything below it, and the tree of agencies in which its figures are shown."""

    period: Period
    agency_id: int
    tree: Tree = field(repr=False)

    @property
    def agency(self) -> Agency:
        """Return the agency under the name that the tree gives it."""
        return self.tree.agencies[self.agency_id]

    @property
    def subtree(self) -> list[int]:
        """Return the agencies whose answers count: the agency, all below it, and their predecessors."""
        return list(self.tree.subtree(self.agency_id))

    @property
    def unit_of(self) -> dict[int, int]:
        """Return for each of these agencies the unit, directly below the agency, that it is counted in."""
        return self.tree.unit_of(self.agency_id)


def scope_for(session: Session, period: Period, agency_id: int, as_of: dt.date | None = None) -> Scope:
    """Return the scope of an agency's figures in a period, in the tree of its last day or of the day `as_of`.

    With today as `as_of`, a period before a merger is shown under the agencies of today, each with the figures of its
    predecessors (`agencies.tree_for`).
    """
    return Scope(period, agency_id, tree_for(session, agency_id, as_of or period.last))


@dataclass(frozen=True)
class Standard:
    """The target that a rate is held against, and the confidence with which it is concluded.

    `target` is a decimal in writing ("0.90"), so that it means what it says.
    """

    target: str
    confidence: float


def standard_of(settings: Settings) -> Standard:
    """Return the target and the confidence by which an installation judges."""
    return Standard(settings.target, settings.confidence)
