"""Rows of every kind of data that ends, made as old as a test asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.comments import person_requests
from survey.comments.person_requests import NewRequest
from survey.delivery import queue
from survey.delivery.queue import NewDelivery
from survey.models import (
    AccountLink,
    AddressKind,
    Alert,
    AlertKind,
    ApiKey,
    CallBackNumber,
    DeadAddress,
    Delivery,
    FactorReset,
    IdempotentRequest,
    JobKind,
    LinkPurpose,
    MessageKind,
    PairedAct,
    PairedRequest,
    PersonRequestKind,
    RequestCount,
    Role,
    SignInFailure,
    StaffSession,
    State,
    Transition,
    Webhook,
)
from survey.operations import jobs
from tests.support import factories
from tests.support.apologies import add_draft
from tests.support.officials import official
from tests.support.written import answer

YOUNG = 1  # the number of what is to stay; a register knows days only
DAY = dt.timedelta(days=1)
STUCK = {"kind": AlertKind.STUCK, "guarded": True, "about": {"number": 5}}
Make = Callable[[Session, int, dt.datetime], Any]


def add_original(session: Session, number: int, at: dt.datetime) -> None:
    answer(
        session,
        f"Gọi 098761234{number} không ai nghe",
        at,
        f"{number}",
        factories.placement(session, code=f"{number}").code,
    )


def add_event(session: Session, number: int, at: dt.datetime) -> Delivery:
    """Queue an event of a webhook and end it."""
    agency = factories.agency_id(session, "H61")
    about = {"url": "https://a.example", "sealed": b"", "events": [], "agency_id": agency, "created_at": at}
    session.add(webhook := Webhook(name=f"{number}", **about))
    session.flush()
    subject, key = f"{number}", queue.new_key()
    new = NewDelivery(MessageKind.EVENT, AddressKind.WEBHOOK, key, b"{}", at, at + DAY, None, webhook.id, subject)
    queue.add(session, [new], at)
    queue.end(session, Delivery.key == key, State.FAILED, None, at)
    return session.scalars(sa.select(Delivery).where(Delivery.key == key)).one()


def add_ended_event(session: Session, number: int, at: dt.datetime) -> None:
    row = add_event(session, number, at)
    session.execute(sa.delete(Transition).where(Transition.delivery_id == row.id))


def add_job(session: Session, number: int, at: dt.datetime) -> None:
    staff = official(session, f"an{number}")
    jobs.ask(session, JobKind.REPORT, {"n": number}, staff.id, staff.agency_id, at)
    claim = jobs.claim(session, at)
    assert claim is not None
    jobs.finish(session, claim, "a.csv", at)


def add_request(session: Session, number: int, at: dt.datetime) -> None:
    staff_id = official(session, f"an{number}").id
    added = person_requests.add(session, NewRequest(PersonRequestKind.SEE, at.date(), "Hỏi"), 10, staff_id, at)
    person_requests.answer(session, added, "Đã trả lời", staff_id, at + (DAY if number == YOUNG else -DAY))


def add_reply(session: Session, number: int, at: dt.datetime) -> None:
    agency = factories.agency_id(session, "H61")
    session.add(key := ApiKey(name=f"{number}", key_hash=bytes([number]), scopes=[], agency_id=agency, created_at=at))
    session.flush()
    session.add(IdempotentRequest(api_key_id=key.id, key_hash=b"k", request_hash=b"r", at=at, sealed=b"s"))


def add_session(session: Session, number: int, at: dt.datetime) -> None:
    session.add(StaffSession(id_hash=bytes([number]), staff_id=official(session, f"an{number}").id, created_at=at))


def add_failure(session: Session, number: int, at: dt.datetime) -> None:
    session.add(SignInFailure(who=bytes([number]), number=1, since=at - DAY, until=at))


def add_link(session: Session, number: int, at: dt.datetime) -> None:
    boss = official(session, f"an{number}")
    of = {"name": "Lan", "role": Role.VIEWER, "agency_id": boss.agency_id, "invited_by_id": boss.id, "invited_at": at}
    session.add(AccountLink(purpose=LinkPurpose.ACCOUNT, token_hash=bytes([number]), expires_at=at, **of))


def add_paired(session: Session, number: int, at: dt.datetime) -> None:
    boss = official(session, f"an{number}")
    of = {"staff_id": boss.id, "role": Role.VIEWER, "agency_id": boss.agency_id, "asked_by_id": boss.id}
    session.add(PairedRequest(act=PairedAct.SUSPEND, asked_at=at, expires_at=at, **of))


ROWS: dict[str, Make] = {
    "account_links": add_link,
    "paired_requests": add_paired,
    "originals": add_original,
    "steps": add_event,
    "deliveries": add_ended_event,
    "dead_addresses": lambda session, number, at: session.add(DeadAddress(address_hash=bytes([number]), at=at)),
    "audit": lambda session, _number, at: trail.append(session, None, Act.THEMES_SAVED, at),
    "requests": add_request,
    "alerts": lambda session, number, at: session.add(
        Alert(**STUCK, agency_id=factories.agency_id(session), subject=str(number), began_at=at - DAY, ended_at=at)
    ),
    "apology_contacts": add_draft,
    "call_back_numbers": lambda session, number, at: session.add(
        CallBackNumber(case_id=factories.case(session).id, sealed=bytes([number]), kept_at=at)
    ),
    "jobs": add_job,
    "api_replies": add_reply,
    "sessions": add_session,
    "factor_resets": lambda session, number, at: session.add(
        FactorReset(staff_id=(one := official(session, f"an{number}")).id, asked_by=one.id, asked_at=at, reason="Mất")
    ),
    "sign_in_failures": add_failure,
    "request_counts": lambda session, number, at: session.add(
        RequestCount(who=bytes([number]), minute=int(at.timestamp()) // 60, number=1)
    ),
}
