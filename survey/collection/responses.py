"""Record one response exactly once.

The receipt is derived from the page's idempotency key, and the database holds each receipt once: a double tap,
a retry or a lost reply finds the row that is there and gets the same receipt. A different answer from the same
page, or a later one by the same invitation, supersedes the earlier row, which stays, and counts on the day of the
first one. What a person wrote is kept once, with the response in which it was sent.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from survey.collection import comments, exclusions
from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.db.upsert import insert_or_ignore
from survey.errors import AnsweredTooOften
from survey.i18n import msgid
from survey.models import SLOTS, Channel, Invitation, Response
from survey.periods import local_day
from survey.questionnaires import Questionnaire
from survey.security.tokens import RECEIPT, formerly_keyed, keyed, receipt_code

TABLE = cast("sa.Table", Response.__table__)
MOST_CHANGES = 20  # of one invitation's answer: each is kept, so there must be an end
TOO_OFTEN = msgid(
    "The answer by this link has been changed %(times)d times, and cannot be changed again. The last answer counts. "
    "Its receipt code: %(receipt)s"
)
RATED = ("overall", *SLOTS)
KEPT = (*RATED, "other")
_INSERT = insert_or_ignore(TABLE).returning(TABLE.c.id)
_INSERT_MANY = sa.insert(TABLE).returning(TABLE.c.id, sort_by_parameter_order=True)
_BY_RECEIPT = sa.select(TABLE).where(TABLE.c.receipt == sa.bindparam("receipt"))
_LAST = sa.select(TABLE).where(TABLE.c.invitation_id == sa.bindparam("invitation_id"), TABLE.c.counted)
_LOCK = sa.select(Invitation.changes).where(Invitation.id == sa.bindparam("id")).with_for_update()
_OF_LINK = sa.update(Invitation).where(Invitation.id == sa.bindparam("invitation"))
_CHANGE = _OF_LINK.values(changes=Invitation.changes + 1)
_SUCCESSOR = sa.select(TABLE).where(TABLE.c.supersedes_id == sa.bindparam("id"))


@dataclass(frozen=True)
class SubmissionMeta:
    """How an answer was sent: by which page (`key`), when, in which language, and after how many seconds."""

    key: str
    when: dt.datetime
    language: str
    seconds: int | None = None
    amends: bytes | None = None  # the receipt of the response that this one adds to
    waited: dt.timedelta = dt.timedelta()  # on its device for a network: `when` is so long before it came
    trapped: bool = False  # a field was filled in that no person sees
    privacy_notice: bytes | None = None  # the hash of what the page said about data


@dataclass(frozen=True)
class Submitted:
    """One answer as it was sent: from where, to which questionnaire, and how."""

    source: AnswerSource
    questionnaire: Questionnaire
    answers: Answers
    meta: SubmissionMeta


def record(
    connection: sa.Connection,
    secret: str,
    source: AnswerSource,
    questionnaire: Questionnaire,
    answers: Answers,
    meta: SubmissionMeta,
) -> bytes:
    """Record one response and return its receipt; the same page and answers give the same receipt again.

    One counted response per invitation, and per page: whatever it replaces stays, uncounted. What comes last counts,
    whatever the clocks say; but an answer that waited on its device until another one by the same link had come since
    stays uncounted itself.

    Raises:
        AnsweredTooOften: the answer of this link was changed as often as it may be.
    """
    sent = Submitted(source, questionnaire, answers, meta)
    return record_first(connection, secret, sent) or _replace(connection, secret, sent)


def record_first(connection: sa.Connection, secret: str, sent: Submitted) -> bytes | None:
    """Record the first answer of a link, from a page that was sent once, and return its receipt: by far the most.

    It is one statement, but for comments. Nothing is recorded, and None returned, where there is one already.
    """
    receipt = _receipt(connection, secret, sent.source, sent.meta.key)
    first = sent.meta.amends is None and _insert(connection, secret, sent, _values(sent), receipt)
    return receipt if first else None


def record_many(connection: sa.Connection, secret: str, sent: Sequence[Submitted]) -> list[bytes]:
    """Record many responses at once and return their receipts; each is its link's or page's first and only one.

    Raises:
        IntegrityError: one of them is not; nothing is to be committed then.
    """
    receipts = [_receipt(connection, secret, one.source, one.meta.key) for one in sent]
    rows = [
        dict.fromkeys(SLOTS) | _values(one) | _place(receipt, counted=not one.source.test)
        for one, receipt in zip(sent, receipts, strict=True)
    ]
    if rows:
        ids = connection.scalars(_INSERT_MANY, rows).all()
        placed = zip(ids, receipts, sent, strict=True)
        written = [row for number, receipt, one in placed for row in _comments(secret, number, receipt, one)]
        comments.write(connection, written)
    return receipts


def _replace(connection: sa.Connection, secret: str, sent: Submitted) -> bytes:
    """Record an answer where there is one already: the same again, a changed one, or more of it."""
    source, meta = sent.source, sent.meta
    receipt = _receipt(connection, secret, source, meta.key)
    earlier = _earlier(connection, source, meta)
    amends = meta.amends is not None and earlier is not None
    values = _values(sent) | (_taken_over(sent, earlier) if amends else {})
    if (row := _row(connection, receipt)) is not None:
        if _same(connection, secret, row, values, sent.answers):
            return receipt
        earlier = earlier or _newest(connection, row)
        receipt = _receipt(connection, secret, source, meta.key, _canonical(values, sent.answers))
        if _row(connection, receipt) is not None:
            return receipt
    if source.channel == Channel.INVITATION and earlier is not None:
        _count_change(connection, source, earlier)
    late = meta.amends is None and earlier is not None and _overtaken(meta, earlier) and not _of_one_page(row, earlier)
    counted = not late
    if late:
        earlier = None  # it waited without a network, and its sender has answered again since: the last answer counts
    if earlier is not None:
        # First, so that the new row never stands beside a counted one: the unique index would refuse it.
        # What takes the place of an answer that is left out is left out, too.
        counting = sa.update(TABLE).where(TABLE.c.id == earlier.id, TABLE.c.counted).values(counted=False)
        counted = connection.execute(counting).rowcount == 1
        values = values | {"day": earlier.day}  # whichever periods are closed, no case counts in two of them
    if _insert(connection, secret, sent, values, receipt, earlier, amends=amends, counted=counted):
        return receipt
    # Another page was first while this one waited: now its row can be seen.
    return _replace(connection, secret, sent)


def _insert(
    connection: sa.Connection,
    secret: str,
    sent: Submitted,
    values: dict[str, Any],
    receipt: bytes,
    earlier: Any = None,
    amends: bool = False,
    counted: bool = True,
) -> bool:
    row = connection.execute(
        _INSERT, values | _place(receipt, earlier, amends, counted and not sent.source.test)
    ).first()
    if row is not None:
        comments.write(connection, _comments(secret, row.id, receipt, sent))
        if earlier is not None:
            exclusions.carry_over(connection, earlier.id, row.id, local_day(sent.meta.when))
    return row is not None


def _place(receipt: bytes, earlier: Any = None, amends: bool = False, counted: bool = True) -> dict[str, Any]:
    superseded = None if earlier is None else earlier.id
    return {"receipt": receipt, "supersedes_id": superseded, "amends": amends, "counted": counted}


def _comments(secret: str, response_id: int, receipt: bytes, sent: Submitted) -> list[dict[str, Any]]:
    written = sent.answers.comments.items()
    return [comments.row(secret, response_id, receipt, question, text) for question, text in written]


def _earlier(connection: sa.Connection, source: AnswerSource, meta: SubmissionMeta) -> Any:
    """Return the counted response that this one will replace, if any."""
    if source.channel == Channel.INVITATION:
        # Two statements: one that waits for its lock would still look at the rows of before the wait.
        connection.execute(_LOCK, {"id": source.invitation_id})
        return connection.execute(_LAST, {"invitation_id": source.invitation_id}).first()
    if meta.amends is None:
        return None
    row = _row(connection, meta.amends)
    return _newest(connection, row) if row is not None and row.placement_id == source.placement_id else None


def _count_change(connection: sa.Connection, source: AnswerSource, counted: Any) -> None:
    if connection.execute(_LOCK, {"id": source.invitation_id}).scalar_one() >= MOST_CHANGES:
        raise AnsweredTooOften(TOO_OFTEN, times=MOST_CHANGES, receipt=receipt_code(counted.receipt))
    connection.execute(_CHANGE, {"invitation": source.invitation_id})


def _overtaken(meta: SubmissionMeta, earlier: Any) -> bool:
    """Return whether an answer waited on its device while another one came: a clock that went back is no waiting."""
    return bool(meta.when < earlier.submitted_at <= meta.when + meta.waited)


def _of_one_page(first: Any, earlier: Any) -> bool:
    """Return whether what is to be replaced came from the same page, which sends its answers in their order."""
    return first is not None and (first.placement_id is not None or first.id == earlier.id)


def _newest(connection: sa.Connection, row: Any) -> Any:
    while (later := connection.execute(_SUCCESSOR, {"id": row.id}).first()) is not None:
        row = later
    return row


def _row(connection: sa.Connection, receipt: bytes) -> Any:
    return connection.execute(_BY_RECEIPT.with_for_update(), {"receipt": receipt}).first()


def _receipt(connection: sa.Connection, secret: str, source: AnswerSource, *page: str) -> bytes:
    """Return the receipt of what one page of one link or placement sent: the one it has, if it was recorded before."""
    parts = (f"{source.channel}:{source.invitation_id or source.placement_id}", *page)
    for former in formerly_keyed(secret, "receipt", *parts):
        if connection.execute(_BY_RECEIPT, {"receipt": former[:RECEIPT]}).first() is not None:
            return former[:RECEIPT]
    return keyed(secret, "receipt", *parts)[:RECEIPT]


def recorded(connection: sa.Connection, secret: str, source: AnswerSource, key: str) -> bool:
    """Return whether anything was recorded that the page with this key sent."""
    receipt = _receipt(connection, secret, source, key)
    return connection.execute(_BY_RECEIPT, {"receipt": receipt}).first() is not None


def _values(sent: Submitted) -> dict[str, Any]:
    """Return what is stored of one response but its place among others.

    A slot stands for every rating that the questionnaire asks for, given or not: one statement for each
    questionnaire, which the database and SQLAlchemy prepare once.
    """
    source, meta = sent.source, sent.meta
    return {
        **dict.fromkeys(sent.questionnaire.slots),
        **sent.answers.ratings,
        "submitted_at": meta.when,
        "day": local_day(meta.when),
        "invitation_id": source.invitation_id,
        "placement_id": source.placement_id,
        "agency_id": source.agency_id,
        "procedure_id": source.procedure_id,
        "respondent": source.respondent,
        "outcome": source.outcome,
        "timeliness": source.timeliness,
        "channel": source.channel,
        "questionnaire_id": sent.questionnaire.id,
        "language": meta.language,
        "privacy_notice": meta.privacy_notice,
        "seconds": None if meta.seconds is None else max(0, min(meta.seconds, 32767)),
        "other": sent.answers.other or None,
        "trapped": meta.trapped,
    }


def _taken_over(sent: Submitted, earlier: Any) -> dict[str, Any]:
    """Return the new answers laid over those that they add to; of another form's ratings only the overall one."""
    slots = RATED if earlier.questionnaire_id == sent.questionnaire.id else ("overall",)
    before = {slot: getattr(earlier, slot) for slot in slots if getattr(earlier, slot) is not None}
    return {**before, **sent.answers.ratings, "other": {**(earlier.other or {}), **sent.answers.other} or None}


def _same(connection: sa.Connection, secret: str, row: Any, values: dict[str, Any], answers: Answers) -> bool:
    same = all(getattr(row, name) == values.get(name) for name in KEPT)
    return same and (row.comments_erased or comments.same(connection, secret, row.id, row.receipt, answers.comments))


def _canonical(values: dict[str, Any], answers: Answers) -> str:
    sent = {**{name: values.get(name) for name in KEPT}, "comments": answers.comments}
    return json.dumps(sent, sort_keys=True, ensure_ascii=False)
