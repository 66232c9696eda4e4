"""A request that comes again: the same reply for the same meaning, and a corrected contact for what still waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.delivery import contact
from survey.models import AddressKind, Case, Delivery
from tests.support.factories import SECRET
from tests.support.portal import Portal, case, check_problem, one

Look = Callable[..., list[Any]]
KEY = "0123456789abcdefABCDEF"


def test_a_lost_reply_can_be_had_again_and_the_key_serves_one_request(portal: Portal, look: Look) -> None:
    sent = case()
    first = portal.send(sent, Idempotency_Key=KEY)
    repeat = portal.send(sent, Idempotency_Key=KEY)
    assert repeat.data == first.data and repeat.headers["Idempotent-Replayed"] == "true"
    assert one(first)["invitation"]["link"]
    check_problem(portal.send(case(), Idempotency_Key=KEY), 409, "conflict")
    check_problem(portal.send(sent, ask="?qr=svg", Idempotency_Key=KEY), 409, "conflict")
    check_problem(portal.send(sent, Idempotency_Key="short"), 422, "invalid_request")
    assert len(look(sa.select(Case.id))) == 1


def test_a_request_is_the_same_whatever_the_order_and_the_writing_of_its_members(
    portal: Portal, client: FlaskClient, look: Look
) -> None:
    sent = case(contact={"email": "mai@example.vn"}, respondent="business")
    first = portal.send(sent, ask="?qr=svg&lang=en", Idempotency_Key=KEY)
    turned = dict(reversed(sent.items())) | {"language": None}
    letters = json.dumps({"cases": [turned]}, indent=3).replace("mai@", "m\\u0061i@")
    headers = {"Authorization": f"Bearer {portal.key}", "Idempotency-Key": KEY}
    repeat = client.post("/api/v1/cases?lang=en&qr=svg", data=letters, content_type="application/json", headers=headers)
    assert (repeat.data, repeat.headers["Idempotent-Replayed"]) == (first.data, "true")
    check_problem(portal.send(sent | {"filing": "post"}, Idempotency_Key=KEY), 409, "conflict")
    assert len(look(sa.select(Case.id))) == 1


def test_a_corrected_contact_replaces_the_one_before_while_the_message_waits(portal: Portal, look: Look) -> None:
    sent = case(contact={"email": "mai@exmaple.vn"})
    one(portal.send(sent))
    keys = look(sa.select(Delivery.key))
    assert one(portal.send(sent))["status"] == "unchanged"
    assert look(sa.select(Delivery.key)) == keys
    again = one(portal.send(sent | {"contact": {"phone": "0912345678"}}))
    assert (again["status"], again["invitation"]) == ("updated", None)
    rows = look(sa.select(Delivery.key, Delivery.payload, Delivery.address_kind))
    assert [contact.unseal(SECRET, row.key, row.payload)[0] for row in rows] == ["+84912345678"] * 2  # type: ignore[index]
    assert {row.address_kind for row in rows} == {AddressKind.PHONE}


def test_one_case_with_two_contacts_in_a_request_is_refused(portal: Portal) -> None:
    sent = case(contact={"email": "mai@example.vn"})
    reply = portal.send(sent, sent | {"contact": {"email": "lan@example.vn"}})
    assert [result["status"] for result in reply.json["results"]] == ["recorded", "refused"]  # type: ignore[index]
