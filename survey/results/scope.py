"""What figures are about and what they are held against: the two values that every question to the results carries.

Of a closed period both are those of its closing: the agencies and their names, the target and the confidence.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import NotFound
from survey.models import Agency, ClosedPeriod, Role
from survey.organisation.agencies import installation, may_see, nearest, tree
from survey.organisation.dated_tree import Tree
from survey.organisation.targets import NO_TARGETS, DatedTarget, TargetsInForce, in_force, kept_in_force
from survey.periods import Period
from survey.results.frozen_names import newest_with, tree_then
from survey.settings import Settings


class Reader(enum.Enum):
    """Who looks at figures; what each may see is said in `disclosure`."""

    UNIT = "unit"  # staff of an agency below the province, who may know whom they served on which day
    PROVINCE = "province"
    AUDITOR = "auditor"
    PUBLIC = "public"

    @property
    def guarded(self) -> bool:
        """Return whether they must not find out, from all that they ever see, what a few people said."""
        return self in (Reader.UNIT, Reader.PUBLIC)


@dataclass(frozen=True)
class Standard:
    """What figures are held against and shown by: the target, the confidence of conclusions, numbers and days.

    `target` is a decimal in writing ("0.90"), so that it means what it says; `fewest` are the answers from which it is
    shown what people said, `days_to_answer` the working days in which a comment is to be answered; `apologies`: people
    are written to whose case was finished late. `headline` says whose target it is, where the province has entered it;
    `beside` is the one that stands beside it, with a verdict of its own.
    """

    target: str
    confidence: float
    fewest: int = 10
    days_to_answer: int = 15
    apologies: bool = False
    headline: DatedTarget | None = None
    beside: DatedTarget | None = None

    @property
    def second(self) -> Standard | None:
        """Return the same with the target beside the headline in its place; None where there is none."""
        if self.beside is None:
            return None
        return replace(self, target=self.beside.share, headline=self.beside, beside=None)


@dataclass(frozen=True, eq=False)
class Scope:
    """A period, an agency with everything below it, the tree of agencies in which its figures are shown, and to whom.

    `closing` is None while the period is open; `targets` are those of its last day.
    """

    period: Period
    agency_id: int
    tree: Tree = field(repr=False)
    closing: ClosedPeriod | None = field(repr=False)
    reader: Reader = Reader.PROVINCE
    targets: TargetsInForce = NO_TARGETS

    @property
    def running(self) -> bool:
        """Return whether answers still come in that this reader must not see one by one."""
        return self.reader.guarded and self.closing is None

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
        """Return what the figures are held against: what was frozen with them, or what is in force while they are open.

        The target of `standard` holds where the province has entered no headline of its own.
        """
        held = replace(standard, headline=self.targets.headline, beside=self.targets.beside)
        if self.closing is not None:
            return replace(held, target=self.closing.target, confidence=self.closing.confidence)
        return held if held.headline is None else replace(held, target=held.headline.share)


def closed_period(session: Session, period: Period) -> ClosedPeriod | None:
    """Return the closing of a period, or None while it is open."""
    return session.scalar(
        sa.select(ClosedPeriod).where(ClosedPeriod.code == period.code, ClosedPeriod.basis == str(period.basis))
    )


def scope_for(
    session: Session,
    period: Period,
    agency_id: int,
    as_of: dt.date | None = None,
    reader: Reader = Reader.PROVINCE,
) -> Scope:
    """Return the scope of an agency's figures in a period, in the tree of its last day or of the day `as_of`.

    Of a closed period it is the tree that was frozen with it, unless the agency is younger than the closing. With
    today as `as_of`, a period before a merger is shown under the agencies of today, each with the figures of its
    predecessors (`agencies.Tree.showing`).
    """
    closing = closed_period(session, period)
    then = tree_then(closing) if closing is not None and as_of is None else None
    shown = then if then is not None and agency_id in then.agencies else tree(session, as_of or period.last)
    return Scope(period, agency_id, shown.showing(agency_id), closing, reader, _targets(session, period, closing))


def scope_asked(session: Session, period: Period, code: str | None, own_id: int, reader: Reader) -> Scope:
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
    targets = _targets(session, period, closing)
    return Scope(period, agency.id, shown.showing(agency.id), closing, reader, targets)


def _targets(session: Session, period: Period, closing: ClosedPeriod | None) -> TargetsInForce:
    return in_force(session, period.last) if closing is None else kept_in_force(closing.targets)


def reader_of(session: Session, own_id: int, role: Role | None = None) -> Reader:
    """Return as whom somebody of an agency looks at figures; programs have no role.

    Below the province an auditor is one of the agency's own people.
    """
    if session.get_one(Agency, own_id).code != installation(session).root_code:
        return Reader.UNIT
    return Reader.AUDITOR if role == Role.AUDITOR else Reader.PROVINCE


def standard_of(settings: Settings) -> Standard:
    """Return what an installation judges and shows by."""
    on = settings.apologies == "on"
    return Standard(settings.target, settings.confidence, settings.fewest_shown, settings.days_to_answer, on)
