"""The portal's API: who may use it, what it takes and gives, and that a repeat or a fault does no harm."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.models import Agency, AuditEntry, Case, Delivery, IdempotentRequest, Invitation
from survey.periods import local_day, now
from survey.settings import Settings
from tests.support.decoding import pixels, zxing
from tests.support.portal import Portal, case, check_problem, one, program

Look = Callable[..., list[Any]]
KEY = "0123456789abcdefABCDEF"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """How pages are laid out is tried on few answers; what is not shown of few, in tests/rules/test_disclosure.py."""
    return replace(settings, fewest_shown=1)


@pytest.fixture
def issue(session: Session, client: FlaskClient) -> Callable[..., Portal]:
    return functools.partial(program, session, client)


def test_a_case_is_recorded_and_its_person_invited_at_once(portal: Portal, client: FlaskClient, look: Look) -> None:
    received = {"received_day": "2026-10-01", "due_day": "2026-10-09", "finished_day": "2026-10-08"}
    sent = case(**received, receiving_agency="H61.1", filing="online", respondent="business", outcome="refused")
    result = one(portal.send(sent))
    assert result["status"] == "recorded"
    page = client.get(result["invitation"]["link"].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    [row] = look(
        sa.select(Case.finished_day, Case.received_day, Case.due_day, Case.filing, Case.respondent, Case.outcome)
    )
    assert [str(value) for value in row] == ["2026-10-08", "2026-10-01", "2026-10-09", "2", "2", "2"]
    for column, code in ((Case.resolving_agency_id, "H61.50"), (Case.receiving_agency_id, "H61.1")):
        assert look(sa.select(Agency.code).join(Case, column == Agency.id))[0][0] == code
    [expires] = look(sa.select(Invitation.expires_at))[0]
    assert dt.datetime.fromisoformat(result["invitation"]["expires_at"]) == expires


def test_another_program_reads_the_qr_codes_that_the_reply_gives(portal: Portal) -> None:
    told = one(portal.send(case(language="en")))["invitation"]
    assert told["link"].endswith("?lang=en")
    drawn = portal.get(told["qr"].removeprefix("http://127.0.0.1:8000/api/v1") + "?format=png")
    assert zxing([pixels(drawn.data)]) == [[told["link"].removesuffix("?lang=en")]]
    assert portal.get(told["qr"].removeprefix("http://127.0.0.1:8000/api/v1")).text.startswith("<svg")
    told = one(portal.send(case(), ask="?qr=png"))["invitation"]
    picture = base64.b64decode(told["qr"].removeprefix("data:image/png;base64,"))
    assert zxing([pixels(picture)]) == [[told["link"]]]


def test_pictures_come_with_few_cases_only(portal: Portal, look: Look) -> None:
    check_problem(portal.send(*[case() for _ in range(201)], ask="?qr=svg"), 422, "invalid_request")
    assert look(sa.select(Case.id)) == []


def test_a_case_sent_again_is_unchanged_and_nobody_is_invited_twice(portal: Portal, look: Look) -> None:
    sent = case()
    one(portal.send(sent))
    again = one(portal.send(sent))
    assert (again["status"], again["invitation"]) == ("unchanged", None)
    changed = one(portal.send(sent | {"filing": "post"}))
    assert (changed["status"], changed["invitation"]) == ("updated", None)
    assert len(look(sa.select(Invitation.id))) == len(look(sa.select(Case.id))) == 1


def test_a_case_recorded_before_by_another_feed_is_invited_now(portal: Portal, session: Session) -> None:
    sent = case()
    one(portal.send(sent))
    session.execute(sa.delete(Invitation))
    session.commit()
    again = one(portal.send(sent))
    assert again["status"] == "unchanged" and again["invitation"]["link"]


def test_a_kept_reply_is_sealed_belongs_to_one_key_and_is_gone_after_a_day(
    portal: Portal, issue: Callable[..., Portal], look: Look
) -> None:
    sent = case()
    first = portal.send(sent, Idempotency_Key=KEY)
    token = one(first)["invitation"]["link"][-22:]
    [kept] = look(sa.select(IdempotentRequest.key_hash, IdempotentRequest.request_hash, IdempotentRequest.sealed))
    for secret in (token, sent["case_code"], KEY, first.text[:40]):
        assert secret.encode() not in b"".join(kept)
    other = one(issue().send(sent, Idempotency_Key=KEY))
    assert other["invitation"] is None, "another program's key opens no reply"
    with time_machine.travel(now() + dt.timedelta(hours=25)):
        assert one(portal.send(sent, Idempotency_Key=KEY))["status"] == "unchanged"
    assert kept.sealed not in [sealed for (sealed,) in look(sa.select(IdempotentRequest.sealed))]


def test_the_same_request_at_the_same_moment_is_answered_alike(app: Flask, portal: Portal, look: Look) -> None:
    sent, replies = [case() for _ in range(20)], []

    def send() -> None:
        replies.append(Portal(app.test_client(), portal.key).send(*sent, Idempotency_Key=KEY).data)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replies) == 6 and len(set(replies)) == 1
    assert len(look(sa.select(Invitation.id))) == 20


def test_overlapping_batches_at_the_same_moment_invite_each_once(app: Flask, portal: Portal, look: Look) -> None:
    sent, statuses = [case() for _ in range(30)], []

    def send(mine: list[dict[str, Any]]) -> None:
        reply = Portal(app.test_client(), portal.key).send(*mine)
        statuses.append((reply.status_code, reply.json["invited"]))  # type: ignore[index]

    threads = [threading.Thread(target=send, args=(mine,)) for mine in (sent, sent[::-1], sent[10:], sent[:20][::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in statuses] == [200] * 4
    assert sum(invited for _, invited in statuses) == len(look(sa.select(Invitation.id))) == 30


def test_each_case_is_recorded_whole_or_refused_with_every_reason(portal: Portal, look: Look) -> None:
    tomorrow = f"{local_day(now()) + dt.timedelta(days=1)}"
    twice = case()
    reply = portal.send(
        case(),
        case(procedure="9.999999", finished_day=tomorrow, contact={"phone": "12"}),
        case(received_day="2026-10-08", finished_day="2026-10-07"),
        twice,
        twice | {"filing": "post"},
        twice,
        case(finished_day="1999-12-31", resolving_agency="H61.777"),
        ask="?lang=en",
    )
    results = reply.json["results"]  # type: ignore[index]
    assert [one["status"] for one in results] == [
        "recorded",
        "refused",
        "refused",
        "recorded",
        "refused",
        "unchanged",
        "refused",
    ]
    named = [[fault["field"] for fault in one["faults"]] for one in results]
    assert named == [[], ["procedure", "finished_day"], ["received_day"], [], ["case_code"], [], ["finished_day"]]
    assert [fault["field"] for fault in results[1]["warnings"]] == ["contact"]
    assert results[4]["faults"][0]["message"].startswith("The same case stands at index 3")
    assert [one["invitation"] is None for one in results] == [False, True, True, False, True, True, True]
    assert len(look(sa.select(Case.id))) == len(look(sa.select(Invitation.id))) == 2
    assert {one: reply.json[one] for one in ("recorded", "refused", "unchanged", "invited")} == {  # type: ignore[index]
        "recorded": 2,
        "refused": 4,
        "unchanged": 1,
        "invited": 2,
    }


def test_an_address_goes_into_the_queue_and_nowhere_else(portal: Portal, look: Look) -> None:
    result = one(portal.send(case(contact={"email": "linh.nguyen@example.vn"})))
    assert result["invitation"]["message"] is True
    sealed = look(sa.select(Delivery.payload))
    assert len(sealed) == 2, "the invitation and its one reminder"
    assert not any(b"linh" in one[0] for one in sealed)
    assert "linh" not in str(look(sa.select(AuditEntry.about)))


def test_a_request_that_breaks_the_description_names_each_fault_and_records_nothing(portal: Portal, look: Look) -> None:
    reply = portal.send(case(), case(finished_day="08/10/2026", respondent=..., extra=1), case(case_code="x"))
    told = check_problem(reply, 422, "invalid_request")
    fields = {fault["field"] for fault in told["faults"]}
    assert fields == {"cases.1.finished_day", "cases.1.respondent", "cases.1.extra", "cases.2.case_code"}
    assert told["number_of_faults"] == 4
    assert "Còn thiếu mục này." in [fault["message"] for fault in told["faults"]]
    assert look(sa.select(Case.id)) == []
    many = check_problem(portal.send(*[{}] * 100), 422, "invalid_request")
    assert (len(many["faults"]), many["number_of_faults"]) == (100, 500)


def test_errors_are_said_in_the_language_that_is_asked_for(portal: Portal, client: FlaskClient) -> None:
    ask = "/counts?period=2026-10&agency=H61.404"
    assert "Không có cơ quan" in check_problem(portal.get(ask), 404, "not_found")["detail"]
    english = portal.get(ask, **{"Accept-Language": "en-GB,en;q=0.9,vi;q=0.5"})
    assert check_problem(english, 404, "not_found")["detail"] == "There is no agency with the code H61.404."
    assert english.headers["Content-Language"] == "en"
    chosen = portal.get(f"{ask}&lang=vi", **{"Accept-Language": "en"})
    assert chosen.headers["Content-Language"] == "vi"
    client.set_cookie("lang", "en")
    assert portal.get(ask).headers["Content-Language"] == "vi", "a browser's cookie says nothing about a program"


def test_every_kind_of_bad_request_is_a_problem(portal: Portal, client: FlaskClient) -> None:
    header = {"Authorization": f"Bearer {portal.key}"}
    post = poster(client, header)
    check_problem(post(b"{", "application/json"), 400, "bad_request")
    check_problem(post(b"\xff\xfe", "application/json"), 400, "bad_request")
    check_problem(post(b"{}", "text/plain"), 415, "unsupported_media_type")
    check_problem(post(b"x" * (8 * 1024 * 1024 + 1), "application/json"), 413, "request_entity_too_large")
    check_problem(client.get("/api/v1/nothing"), 404, "not_found")
    wrong = client.delete("/api/v1/cases", headers=header)
    check_problem(wrong, 405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]
    check_problem(portal.get("/counts?period=2026-13"), 422, "invalid_request")
    check_problem(portal.get("/counts?period=2026-10&unknown=1"), 422, "invalid_request")


def poster(client: FlaskClient, headers: dict[str, str]) -> Callable[[bytes, str], TestResponse]:
    def post(body: bytes, kind: str) -> TestResponse:
        return client.post("/api/v1/cases", data=body, content_type=kind, headers=headers)

    return post


def test_ten_thousand_cases_come_in_one_batch(portal: Portal, look: Look) -> None:
    reply = portal.send(*[case(contact={"phone": f"09{i:08}"}) for i in range(10_000)], Idempotency_Key=KEY)
    told: dict[str, Any] = reply.json  # type: ignore[assignment]
    assert (told["recorded"], told["invited"], told["refused"]) == (10_000, 10_000, 0)
    assert len({one["invitation"]["link"] for one in told["results"]}) == 10_000
    assert look(sa.select(sa.func.count(Invitation.id)))[0][0] == 10_000
    assert look(sa.select(sa.func.count(Delivery.id)))[0][0] == 20_000
    check_problem(portal.send(*[case() for _ in range(10_001)]), 422, "invalid_request")


def test_a_case_is_withdrawn_by_its_day_and_given_back_by_null(portal: Portal, look: Look) -> None:
    sent = case()
    link = one(portal.send(sent))["invitation"]["link"].removeprefix("http://127.0.0.1:8000")
    statuses = []
    for about in ({"withdrawn_on": sent["finished_day"]}, {}, {"withdrawn_on": None}):
        result = one(portal.send({**sent, **about}))
        statuses.append((result["status"], result["invitation"], portal.client.get(link).status_code))
    assert statuses == [("updated", None, 410), ("unchanged", None, 410), ("updated", None, 200)]
    acts = [act for (act,) in look(sa.select(AuditEntry.act).order_by(AuditEntry.id)) if act.startswith("case.")]
    assert acts == ["case.withdrawn", "case.restored"]
    early = one(portal.send({**sent, "received_day": sent["finished_day"], "withdrawn_on": "2020-01-01"}))
    assert [fault["field"] for fault in early["faults"]] == ["withdrawn_on"]


def test_giving_a_case_back_is_another_request_than_saying_nothing(portal: Portal) -> None:
    sent = case()
    assert portal.send(sent, Idempotency_Key=KEY).status_code == 200
    check_problem(portal.send({**sent, "withdrawn_on": None}, Idempotency_Key=KEY), 409, "conflict")
