"""A request that comes again: the same reply for the same meaning, and a corrected contact for what still waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.cases import intake
from survey.db import slices
from survey.db.engine import Database
from survey.db.patience import CITIZEN, waiting_at_most
from survey.delivery import contact
from survey.errors import Unavailable
from survey.models import AddressKind, Case, Delivery, IdempotentRequest, Invitation
from survey.web.api import cases
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


def test_a_batch_that_breaks_off_goes_on_where_it_stopped_and_loses_no_link(
    portal: Portal, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "ROWS", 3)
    sent = [case() for _ in range(8)]
    sent[5] = sent[1] | {"respondent": "business"}  # stands twice, in two slices
    take, calls = intake.take, list[int]()

    def fail_at_the_third(*given: Any) -> list[intake.CaseResult]:
        calls.append(1)
        if len(calls) == 3:
            raise Unavailable("Something else is being recorded just now. Please try again in a few seconds.")
        return take(*given)

    monkeypatch.setattr(intake, "take", fail_at_the_third)
    for headers in ({}, {"Idempotency_Key": KEY}):
        calls.clear()
        batch = [one | {"case_code": one["case_code"] + "9" * len(headers)} for one in sent]
        assert portal.send(*batch, **headers).status_code == 503
        assert look(sa.select(sa.func.count(Invitation.id)))[0][0] == (12 if headers else 5)
        told: dict[str, Any] = portal.send(*batch, **headers).json  # type: ignore[assignment]
        assert (told["recorded"], told["refused"], told["invited"]) == (7, 1, 7)
        assert [one["index"] for one in told["results"]] == list(range(8))
        assert [one["status"] for one in told["results"]].index("refused") == 5
        assert "1" in told["results"][5]["faults"][0]["message"]
        for result in told["results"]:
            assert result["status"] == "refused" or result["invitation"]["link"]
    again = portal.send(*batch, Idempotency_Key=KEY)
    assert again.json == told and again.headers["Idempotent-Replayed"] == "true"
    assert portal.send(*[one | {"case_code": one["case_code"][:-1]} for one in batch]).json["unchanged"] == 7  # type: ignore[index]
    assert len(look(sa.select(IdempotentRequest.id))) == 1, "of one without a key nothing is kept once it is whole"


def test_others_write_between_the_slices_of_a_batch(
    portal: Portal, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[Any] = []

    @contextmanager
    def watched() -> Iterator[None]:
        yield
        with waiting_at_most(CITIZEN), store.connection(writes=True) as other:
            stored.append(other.execute(sa.select(sa.func.count(Case.id))).scalar())

    monkeypatch.setattr(slices, "ROWS", 2)
    monkeypatch.setattr(cases, "sharing_time", watched)
    assert portal.send(*[case() for _ in range(5)]).status_code == 200
    assert stored == [2, 4]
