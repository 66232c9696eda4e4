"""Finished cases in; for each an invitation's link and QR code out, this once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from contextlib import nullcontext
from typing import Annotated, Any, Literal

from flask import Response, request
from pydantic import BeforeValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from survey.accounts import idempotency
from survey.accounts.api_keys import KeyScope
from survey.accounts.idempotency import Repeat
from survey.apologies import drafting
from survey.cases import intake
from survey.cases.intake import CaseResult, IncomingCase, Terms
from survey.collection import invitations
from survey.db import slices
from survey.db.slices import sharing_time
from survey.errors import InvalidRequest
from survey.i18n import gettext, msgid
from survey.models import CaseOutcome, Filing, Respondent
from survey.organisation.code_formats import CASE_CODE, OLD_CASE_CODE, PROCEDURE_CODE, STRANGE_AGENCY_CODE
from survey.periods import now
from survey.web.api import qr
from survey.web.api.operations import Asked, Query, Strict, json_reply, operation
from survey.web.request import session, settings
from survey.web.survey import this_survey
from survey.web.upload_limits import MOST_API_BYTES

MOST_CASES = 10_000
MOST_PICTURES = 200  # drawing one takes some milliseconds
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIELDS = {
    "procedure": "procedure",
    "receiving": "receiving_agency",
    "resolving": "resolving_agency",
    "finished": "finished_day",
    "received": "received_day",
    "due": "due_day",
    "withdrawn": "withdrawn_on",
}


def _pattern(*shapes: str) -> str:
    """Return shapes as JSON Schema reads them: whole, digits in ASCII, without names."""
    joined = "|".join(shape.replace(r"\d", "[0-9]").replace("?P<base>", "?:") for shape in shapes)
    return f"^(?:{joined})$"


AgencyCode = Annotated[str, Field(pattern=_pattern(STRANGE_AGENCY_CODE.pattern), examples=["H61.50"])]


def _day(sent: object) -> object:
    """Read a day; of itself pydantic would also take "0" for one in 1970, and a midnight for its day."""
    if not isinstance(sent, str):
        return sent
    try:
        if DAY.fullmatch(sent):
            return dt.date.fromisoformat(sent)
    except ValueError:
        pass
    raise PydanticCustomError("date_parsing", "not a day")


Day = Annotated[dt.date, BeforeValidator(_day), Field(examples=["2026-10-08"])]


class EmailAddress(Strict):
    """An e-mail address."""

    email: Annotated[str, Field(max_length=254)]


class PhoneNumber(Strict):
    """A phone number of Viet Nam."""

    phone: Annotated[str, Field(max_length=30)]


class SentCase(Strict):
    """One finished case."""

    case_code: Annotated[
        str, Field(pattern=_pattern(CASE_CODE.pattern, OLD_CASE_CODE.pattern), examples=["H61.50-261008-0975"])
    ]
    procedure: Annotated[str, Field(pattern=_pattern(PROCEDURE_CODE.pattern), examples=["1.001193"])]
    receiving_agency: AgencyCode | None = Field(None, description="Without it, the resolving agency received it.")
    resolving_agency: AgencyCode
    finished_day: Day
    received_day: Day | None = None
    due_day: Day | None = None
    withdrawn_on: Day | None = Field(
        None,
        examples=[None],
        description="The day on which the case was withdrawn (taken back by the citizen, or recorded by mistake). "
        "Nobody is asked about it any more; an answer given before counts on. null says that it is not withdrawn (any "
        "more); without the member, what was told before holds.",
    )
    respondent: Literal["citizen", "business"]
    filing: Literal["in_person", "online", "post"] | None = None
    outcome: Literal["granted", "refused", "given_up"] | None = Field(
        None, description="How the case ended; given_up is by the applicant. Answers are shown apart by it."
    )
    contact: EmailAddress | PhoneNumber | None = Field(
        None,
        description="Where to send the invitation; kept sealed, until it is delivered or 7 days at most. Where letters "
        "of apology are switched on, also where to send that about a late case: sealed, until somebody decides on it "
        "or 14 days, and then until it is delivered or 7 days at most.",
    )
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] | None = Field(
        None, description="Language in which the link opens, and of a letter of apology; Vietnamese without it."
    )


class CasesBody(Strict):
    """Finished cases, one or many."""

    cases: Annotated[list[SentCase], Field(min_length=1, max_length=MOST_CASES)]


class CasesQuery(Query):
    """How the QR codes come."""

    qr: Literal["link", "svg", "png"] = Field(
        "link", description=f"An address to fetch each from, or (at most {MOST_PICTURES} cases) the picture itself."
    )


class CaseFault(Strict):
    """Why a case was refused, or is not invited yet."""

    field: str
    message: str


class InvitationReply(Strict):
    """An invitation's link; it is told only in this reply."""

    link: str
    qr: str = Field(description="An address that draws the code (with the key), or the picture as a data: address.")
    expires_at: dt.datetime
    message: bool = Field(description="Whether a message with the link was queued.")


class CaseReply(Strict):
    """What became of one case."""

    index: int
    case_code: str
    status: Literal["recorded", "updated", "unchanged", "refused"]
    invitation: InvitationReply | None
    faults: list[CaseFault]
    warnings: list[CaseFault] = Field(
        description="An address that cannot be used: the case is recorded and stays due until it comes with another."
    )


class CasesReply(Strict):
    """What became of all cases, in the order in which they were sent."""

    recorded: int
    updated: int
    unchanged: int
    refused: int
    invited: int
    results: list[CaseReply]


_REPLIES = TypeAdapter(list[CaseReply])


