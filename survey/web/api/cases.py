"""Finished cases in; for each an invitation's link and QR code out, this once."""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import nullcontext
from typing import Any, Literal

from flask import Response, request
from pydantic import Field, TypeAdapter

from survey.accounts import idempotency
from survey.accounts.api_keys import KeyScope
from survey.accounts.idempotency import Repeat
from survey.apologies import drafting
from survey.cases import intake
from survey.cases.intake import CaseResult, Terms
from survey.collection import invitations
from survey.db import slices
from survey.db.slices import sharing_time
from survey.errors import InvalidRequest
from survey.i18n import gettext, msgid
from survey.periods import now
from survey.web.api import qr
from survey.web.api.operations import Asked, Query, Strict, json_reply, operation
from survey.web.api.sent_cases import CasesBody, SentCase, given_back, incoming, spoken
from survey.web.request import session, settings
from survey.web.upload_limits import MOST_API_BYTES

MOST_PICTURES = 200  # drawing one takes some milliseconds
FIELDS = {
    "procedure": "procedure",
    "receiving": "receiving_agency",
    "resolving": "resolving_agency",
    "finished": "finished_day",
    "received": "received_day",
    "due": "due_day",
    "withdrawn": "withdrawn_on",
}


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
        drafting.apology_ways(settings()),
    )
    entries, replies = [incoming(case) for case in cases], list[CaseReply]()
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
    if restored := [index for index, case in enumerate(cases) if given_back(case)]:
        parts.append(f"given back: {restored}")  # the one member whose null says something
    content = "\n".join(parts).encode()
    key = asked.idempotency_key or f"content {hashlib.sha256(content).hexdigest()}"
    return Repeat(asked.holder.id, key, content)


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


def _invitation(case: SentCase, result: CaseResult, picture: str, when: dt.datetime) -> InvitationReply:
    token = str(result.token)
    link = invitations.address(settings().public_url, token, spoken(case))
    drawn = f"{settings().public_url}/api/v1/qr/{token}" if picture == "link" else qr.data(link, picture)
    expires = when + dt.timedelta(days=settings().answer_days)
    return InvitationReply(link=link, qr=drawn, expires_at=expires, message=result.message)
