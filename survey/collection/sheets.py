"""Answers on paper and by telephone: an official puts them in, they stand apart, and no judged figure moves by them.

A sheet names no case and no person: whoever was invited too has two answers in two channels, and only the one by
invitation is judged. Sheets of a unit, a procedure and a questionnaire lie on one pile, which is a placement without an
address.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import placements, responses
from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.collection.responses import SubmissionMeta, Submitted
from survey.errors import Conflict
from survey.i18n import msgid
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell_of
from survey.models import INTERVIEWED, Channel, ClosedPeriod, Placement, Respondent, Response
from survey.periods import LOCAL_ZONE, local_day
from survey.questionnaires import Questionnaire
from survey.security.tokens import issued_at, parse_receipt, receipt_code, sign

OLDEST = dt.timedelta(days=366)
UNDO_SECONDS = 600
NOON = dt.time(12)
_CLOSED = msgid("The period with this day is closed: nothing can be added to it.")
_GONE = msgid("This answer cannot be taken back any more.")
NOT_THEN = msgid("The day must be within the last year, and not in the future.")


class SheetFate(enum.Enum):
    """What became of a sheet: it is new, was known as it is, or has taken the place of what stood before."""

    ADDED = enum.auto()
    UNCHANGED = enum.auto()
    UPDATED = enum.auto()


@dataclass(frozen=True)
class Pile:
    """Which sheets lie together: of which unit, perhaps about one procedure, by which channel, asking what."""

    agency_id: int
    channel: Channel
    procedure_id: int | None
    questionnaire: Questionnaire


@dataclass(frozen=True)
class Sheet:
    """What stands on one sheet; `key` makes a repeat harmless, as one that it had under a former secret does."""

    answers: Answers
    day: dt.date
    respondent: Respondent | None
    key: str
    former_keys: tuple[str, ...] = ()


def enter(session: Session, secret: str, pile: Pile, sheet: Sheet, staff_id: int | None, when: dt.datetime) -> bytes:
    """Record one sheet as of its own day and return its receipt; the same key and answers give the same again.

    Raises:
        Conflict: its day is to come, a year ago, or in a closed period; or it was taken back.
    """
    check_day(session, sheet.day, local_day(when))
    receipt, fate = lay(session, secret, pile, sheet, staff_id, when)
    if fate == SheetFate.ADDED:
        trail.append(
            session, staff_id, Act.SHEET_ENTERED, when, agency=pile.agency_id, channel=pile.channel.name.lower()
        )
    return receipt


def lay(
    session: Session, secret: str, pile: Pile, sheet: Sheet, staff_id: int | None, when: dt.datetime
) -> tuple[bytes, SheetFate]:
    """Lay one sheet, whose day is checked, on its pile; return its receipt and what became of it.

    Raises:
        Conflict: it was taken back.
    """
    placement = _placement(session, pile, staff_id, when)
    connection = session.connection()
    sent = _submitted(pile, placement.id, sheet, when)
    for key in sheet.former_keys:
        if responses.recorded(connection, secret, sent.source, key):
            sent = replace(sent, meta=replace(sent.meta, key=key))
    first = responses.record_first(connection, secret, sent)
    if first is not None:
        return first, SheetFate.ADDED
    newest = sa.select(sa.func.max(Response.id))
    before = session.scalar(newest)
    receipt = responses.record(connection, secret, sent.source, sent.questionnaire, sent.answers, sent.meta)
    if not session.scalar(sa.select(Response.counted).where(Response.receipt == receipt)):
        raise Conflict("This sheet was taken back. Open the page anew to put it in again.")
    row = session.scalar(sa.select(Response.id).where(Response.receipt == receipt))
    return receipt, SheetFate.UPDATED if (row or 0) > (before or 0) else SheetFate.UNCHANGED


def check_day(session: Session, day: dt.date, today: dt.date) -> None:
    """Check that answers of a day can still be put in.

    Raises:
        Conflict: it is to come, a year ago, or in a closed period.
    """
    if not today - OLDEST <= day <= today:
        raise Conflict(NOT_THEN)
    if session.scalar(sa.select(_closed(day))):
        raise Conflict(_CLOSED)


def permit(secret: str, receipt: bytes, staff_id: int) -> str:
    """Return what lets this account take back the sheet with this receipt, for ten minutes."""
    code = receipt_code(receipt)
    return f"{code}.{sign(secret, 'sheet', code, str(staff_id))}"


def permitted(secret: str, permit: str, staff_id: int, when: dt.datetime) -> bytes | None:
    """Return the receipt of the sheet that a permit lets this account take back; None if it does not, or no more."""
    code, _, token = permit.partition(".")
    issued = issued_at(secret, "sheet", token, code, str(staff_id))
    return parse_receipt(code) if issued is not None and when.timestamp() - issued <= UNDO_SECONDS else None


def take_back(session: Session, secret: str, permit: str, staff_id: int, when: dt.datetime) -> None:
    """Let a sheet that was just put in count no more, on record; it stays as it is.

    Raises:
        Conflict: the permit is not this account's or has run out, the answer counts no more, or its period is closed.
    """
    receipt = permitted(secret, permit, staff_id, when)
    if receipt is None:
        raise Conflict(_GONE)
    row = session.execute(
        sa.select(Response.id, Response.day, Response.placement_id).where(
            Response.receipt == receipt, Response.counted, Response.channel.in_(INTERVIEWED)
        )
    ).one_or_none()
    if row is None or session.scalar(sa.select(_closed(row.day))):
        raise Conflict(_GONE)
    session.execute(sa.update(Response).where(Response.id == row.id).values(counted=False))
    tell_of(session, EntryKind.TAKEN_BACK, local_day(when), [row.id])
    trail.append(session, staff_id, Act.SHEET_TAKEN_BACK, when, placement=row.placement_id)


def _closed(day: dt.date) -> sa.ColumnElement[bool]:
    return sa.exists().where(ClosedPeriod.first <= day, ClosedPeriod.last >= day)


def _placement(session: Session, pile: Pile, staff_id: int | None, when: dt.datetime) -> Placement:
    """Return the placement of a pile, made with its first sheet."""
    same = (
        Placement.agency_id == pile.agency_id,
        Placement.channel == pile.channel,
        Placement.procedure_id.is_not_distinct_from(pile.procedure_id),
        Placement.questionnaire == pile.questionnaire.code,
    )
    first = session.scalars(sa.select(Placement).where(*same).order_by(Placement.id).limit(1)).one_or_none()
    return first or placements.make(
        session,
        pile.agency_id,
        pile.channel,
        when,
        procedure_id=pile.procedure_id,
        questionnaire=pile.questionnaire.code,
        staff_id=staff_id,
    )


def _submitted(pile: Pile, placement_id: int, sheet: Sheet, when: dt.datetime) -> Submitted:
    """Return a sheet as responses take it: given at noon of its day, or now if that is today."""
    given = when if sheet.day == local_day(when) else dt.datetime.combine(sheet.day, NOON, LOCAL_ZONE)
    source = AnswerSource(pile.channel, pile.agency_id, pile.procedure_id, placement_id=placement_id)
    if sheet.respondent is not None:
        source = replace(source, respondent=sheet.respondent)
    return Submitted(source, pile.questionnaire, sheet.answers, SubmissionMeta(sheet.key, given, "vi"))
