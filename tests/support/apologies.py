"""Late cases as a portal sends them, and the letters that are drafted about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.apologies import listing, steps
from survey.apologies.listing import ApologyRow
from survey.apologies.steps import ApologyStep, Desk
from survey.cases import intake
from survey.cases.intake import IncomingCase, Terms
from survey.models import AddressKind, Apology, ApologyStatus, Respondent, Role
from survey.organisation import agencies
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)  # a Tuesday
RECEIVED, DUE, FINISHED = dt.date(2026, 9, 21), dt.date(2026, 9, 30), dt.date(2026, 10, 5)
BOTH = frozenset({AddressKind.EMAIL, AddressKind.PHONE})
LAN = "lan.canary@example.vn"


def late_case(number: int = 1, agency: str = "H61.50", **about: Any) -> IncomingCase:
    """Return a case that was due on a Wednesday and finished on the Monday after: three working days late."""
    usual = {"finished": FINISHED, "received": RECEIVED, "due": DUE, "contact": LAN}
    code = f"{agency}-260921-{number:04}"
    return IncomingCase(code, "1.001193", agency, agency, **{"respondent": Respondent.CITIZEN, **usual, **about})


def tell(
    session: Session, *cases: IncomingCase, ways: frozenset[AddressKind] | None = BOTH, when: dt.datetime = NOON
) -> None:
    """Let the province's key send cases; the caller commits."""
    terms = Terms(SECRET, factories.agency_id(session, "H61"), 1, when, 7, 3, ways)
    results = intake.take(session, cases, terms)
    assert [result.faults for result in results] == [[] for _ in cases]


def add_draft(session: Session, number: int, at: dt.datetime) -> None:
    """Add a draft of a letter whose address waits."""
    about = {"address_kind": AddressKind.EMAIL, "contact": bytes([number]), "turn": 1}
    case_id = factories.case(session).id
    session.add(Apology(case_id=case_id, status=ApologyStatus.DRAFTED, drafted_at=at, **about))


def letters(session: Session) -> Sequence[Apology]:
    """Return every letter as it stands."""
    session.flush()
    session.expire_all()
    return session.scalars(sa.select(Apology).order_by(Apology.id)).all()


def desk(session: Session, agency: str = "H61.50", login: str = "xa") -> Desk:
    """Return the desk of a manager of an agency."""
    own = factories.agency_id(session, agency)
    tree = agencies.tree(session)
    seen = [key for key in tree.agencies if tree.within(key, own)]
    return Desk(SECRET, official(session, login, agency, Role.MANAGER).id, seen, BOTH, "vi")


def look(session: Session, at: Desk, number: int) -> ApologyRow:
    """Return a letter as the desk sees it."""
    row = listing.one(session, at.agency_ids, number)
    assert row is not None
    return row


def approver(session: Session, at: Desk, when: dt.datetime = NOON) -> Callable[[Apology], None]:
    """Return what approves a letter as it stands."""
    return lambda letter: steps.take(session, at, letter.id, letter.turn, ApologyStep.APPROVE, when)
