"""Decide on letters of apology: write own words, approve, hand over on paper, decline; each step is on record."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from survey.apologies import drafting, letter_text, listing
from survey.apologies.listing import ApologyRow
from survey.audit import trail
from survey.audit.acts import Act
from survey.delivery import messages, notices, queue
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import AddressKind, Apology, ApologyStatus, MessageKind
from survey.redaction.checking import Faults, TextFault, fault_of_text

LONGEST = {"words": 600, "reason": 300}
LINK = re.compile(r"https?:|www\.|://", re.IGNORECASE)

MOVED_ON = msgid("Somebody else has changed this letter meanwhile, or its case was corrected. Please look at it again.")
UNREADABLE = msgid("The address was sealed with another secret key and cannot be read.")
_NO_REASON = msgid("Please write why no letter is sent.")
_NO_LINKS = msgid("Please leave out web addresses: links in letters teach people to trust false ones.")


class ApologyStep(enum.StrEnum):
    """What can be done with a letter."""

    WRITE = "write"
    APPROVE = "approve"
    HAND_OVER = "hand_over"
    DECLINE = "decline"


_LEADS: Mapping[ApologyStep, tuple[ApologyStatus, Act]] = {
    ApologyStep.WRITE: (ApologyStatus.DRAFTED, Act.APOLOGY_WRITTEN),
    ApologyStep.APPROVE: (ApologyStatus.APPROVED, Act.APOLOGY_APPROVED),
    ApologyStep.HAND_OVER: (ApologyStatus.HANDED_OVER, Act.APOLOGY_HANDED_OVER),
    ApologyStep.DECLINE: (ApologyStatus.DECLINED, Act.APOLOGY_DECLINED),
}


@dataclass(frozen=True)
class Desk:
    """Who decides, about letters of which agencies, and by which ways they go out in which language by default."""

    secret: str = field(repr=False)
    staff_id: int
    agency_ids: Collection[int] = field(repr=False)
    ways: Collection[AddressKind]
    language: str


def offered(row: ApologyRow, ways: Collection[AddressKind]) -> set[ApologyStep]:
    """Return what can be done with a letter as it stands."""
    if row.unreached:
        return {ApologyStep.HAND_OVER}
    if row.status != ApologyStatus.DRAFTED:
        return set()
    sends = row.addressed and row.address_kind in ways
    room = set() if row.by_phone else {ApologyStep.WRITE}
    return {ApologyStep.HAND_OVER, ApologyStep.DECLINE} | room | ({ApologyStep.APPROVE} if sends else set())


def faults(step: ApologyStep, words: str, reason: str) -> Faults:
    """Return what is wrong with what a form says for a step, by field."""
    wrong: dict[str, TextFault | None] = {}
    if step == ApologyStep.WRITE and words:
        wrong["words"] = (_NO_LINKS, {}) if LINK.search(words) else fault_of_text(words, LONGEST["words"])
    if step == ApologyStep.DECLINE:
        wrong["reason"] = fault_of_text(reason, LONGEST["reason"]) if reason else (_NO_REASON, {})
    return {name: fault for name, fault in wrong.items() if fault}


def take(
    session: Session,
    desk: Desk,
    number: int,
    turn: int,
    step: ApologyStep,
    at: dt.datetime,
    *,
    words: str = "",
    reason: str = "",
) -> None:
    """Take a step with a letter as it stood at `turn`; what is said must be without `faults`.

    What is approved goes into the queue, once, as it would be written now; with every end of the draft the address that
    waited with it is erased.

    Raises:
        Conflict: the letter has moved on, does not stand so that this step leads anywhere, or cannot be opened.
    """
    letter = session.get(Apology, number, with_for_update=True, populate_existing=True)
    row = listing.one(session, desk.agency_ids, number)
    if letter is None or row is None or letter.turn != turn or step not in offered(row, desk.ways):
        raise Conflict(MOVED_ON)
    if step == ApologyStep.WRITE:
        letter.words = words or None
    else:
        if step == ApologyStep.APPROVE:
            _queue(session, desk, letter, row, at)
        letter.contact, letter.reason = None, reason or None
        letter.decided_at, letter.staff_id = at, desk.staff_id
    letter.status, act = _LEADS[step]
    letter.turn += 1
    session.flush()
    trail.append(session, desk.staff_id, act, at, apology=letter.id)


def _queue(session: Session, desk: Desk, letter: Apology, row: ApologyRow, at: dt.datetime) -> None:
    if letter.contact is None or letter.address_kind is None:
        raise Conflict(MOVED_ON)
    to = drafting.opened(desk.secret, letter.case_id, letter.contact)
    if to is None:
        raise Conflict(UNREADABLE)
    notice = letter_text.notice(listing.facts(session, row), to, letter.language or desk.language)
    subject = f"apology {letter.case_id}"
    delivery = notices.delivery(
        desk.secret,
        notice,
        subject,
        at,
        kind=MessageKind.LETTER,
        address_kind=letter.address_kind,
        kept=messages.KEPT,
    )
    queue.add(session, [delivery], at)
    letter.delivery_key = delivery.key
