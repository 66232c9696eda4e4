"""What is kept of a person's answer, found by its receipt: shown to the person, and its comments erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import privacy_notices, receipts, reply_contacts
from survey.comments.reading import CommentKey
from survey.db.engine import Lock, exclusively
from survey.errors import NotFound
from survey.i18n import date, gettext, language_name, msgid, text
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell_of_answers
from survey.models import Comment, ReplyContact, ReplyStage, Response
from survey.organisation import agencies, procedures
from survey.organisation.agencies import revise
from survey.periods import local_day
from survey.questionnaires import Option, Question
from survey.questionnaires.versions import published_questionnaire
from survey.redaction import redact
from survey.results.channel_names import channel_name
from survey.security.tokens import parse_receipt, receipt_code

Fact = tuple[str, str]  # what it is, and what is kept of it, in the language in use
_NONE = msgid("There is no answer with this receipt code. Please compare it with what the person has.")


@dataclass(frozen=True)
class KeptComment:
    """A comment as the province may read it; `sealed`: its original is kept, too."""

    key: CommentKey
    asked: str
    text: str
    sealed: bool


@dataclass(frozen=True)
class KeptSheet:
    """One sheet with what is kept of it, and its comments."""

    receipt: str
    joined: bool  # to its case, until the link is cut
    facts: tuple[Fact, ...]
    comments: tuple[KeptComment, ...]
    erased: bool  # its comments were erased for the person


def kept(session: Session, code: str, at: dt.datetime) -> list[KeptSheet]:
    """Return every sheet of the person whose receipt this is, the last one first: an answer may have been changed.

    Raises:
        NotFound: there is no such receipt.
    """
    return [_sheet(session, row, at) for row in _chain(session, code)]


def kept_on_record(session: Session, code: str, act: Act, staff_id: int, at: dt.datetime) -> list[KeptSheet]:
    """Return what `kept` returns, once it is on record who looked or exported; commit before anybody sees it.

    Raises:
        NotFound: there is no such receipt.
    """
    sheets = kept(session, code, at)
    trail.append(session, staff_id, act, at, **_named(sheets[0].receipt, any(sheet.joined for sheet in sheets)))
    return sheets


def as_text(sheets: list[KeptSheet]) -> str:
    """Return all that is kept as lines to be handed to the person, in the language in use."""
    return "\n".join(line for sheet in sheets for line in [*_lines(sheet), ""])


def erase_comments(session: Session, code: str, reason: str, staff_id: int, at: dt.datetime) -> int:
    """Erase what the person wrote, with the originals and what hangs on it, on record; return how many comments.

    The ratings stay and count on. What is sent once more from the same page brings no comment back. The reason is kept
    as others may read it.

    Raises:
        NotFound: there is no such receipt.
    """
    exclusively(session, Lock.LINKS)  # nobody follows up meanwhile what is erased, nor gives the answers other numbers
    rows = _chain(session, code)
    own = [row.id for row in rows]
    number = session.scalar(sa.select(sa.func.count()).select_from(Comment).where(Comment.response_id.in_(own))) or 0
    if not number:
        return 0
    reply_contacts.erase(session, ReplyContact.response_id.in_(own), ReplyStage.WITHDRAWN, at)
    written_to = sa.select(Comment.response_id).where(Comment.response_id.in_(own)).distinct()
    tell_of_answers(session, EntryKind.COMMENTS_ERASED, local_day(at), written_to)
    for table in reversed(_hanging()):
        session.execute(sa.delete(table).where(table.c.response_id.in_(own)))
    session.execute(sa.update(Response).where(Response.id.in_(own)).values(comments_erased=True))
    session.expire_all()
    revise(session)
    named = _named(receipt_code(rows[0].receipt), any(row.invitation_id is not None for row in rows))
    why = redact(reason).text
    trail.append(session, staff_id, Act.COMMENTS_ERASED, at, **named, number=number, reason=why)
    return number


def _named(receipt: str, joined: bool) -> dict[str, str]:
    """Return what goes on record of an answer: its receipt, unless it is still joined to its case.

    Once the link is cut, the entry and its time would tell by when the answer had been given.
    """
    return {} if joined else {"receipt": receipt}


def _hanging() -> list[sa.Table]:
    """Return the table of comments and those whose rows hang on a comment, each after those it hangs on."""
    tables = [Comment.metadata.tables["comment"]]
    for table in Comment.metadata.sorted_tables:
        if any(key.column.table in tables for key in table.foreign_keys) and table not in tables:
            tables.append(table)
    return tables


def _chain(session: Session, code: str) -> list[Response]:
    """Return the response with a receipt, those that it took over from and that took over from it, the last first."""
    receipt = parse_receipt(code)
    row = session.scalars(sa.select(Response).where(Response.receipt == receipt)).first() if receipt else None
    if row is None:
        raise NotFound(_NONE)
    while (later := session.scalars(sa.select(Response).where(Response.supersedes_id == row.id)).first()) is not None:
        row = later
    rows = [row]
    while row.supersedes_id is not None:
        rows.append(row := session.get_one(Response, row.supersedes_id))
    return rows


def _sheet(session: Session, row: Response, at: dt.datetime) -> KeptSheet:
    sheet = published_questionnaire(session, row.questionnaire_id)
    asked = {question.id: text(question.text) for question in sheet.questions}
    stored = session.scalars(sa.select(Comment).where(Comment.response_id == row.id).order_by(Comment.question))
    comments = tuple(
        KeptComment(
            (row.receipt, one.question),
            asked.get(one.question, one.question),
            one.with_officers or one.text,
            bool(one.original),
        )
        for one in stored
    )
    facts = (*_facts(session, row, at), *_answers(row, sheet.questions))
    return KeptSheet(receipt_code(row.receipt), row.invitation_id is not None, facts, comments, row.comments_erased)


def _facts(session: Session, row: Response, at: dt.datetime) -> Iterator[Fact]:
    """Yield what is kept besides the answers themselves."""
    record = receipts.recorded(session.connection(), row.receipt)
    days = sorted({record.day, record.last}) if record else []
    yield gettext("Receipt code"), receipt_code(row.receipt)
    yield gettext("Day of the answer"), " – ".join(date(day) for day in days)
    yield gettext("Counted"), gettext("yes") if row.counted else gettext("no, a later answer took its place")
    yield gettext("Way"), channel_name(row.channel)
    today = local_day(at)
    yield gettext("Unit"), text(agencies.agency_names(session, today)[row.agency_id])
    if row.procedure_id is not None:
        yield gettext("Procedure"), text(procedures.names(session, today)[row.procedure_id])
    sheet = published_questionnaire(session, row.questionnaire_id)
    yield gettext("Questionnaire"), f"{text(sheet.title)} ({sheet.version})"
    yield gettext("Language"), language_name(row.language)
    yield gettext("What the page said about the data"), _notice(session, row)
    link = gettext("yes, until its period is closed") if row.invitation_id is not None else gettext("no")
    yield gettext("Joined to a case"), link
    if session.get(ReplyContact, row.id) is not None:
        yield gettext("Address for an answer"), gettext("kept sealed until it has served once; no official can see it")


def _notice(session: Session, row: Response) -> str:
    notice = privacy_notices.versions(session).get(row.privacy_notice or b"")
    if notice is None:
        return gettext("not recorded, or not kept any more")
    version = gettext("%(page)s, version %(version)d", page=notice.page_name, version=notice.version)
    return f"{version}: {' '.join(text(notice.texts, row.language).splitlines())}"


def _answers(row: Response, questions: tuple[Question, ...]) -> Iterator[Fact]:
    """Yield each answer in the words of the questionnaire."""
    other = row.other or {}
    for question in questions:
        if question.slot is not None:
            rating = getattr(row, question.slot)
            if rating is not None:
                yield text(question.text), _words(question.options, rating)
        elif question.rows:
            for line in question.rows:
                if isinstance(given := other.get(question.id), dict) and line.value in given:
                    yield f"{text(question.text)}: {text(line.text)}", _words(question.options, given[line.value])
        elif question.id in other:
            given = other[question.id]
            values = given if isinstance(given, list) else [given]
            yield text(question.text), ", ".join(_words(question.options, value) for value in values)


def _words(options: tuple[Option, ...], value: object) -> str:
    return next((text(option.text) for option in options if option.value == str(value)), str(value))


def _lines(sheet: KeptSheet) -> Iterator[str]:
    for label, value in sheet.facts:
        yield f"{label}: {value}"
    for comment in sheet.comments:
        yield f"{comment.asked}: {comment.text}"
        if comment.sealed:
            yield gettext("What was taken out of this comment is kept sealed for a time.")
    if sheet.erased:
        yield gettext("Its comments were erased at the person's request.")
