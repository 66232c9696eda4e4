"""Record one response exactly once.

The receipt is derived from the page's idempotency key, and the database holds each receipt once: a double tap,
a retry or a lost reply finds the row that is there and gets the same receipt. A different answer from the same
page, or a later one by the same invitation, supersedes the earlier row, which stays.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.db.compiled_statements import Direct, Prepared, Store
from survey.db.upsert import insert_or_ignore
from survey.models import SLOTS, Channel, Comment, Invitation, Response
from survey.periods import local_day
from survey.questionnaires import Questionnaire
from survey.security.tokens import keyed

TABLE = cast("sa.Table", Response.__table__)
WRITTEN = cast("sa.Table", Comment.__table__)
UNUSED = {*SLOTS, "comments"}  # what a questionnaire has no place for, and what is kept apart
KEPT = ("overall", *SLOTS, "other")
_INSERT = Prepared(insert_or_ignore(TABLE).returning(TABLE.c.id))
_COMMENT = Prepared(sa.insert(WRITTEN).returning(WRITTEN.c.response_id))
_BY_RECEIPT = sa.select(TABLE).where(TABLE.c.receipt == sa.bindparam("receipt"))
_LAST = sa.select(TABLE).where(TABLE.c.invitation_id == sa.bindparam("invitation_id"), TABLE.c.counted)
_LOCK = sa.select(Invitation.id).where(Invitation.id == sa.bindparam("id")).with_for_update()
_SUCCESSOR = sa.select(TABLE).where(TABLE.c.supersedes_id == sa.bindparam("id"))


@dataclass(frozen=True)
class SubmissionMeta:
    """How an answer was sent: by which page (`key`), when, in which language, and after how many seconds."""

    key: str
    when: dt.datetime
    language: str
    seconds: int | None = None
    amends: bytes | None = None  # the receipt of the response that this one adds to


@dataclass(frozen=True)
class Recorded:
    """What a receipt proves: the response is kept since that day, and counted or taken over by a later one."""

    day: dt.date
    counted: bool


_RECORDED = sa.select(TABLE.c.day, TABLE.c.counted).where(TABLE.c.receipt == sa.bindparam("receipt"))


def recorded(session: Store, receipt: bytes) -> Recorded | None:
    """Return what the receipt proves, or nothing if there is no such response."""
    found = session.execute(_RECORDED, {"receipt": receipt}).first()
    return None if found is None else Recorded(found.day, found.counted)


def record(
    session: Store, secret: str, source: AnswerSource, sheet: Questionnaire, answers: Answers, sending: SubmissionMeta
) -> bytes:
    """Record one response and return its receipt; the same page and answers give the same receipt again.

    One counted response per invitation, and per page: whatever it replaces stays, uncounted. An answer that was given
    before another one by the same link, and arrives after it, stays uncounted itself.
    """
    first = record_first(session, secret, source, sheet, answers, sending)
    return first or _replace(session, secret, source, sheet, answers, sending)


def record_first(
    session: Direct, secret: str, source: AnswerSource, sheet: Questionnaire, answers: Answers, sending: SubmissionMeta
) -> bytes | None:
    """Record the first answer of a link, from a page sent once: by far the most. Nothing if there is one already."""
    receipt = receipt_of(secret, source, sending.key)
    if sending.amends is None and _insert(session, receipt, sheet, columns(source, sheet, answers, sending), None):
        return receipt
    return None


def _replace(
    session: Store, secret: str, source: AnswerSource, sheet: Questionnaire, answers: Answers, sending: SubmissionMeta
) -> bytes:
    """Record an answer where there is one already: the same again, a changed one, or more of it."""
    receipt = receipt_of(secret, source, sending.key)
    earlier = _earlier(session, source, sending)
    values = columns(source, sheet, _merged(session, sheet, answers, earlier) if sending.amends else answers, sending)
    if (known := _row(session, receipt)) is not None:
        if _same(session, known, values):
            return receipt
        earlier = earlier or _newest(session, known)
        receipt = receipt_of(secret, source, sending.key, _canonical(values))
        if _row(session, receipt) is not None:
            return receipt
    late = earlier is not None and sending.amends is None and sending.when < earlier.submitted_at
    if late:
        # It waited without a network, and its sender has answered again since: the last answer counts.
        earlier = None
    if earlier is not None:
        # First, so that the new row never stands beside a counted one: the unique index would refuse it.
        session.execute(sa.update(TABLE).where(TABLE.c.id == earlier.id).values(counted=False))
    if _insert(session, receipt, sheet, values, earlier, counted=not late):
        return receipt
    # Another page was first while this one waited: now its row can be seen.
    return _replace(session, secret, source, sheet, answers, sending)


def _insert(
    session: Direct, receipt: bytes, sheet: Questionnaire, values: dict[str, Any], earlier: Any, counted: bool = True
) -> bool:
    comments = values["comments"]
    # One statement for each questionnaire, whatever was answered: a database prepares it once.
    unused = UNUSED - sheet.slots
    row = {name: value for name, value in values.items() if name not in unused}
    row |= {"receipt": receipt, "supersedes_id": None if earlier is None else earlier.id, "counted": counted}
    made = _INSERT.first(session, row)
    for question, written in comments.items() if made is not None else ():
        _COMMENT.first(session, {"response_id": made.id, "question": question, "text": written})
    return made is not None


def _earlier(session: Store, source: AnswerSource, sending: SubmissionMeta) -> Any:
    """Return the counted response that this one will replace, if any."""
    if source.channel == Channel.INVITATION:
        # Two statements: one that waits for its lock would still look at the rows of before the wait.
        session.execute(_LOCK, {"id": source.invitation_id})
        return session.execute(_LAST, {"invitation_id": source.invitation_id}).first()
    if sending.amends is None:
        return None
    found = session.execute(_BY_RECEIPT.with_for_update(), {"receipt": sending.amends}).first()
    return _newest(session, found) if found is not None and found.placement_id == source.placement_id else None


def _newest(session: Store, row: Any) -> Any:
    while (later := session.execute(_SUCCESSOR, {"id": row.id}).first()) is not None:
        row = later
    return row


def _row(session: Store, receipt: bytes) -> Any:
    return session.execute(_BY_RECEIPT.with_for_update(), {"receipt": receipt}).first()


def receipt_of(secret: str, source: AnswerSource, *page: str) -> bytes:
    """Return the receipt of what one page of one link or placement sent."""
    return keyed(secret, "receipt", f"{source.channel}:{source.invitation_id or source.placement_id}", *page)[:10]


def columns(source: AnswerSource, sheet: Questionnaire, answers: Answers, sending: SubmissionMeta) -> dict[str, Any]:
    """Return what is stored of one response, its comments under their own name."""
    values: dict[str, Any] = dict.fromkeys(SLOTS)
    values.update(answers.ratings)
    return {
        **values,
        "submitted_at": sending.when,
        "day": local_day(sending.when),
        "invitation_id": source.invitation_id,
        "placement_id": source.placement_id,
        "agency_id": source.agency_id,
        "procedure_id": source.procedure_id,
        "respondent": source.respondent,
        "channel": source.channel,
        "questionnaire_id": sheet.id,
        "language": sending.language,
        "seconds": None if sending.seconds is None else max(0, min(sending.seconds, 32767)),
        "other": answers.other or None,
        "comments": answers.comments,
    }


def _merged(session: Store, sheet: Questionnaire, answers: Answers, earlier: Any) -> Answers:
    """Lay new answers over those of the response they add to; of another form's ratings only the overall one."""
    if earlier is None:
        return answers
    kept = ("overall", *SLOTS) if earlier.questionnaire_id == sheet.id else ("overall",)
    before = {slot: getattr(earlier, slot) for slot in kept if getattr(earlier, slot) is not None}
    return Answers(
        {**before, **answers.ratings},
        {**(earlier.other or {}), **answers.other},
        {**_comments(session, earlier.id), **answers.comments},
    )


def _same(session: Store, row: Any, values: dict[str, Any]) -> bool:
    kept = all(getattr(row, name) == values.get(name) for name in KEPT)
    return kept and _comments(session, row.id) == values["comments"]


def _comments(session: Store, response_id: int) -> dict[str, str]:
    written = sa.select(Comment.question, Comment.text).where(Comment.response_id == response_id)
    return {row.question: row.text for row in session.execute(written)}


def _canonical(values: dict[str, Any]) -> str:
    return json.dumps({name: values.get(name) for name in (*KEPT, "comments")}, sort_keys=True, ensure_ascii=False)