@operation(
    "/cases",
    "POST",
    CasesReply,
    query=CasesQuery,
    body=CasesBody,
    scope=KeyScope.CASES_WRITE,
    repeatable=True,
    largest=MOST_API_BYTES,
)
def send_cases(asked: Asked) -> Response:
    """Send finished cases; everyone is invited at once.

    Each case is recorded whole or refused with every reason, whatever becomes of the others. Many are recorded in
    slices, so that people can go on answering: a request that broke off and is sent again as it was goes on where it
    stopped, and its reply tells all of it. A case that is known is left or corrected and gets no second invitation; a
    corrected contact replaces the one before while its message waits. A withdrawn case is not invited, and what waits
    to be sent about it is dropped; each withdrawal, and each case given back, goes on record. With an Idempotency-Key
    the same request gets the same reply for 24 hours, links included; another request under that key gets 409. Without
    one, a reply that is lost on the way cannot be had again.
    """
    cases: list[SentCase] = asked.body.cases
    if asked.query.qr != "link" and len(cases) > MOST_PICTURES:
        message = msgid("Pictures come with at most %(most)s cases. Ask for the addresses instead: qr=link.")
        raise InvalidRequest(message, most=MOST_PICTURES)
    when, secret, repeat = now(), settings().secret_key, _repeat(asked)
    terms = Terms(
        secret,
        asked.holder.agency_id,
        asked.holder.id,
        when,
        settings().answer_days,
        settings().reminder_days,
        drafting.ways(settings()),
    )
    entries, replies = [_entry(case) for case in cases], list[CaseReply]()
    while True:
        with sharing_time() if len(cases) - len(replies) > slices.ROWS else nullcontext():
            if repeat is not None and (kept := idempotency.begin(session(), secret, repeat, when)) is not None:
                if kept.whole:
                    return json_reply(kept.reply, Idempotent_Replayed="true")
                replies = _REPLIES.validate_json(kept.reply)
            results = intake.take(session(), entries, terms, [one.status for one in replies])
            replies += _case_replies(asked, len(replies), results, when)
            if whole := len(replies) == len(cases):
                reply = _summed(replies).model_dump_json().encode()
            else:
                reply = _REPLIES.dump_json(replies)
            if repeat is not None and (asked.idempotency_key or not whole):
                idempotency.keep(session(), secret, repeat, reply, whole)
            elif repeat is not None:
                idempotency.drop(session(), secret, repeat)
            session().commit()
        if whole:
            return json_reply(reply)
        session().expire_all()  # the next slice is judged by what is stored then


def _repeat(asked: Asked) -> Repeat | None:
    """Return by what the request is known when it is sent again: its key or, of one in several slices, its content."""
    cases: list[SentCase] = asked.body.cases
    if not asked.idempotency_key and len(cases) <= slices.ROWS:
        return None
    # What the request means, not how it is written: the order of its members and its blanks say nothing.
    parts = [request.path, asked.query.model_dump_json(), asked.body.model_dump_json()]
    if restored := [index for index, case in enumerate(cases) if _given_back(case)]:
        parts.append(f"given back: {restored}")  # the one member whose null says something
    content = "\n".join(parts).encode()
    key = asked.idempotency_key or f"content {hashlib.sha256(content).hexdigest()}"
    return Repeat(asked.holder.id, key, content)


def _given_back(case: SentCase) -> bool:
    return "withdrawn_on" in case.model_fields_set and case.withdrawn_on is None


def _entry(case: SentCase) -> IncomingCase:
    where = case.contact
    return IncomingCase(
        case.case_code,
        procedure=case.procedure[:8],
        receiving=case.receiving_agency or case.resolving_agency,
        resolving=case.resolving_agency,
        respondent=Respondent[case.respondent.upper()],
        finished=case.finished_day,
        received=case.received_day,
        due=case.due_day,
        filing=Filing[case.filing.upper()] if case.filing else None,
        outcome=CaseOutcome[case.outcome.upper()] if case.outcome else None,
        withdrawn=case.withdrawn_on,
        withdrawal_told="withdrawn_on" in case.model_fields_set,
        contact=None if where is None else where.email if isinstance(where, EmailAddress) else where.phone,
        language=_spoken(case),
    )


def _case_replies(asked: Asked, start: int, results: list[CaseResult], when: dt.datetime) -> list[CaseReply]:
    """Return what became of the cases from index `start` on."""
    replies = []
    for index, result in enumerate(results, start):
        case: SentCase = asked.body.cases[index]
        invitation = _invitation(case, result, asked.query.qr, when) if result.token else None
        faults, warnings = (
            [
                CaseFault(field=FIELDS.get(name, name), message=gettext(message, **values))
                for name, message, values in of
            ]
            for of in (result.faults, result.warnings)
        )
        replies.append(
            CaseReply(
                index=index,
                case_code=case.case_code,
                status=result.status,
                invitation=invitation,
                faults=faults,
                warnings=warnings,
            )
        )
    return replies


def _summed(replies: list[CaseReply]) -> CasesReply:
    statuses = ("recorded", "updated", "unchanged", "refused")
    number: Any = {name: sum(one.status == name for one in replies) for name in statuses}
    return CasesReply(**number, invited=sum(one.invitation is not None for one in replies), results=replies)


def _spoken(case: SentCase) -> str | None:
    return case.language if case.language in this_survey().languages else None


def _invitation(case: SentCase, result: CaseResult, picture: str, when: dt.datetime) -> InvitationReply:
    token = str(result.token)
    link = invitations.address(settings().public_url, token, _spoken(case))
    drawn = f"{settings().public_url}/api/v1/qr/{token}" if picture == "link" else qr.data(link, picture)
    expires = when + dt.timedelta(days=settings().answer_days)
    return InvitationReply(link=link, qr=drawn, expires_at=expires, message=result.message)
