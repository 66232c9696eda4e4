"""What figures are about and what they are held against: the two values that every question to the results carries.

Of a closed period both are those of its closing: the agencies and their names, the target and the confidence.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import NotFound
from survey.models import Agency, ClosedPeriod
from survey.organisation.agencies import may_see, nearest, tree
from survey.organisation.dated_tree import Tree
from survey.periods import Period
from survey.results.frozen_names import newest_with, tree_then
from survey.settings import Settings


@dataclass(frozen=True)
class Standard:
    """The target that a rate is held against, and the confidence with which it is concluded; and how soon to answer.

    `target` is a decimal in writing ("0.90"), so that it means what it says; `days_to_answer` are the working days in
    which a comment is to be answered.
    """

    target: str
    confidence: float
    days_to_answer: int = 15


@dataclass(frozen=True, eq=False)
class Scope:
    """A period, an agency with everything below it, and the tree of agencies in which its figures are shown.

    `closing` is None while the period is open.
    """

    period: Period
    agency_id: int
    tree: Tree = field(repr=False)
    closing: ClosedPeriod | None = field(repr=False)

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

    def held_to(self, standard: Standard) -> Standard:
        """Return what the figures are held against: what was frozen with them, or `standard` while they are open."""
        if self.closing is None:
            return standard
        return Standard(self.closing.target, self.closing.confidence, standard.days_to_answer)


def closed_period(session: Session, period: Period) -> ClosedPeriod | None:
    """Return the closing of a period, or None while it is open."""
    return session.scalar(
        sa.select(ClosedPeriod).where(ClosedPeriod.code == period.code, ClosedPeriod.basis == str(period.basis))
    )


def scope_for(session: Session, period: Period, agency_id: int, as_of: dt.date | None = None) -> Scope:
    """Return the scope of an agency's figures in a period, in the tree of its last day or of the day `as_of`.

    Of a closed period it is the tree that was frozen with it, unless the agency is younger than the closing. With
    today as `as_of`, a period before a merger is shown under the agencies of today, each with the figures of its
    predecessors (`agencies.Tree.showing`).
    """
    closing = closed_period(session, period)
    then = tree_then(closing) if closing is not None and as_of is None else None
    shown = then if then is not None and agency_id in then.agencies else tree(session, as_of or period.last)
    return Scope(period, agency_id, shown.showing(agency_id), closing)


def scope_asked(session: Session, period: Period, code: str | None, own_id: int) -> Scope:
    """Return the scope of the agency with this code (without one: of `own_id`), as somebody of `own_id` may see it.

    An agency that did not exist in the period is found all the same, with what its predecessors had.

    Raises:
        NotFound: there is none, or it is not the business of `own_id`: both look the same.
    """
    closing, now = closed_period(session, period), tree(session, period.last)
    then = None if closing is None else tree_then(closing)
    if then is not None and not code and own_id in then.agencies:
        agency = then.named_now(own_id)
    elif then is not None and (bearer := newest_with(then, code or now.agencies[own_id].code)) is not None:
        agency = bearer
    else:
        agency = nearest(session, code, period.last) if code else now.named_now(own_id)
    if not may_see(now, agency.id, own_id):
        raise NotFound("There is no agency with the code %(code)s.", code=agency.code[:40])
    shown = then if then and agency.id in then.agencies else now
    return Scope(period, agency.id, shown.showing(agency.id), closing)


def standard_of(settings: Settings) -> Standard:
    """Return the target, the confidence and the days by which an installation judges."""
    return Standard(settings.target, settings.confidence, settings.days_to_answer)
