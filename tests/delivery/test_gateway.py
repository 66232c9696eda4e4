"""Messages to phones through a real gateway that misbehaves: the phone rings once, and every state tells the truth."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy.orm import Session

from survey.models import Reason, State
from survey.settings import Settings
from tests.support.sending.phones import Behaviour, PhoneGateway
from tests.support.sending.queued import BY_PHONE, HOUR, PUBLIC, Rounds, invite_all, stands


@pytest.mark.parametrize(
    ("behaviour", "state", "reason"),
    [
        ("dead", State.UNKNOWN, Reason.TIMEOUT),
        ("dead after", State.UNKNOWN, Reason.TIMEOUT),
        ("drip", State.UNKNOWN, Reason.TIMEOUT),
        ("close", State.UNKNOWN, Reason.CLOSED),
        ("lose", State.UNKNOWN, Reason.CLOSED),
        ((500, {}, "oops"), State.UNKNOWN, Reason.SERVER),
        ((502, {}, "oops"), State.UNKNOWN, Reason.SERVER),
        ((409, {}, "under way"), State.UNKNOWN, Reason.SERVER),
        ((503, {"Retry-After": "1800"}, ""), State.QUEUED, Reason.BUSY),
        ((429, {"Retry-After": "soon"}, ""), State.QUEUED, Reason.BUSY),
        ((401, {}, ""), State.QUEUED, Reason.SETUP),
        ((402, {}, "the account is empty"), State.QUEUED, Reason.SETUP),
        ((302, {"Location": "http://127.0.0.1:1/"}, ""), State.QUEUED, Reason.SETUP),
        ((422, {}, "no such number"), State.REFUSED, Reason.ADDRESS),
    ],
)
def test_every_way_in_which_a_gateway_fails_is_told_truly_and_the_phone_rings_once(
    session: Session,
    phones: PhoneGateway,
    reach: Settings,
    rounds: Rounds,
    behaviour: Behaviour,
    state: State,
    reason: Reason,
) -> None:
    invite_all(session, BY_PHONE.address)
    phones.replies = [behaviour]
    assert rounds(reach) == {state: 1}
    assert stands(session) == (state, reason)
    if state == State.REFUSED:
        assert rounds(reach, HOUR) == {}
        return
    assert rounds(reach, HOUR) == {State.DELIVERED: 1}
    assert list(phones.delivered.values()) == [1], "the gateway honours the key, which is the same"
    first, second = phones.requests
    assert first[2] == second[2]
    assert first[1]["Idempotency-Key"] == second[1]["Idempotency-Key"] == first[2]["id"]


def test_a_gateway_that_doubles_is_not_our_fault_and_the_harness_sees_it(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, BY_PHONE.address)
    phones.honours, phones.replies = False, ["lose"]
    rounds(reach)
    rounds(reach, HOUR)
    assert list(phones.delivered.values()) == [2]


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ((200, {}, '{"error": 0}'), State.DELIVERED),
        ((200, {}, '{"error": -124}'), State.QUEUED),
        ((204, {}, ""), State.DELIVERED),
        ((200, {}, '{"status": "ok"}'), State.UNKNOWN),
        ((200, {}, "<html>"), State.UNKNOWN),
        ("break", State.UNKNOWN),
    ],
)
def test_a_gateway_that_says_no_in_its_reply_is_believed(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds, reply: Behaviour, state: State
) -> None:
    invite_all(session, BY_PHONE.address)
    phones.replies = [reply]
    assert rounds(dataclasses.replace(reach, gateway_reply='{"error": 0}')) == {state: 1}


def test_the_body_is_what_the_settings_say_and_nothing_breaks_out_of_it(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds
) -> None:
    (token,) = invite_all(session, BY_PHONE.address)
    body = '{"to": ["{local_phone}"], "z": {"noi_dung": "{plain_text} \\"{key}\\"", "n": 1}, "e": "{english_text}"}'
    rounds(dataclasses.replace(reach, gateway_body=body, gateway_headers='{"Authorization": "Bearer x"}'))
    ((path, headers, sent),) = phones.requests
    link = f"{PUBLIC}/r/{token}"
    plain = f"Uy ban nhan dan tinh Vinh Long kinh moi Ong/Ba danh gia dich vu cong vua su dung: {link}"
    assert (path, headers["Authorization"]) == ("/messages", "Bearer x")
    assert sent["to"] == ["0912345678"]
    assert sent["z"] == {"noi_dung": f'{plain} "{headers["Idempotency-Key"]}"', "n": 1}
    assert sent["e"] == f"Vinh Long Province kindly asks you to rate the public service you used: {link}"


@pytest.mark.parametrize("success", ["2xx", "200,201,202", "200", "2XX; 409"])
def test_any_2xx_is_taken_whatever_else_counts_as_taken(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds, success: str
) -> None:
    replies: list[Behaviour] = [(status, {}, "") for status in (200, 201, 202, 204, 207)]
    invite_all(session, *[BY_PHONE.address] * len(replies))
    phones.replies = list(replies)
    assert rounds(dataclasses.replace(patient, gateway_success=success)) == {State.DELIVERED: len(replies)}


def test_a_status_that_the_settings_name_is_taken_too(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds
) -> None:
    invite_all(session, BY_PHONE.address)
    phones.replies = [(409, {}, "taken before")]
    assert rounds(dataclasses.replace(patient, gateway_success="2xx,409")) == {State.DELIVERED: 1}


def test_a_gateway_that_takes_each_message_and_answers_500_rings_a_phone_twice_at_most(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds
) -> None:
    invite_all(session, BY_PHONE.address)
    phones.otherwise = (500, {}, "oops")
    assert [rounds(patient, i * HOUR) for i in range(4)] == [{State.UNKNOWN: 1}, {State.UNKNOWN: 1}, {}, {}]
    assert rounds(patient, 100 * HOUR) == {}, "no reminder either: nobody knows whether the person was asked"
    assert len(phones.requests) == 2


def test_a_gateway_that_asks_to_wait_is_left_alone_with_every_message(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds
) -> None:
    invite_all(session, *[BY_PHONE.address] * 3)
    phones.replies = [(429, {"Retry-After": "7200"}, "")]
    assert rounds(patient) == {State.QUEUED: 1}
    assert rounds(patient, HOUR) == {}
    assert rounds(patient, 3 * HOUR) == {State.DELIVERED: 3}
