"""How the messages of each unit stand: counted in the delivery queue, of which no address is read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Case, Delivery, Invitation, MessageKind, Reason, State
from survey.organisation.dated_tree import Tree


@dataclass
class UnitStatus:
    """The messages of one unit: how many invitations and reminders in each state, and why those that have a reason."""

    agency_id: int
    invitations: Counter[State] = field(default_factory=Counter)
    reminders: Counter[State] = field(default_factory=Counter)
    reasons: Counter[tuple[State, Reason]] = field(default_factory=Counter)


def status_by_unit(session: Session, tree: Tree, agency_id: int, since: dt.datetime) -> list[UnitStatus]:
    """Return how an agency itself and each unit directly below it stand, where messages were queued since then."""
    unit_of = tree.unit_of(agency_id)
    counted = (
        sa.select(Case.resolving_agency_id, Delivery.kind, Delivery.state, Delivery.reason, sa.func.count())
        .join(Invitation, Invitation.id == Delivery.invitation_id)
        .join(Case, Case.id == Invitation.case_id)
        .where(Delivery.queued_at >= since)
        .group_by(Case.resolving_agency_id, Delivery.kind, Delivery.state, Delivery.reason)
    )
    lines = {unit: UnitStatus(unit) for unit in dict.fromkeys((agency_id, *tree.children.get(agency_id, ())))}
    for agency, kind, state, reason, number in session.execute(counted):
        if (unit := unit_of.get(agency)) is None:
            continue
        line = lines[unit]
        (line.invitations if kind == MessageKind.INVITATION else line.reminders)[state] += number
        if reason is not None:
            line.reasons[state, reason] += number
    return [line for line in lines.values() if line.invitations]
