"""Letters of apology as they are read: in a list, and one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.apologies.letter_text import LetterFacts
from survey.delivery.state_words import state_words
from survey.i18n import gettext, msgid
from survey.models import (
    AddressKind,
    Apology,
    ApologyStatus,
    Case,
    Delivery,
    Procedure,
    Reason,
    Respondent,
    Staff,
    State,
    Texts,
)
from survey.organisation import agencies
from survey.organisation.working_days import WorkingDays, working_days

UNREACHED = (State.REFUSED, State.FAILED, State.EXPIRED)  # what certainly came to nobody, and may still go on paper
_WORDS = {
    "waiting": msgid("Waits for approval"),
    "paper": msgid("To be printed"),
    "lapsed": msgid("Address erased, to be printed"),
    "approved": msgid("Approved"),
    "handed_over": msgid("Handed over on paper"),
    "declined": msgid("Declined"),
    "taken_back": msgid("Not needed: the case was corrected"),
}
_DRAFT = Apology.status == ApologyStatus.DRAFTED
_ADDRESSED = Apology.contact.is_not(None)
LISTS: Mapping[str, sa.ColumnElement[bool]] = {
    "waiting": sa.and_(_DRAFT, _ADDRESSED),
    "paper": sa.or_(
        sa.and_(_DRAFT, sa.not_(_ADDRESSED)),
        sa.and_(Apology.status == ApologyStatus.APPROVED, sa.func.coalesce(Delivery.state.in_(UNREACHED), sa.false())),
    ),
    "sent": Apology.status == ApologyStatus.APPROVED,
    "other": Apology.status.in_((ApologyStatus.HANDED_OVER, ApologyStatus.DECLINED, ApologyStatus.TAKEN_BACK)),
}


@dataclass(frozen=True)
class ApologyRow:
    """A letter with its case as both stand; its address is never read for this."""

    id: int
    turn: int
    status: ApologyStatus
    agency_id: int
    procedure: Texts
    respondent: Respondent
    received: dt.date | None
    due: dt.date
    finished: dt.date
    days_late: int  # working days
    address_kind: AddressKind | None
    addressed: bool
    language: str | None
    words: str
    drafted_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: str
    reason: str
    delivery_state: State | None
    delivery_reason: Reason | None
    changed_at: dt.datetime | None  # its delivery

    @property
    def state(self) -> str:
        """Return how it stands: a key of `_WORDS`, or the name of the state of its delivery."""
        if self.status == ApologyStatus.DRAFTED:
            return "waiting" if self.addressed else "paper" if self.address_kind is None else "lapsed"
        if self.status == ApologyStatus.APPROVED and self.delivery_state is not None:
            return self.delivery_state.name.lower()
        return self.status.name.lower()

    @property
    def state_words(self) -> str:
        """Return the same in words; of a delivery those of all deliveries."""
        if self.status == ApologyStatus.APPROVED and self.delivery_state is not None:
            return state_words(self.delivery_state)
        return gettext(_WORDS[self.state])

    @property
    def unreached(self) -> bool:
        """Return whether it was sent and certainly came to nobody."""
        return self.status == ApologyStatus.APPROVED and self.delivery_state in UNREACHED

    @property
    def by_phone(self) -> bool:
        """Return whether it goes as a short message, which has no room for words of the unit's own."""
        sends = self.addressed or self.status == ApologyStatus.APPROVED
        return sends and self.address_kind == AddressKind.PHONE


def facts(session: Session, row: ApologyRow) -> LetterFacts:
    """Return what a letter tells, under today's names."""
    tree = agencies.tree(session)
    unit, province = tree.named_now(row.agency_id), agencies.root(session)
    about = (row.respondent, row.received, row.due, row.finished, row.days_late)
    return LetterFacts(unit.name, province.name, *about, "" if row.by_phone else row.words)


def listed(session: Session, agency_ids: Collection[int], show: str, place: int, number: int) -> list[ApologyRow]:
    """Return a page of the letters of these agencies that one of `LISTS` names, the newest first."""
    query = _rows().where(Case.resolving_agency_id.in_(agency_ids), LISTS[show])
    newest = query.order_by(Apology.drafted_at.desc(), Apology.id.desc())
    return _read(session, newest.offset(place * number).limit(number))


def numbers(session: Session, agency_ids: Collection[int]) -> dict[str, int]:
    """Return how many letters each of `LISTS` has."""
    columns = [sa.func.count().filter(condition).label(name) for name, condition in LISTS.items()]
    query = sa.select(*columns).select_from(Apology).join(Case, Case.id == Apology.case_id)
    query = query.outerjoin(Delivery, Delivery.key == Apology.delivery_key)
    return dict(session.execute(query.where(Case.resolving_agency_id.in_(agency_ids))).one()._mapping)


def one(session: Session, agency_ids: Collection[int], number: int) -> ApologyRow | None:
    """Return a letter of these agencies by its number; None if there is no such."""
    rows = _read(session, _rows().where(Apology.id == number, Case.resolving_agency_id.in_(agency_ids)))
    return rows[0] if rows else None


def _rows() -> sa.Select[Any]:
    return (
        sa.select(Apology, Case, Procedure.name.label("procedure"), Staff, Delivery.state, Delivery.reason)
        .add_columns(Delivery.changed_at)
        .join(Case, Case.id == Apology.case_id)
        .join(Procedure, Procedure.id == Case.procedure_id)
        .outerjoin(Staff, Staff.id == Apology.staff_id)
        .outerjoin(Delivery, Delivery.key == Apology.delivery_key)
    )


def _read(session: Session, query: sa.Select[Any]) -> list[ApologyRow]:
    rows: Sequence[Any] = session.execute(query, execution_options={"populate_existing": True}).all()
    calendar = working_days(session) if rows else WorkingDays({})
    return [_row(row, calendar) for row in rows]


def _row(row: Any, calendar: WorkingDays) -> ApologyRow:
    letter, case = row.Apology, row.Case
    due = case.due_day or case.finished_day  # of a letter that was taken back, the day may be gone
    return ApologyRow(
        letter.id,
        letter.turn,
        letter.status,
        case.resolving_agency_id,
        row.procedure,
        case.respondent,
        case.received_day,
        due,
        case.finished_day,
        calendar.between(due, case.finished_day),
        letter.address_kind,
        letter.contact is not None,
        letter.language,
        letter.words or "",
        letter.drafted_at,
        letter.decided_at,
        (row.Staff.name or row.Staff.login) if row.Staff else "",
        letter.reason or "",
        row.state,
        row.reason,
        row.changed_at,
    )
