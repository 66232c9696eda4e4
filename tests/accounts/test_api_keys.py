"""Keys of the API: refused alike, ending at scopes and subtrees, limited in speed, made and revoked by command."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import api_keys
from survey.accounts.api_keys import KeyScope
from survey.cli import cli
from survey.errors import Conflict, NotFound
from survey.models import ApiKey, AuditEntry
from survey.periods import local_day, now
from survey.settings import Settings
from tests.support import factories
from tests.support.dated import rename
from tests.support.portal import Portal, case, check_problem, one, program

Look = Callable[..., list[Any]]
KEY = "0123456789abcdefABCDEF"
DAY, TODAY = dt.timedelta(days=1), local_day(now())


@pytest.fixture
def issue(session: Session, client: FlaskClient) -> Callable[..., Portal]:
    return functools.partial(program, session, client)


@pytest.fixture
def portal(session: Session, client: FlaskClient) -> Portal:
    return program(session, client)


def test_a_key_that_is_missing_wrong_or_revoked_is_refused_alike(
    client: FlaskClient, portal: Portal, session: Session
) -> None:
    missing = client.get("/api/v1/me")
    wrong = Portal(client, portal.key[:-1] + ("A" if portal.key[-1] != "A" else "B")).get("/me")
    strange = client.get("/api/v1/me", headers={"Authorization": f"Basic {portal.key}"})
    assert portal.get("/me").status_code == 200
    api_keys.revoke(session, session.scalars(sa.select(ApiKey.name)).one(), now())
    session.commit()
    revoked = portal.get("/me")
    for reply in (missing, wrong, strange, revoked, portal.send(case())):
        check_problem(reply, 401, "key_refused")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert missing.data == wrong.data == revoked.data


def test_a_key_does_what_its_scopes_say(issue: Callable[..., Portal]) -> None:
    reader, writer = issue("H61", KeyScope.COUNTS_READ), issue("H61", KeyScope.CASES_WRITE)
    check_problem(reader.send(case()), 403, "forbidden")
    check_problem(reader.get("/qr/" + "A" * 22), 403, "forbidden")
    check_problem(writer.get("/counts?period=2026-10"), 403, "forbidden")
    assert reader.get("/me").json == {
        "name": reader.get("/me").json["name"],
        "scopes": ["counts:read"],  # type: ignore[index]
        "agency": "H61",
    }
    assert reader.get("/counts?period=2026-10").status_code == writer.send(case()).status_code == 200


def test_a_key_ends_at_its_agencys_subtree(portal: Portal, issue: Callable[..., Portal], look: Look) -> None:
    ward = issue("H61.50")
    theirs = case("H61.51")
    refused = [
        theirs,
        case(resolving_agency="H61.999"),  # nobody's yet: it would stand below the province
        case(receiving_agency="H61.998"),
    ]
    for sent, field in zip(refused, ("resolving_agency", "resolving_agency", "receiving_agency"), strict=True):
        result = one(ward.send(sent))
        assert result["status"] == "refused"
        assert [fault["field"] for fault in result["faults"]] == [field]
    token = one(portal.send(theirs))["invitation"]["link"][-22:]
    stolen = one(ward.send(theirs | {"resolving_agency": "H61.50"}))
    assert [fault["field"] for fault in stolen["faults"]] == ["case_code"], "no case is drawn over"
    check_problem(ward.get(f"/qr/{token}"), 404, "not_found")
    check_problem(ward.get("/counts?period=2026-10&agency=H61.51"), 404, "not_found")
    check_problem(ward.get("/counts?period=2026-10&agency=H61"), 404, "not_found")
    assert one(ward.send(case(receiving_agency="H61.1")))["status"] == "recorded", "received elsewhere, resolved here"
    assert one(ward.send(case(resolving_agency="H61.50.7")))["status"] == "recorded", "a new office of the ward"
    assert one(portal.send(case(resolving_agency="H61.997")))["status"] == "recorded"


@pytest.mark.parametrize("linked", [True, False], ids=["successor", "same code"])
def test_a_key_goes_with_its_agency_through_a_renaming_and_not_before_its_day(
    issue: Callable[..., Portal], session: Session, linked: bool
) -> None:
    ward, other = issue("H61.50"), issue("H61.51")
    sent = case(finished_day=f"{TODAY - 30 * DAY}")
    link = one(ward.send(sent))["invitation"]["link"]
    rename(session, "H61.50", TODAY - 7 * DAY, "Phường Mới", above="H61.1", linked=linked)
    rename(session, "H61.51", TODAY + 7 * DAY, "Xã Năm Sau", above="H61.1", linked=linked)
    session.commit()
    for portal, code in ((ward, "H61.50"), (other, "H61.51")):
        assert portal.get("/me").json["agency"] == code  # type: ignore[index]
        assert one(portal.send(case(code)))["status"] == "recorded"
        assert one(portal.send(case(code, finished_day=f"{TODAY - 30 * DAY}")))["status"] == "recorded"
        told: dict[str, Any] = portal.get(f"/counts?period={TODAY:%Y-%m}").json  # type: ignore[assignment]
        assert (told["agency"]["code"], told["judged"]["total"]["finished"]) == (code, 1)
        check_problem(portal.get("/counts?period=2026-10&agency=H61.52"), 404, "not_found")
    assert one(ward.send(sent | {"outcome": "granted"}))["status"] == "updated", "its own case of before"
    assert ward.get(f"/qr/{link[-22:]}").status_code == 200
    assert one(ward.send(case("H61.51")))["status"] == "refused"


def test_a_key_is_kept_as_a_hash_and_its_last_day_is_noted(portal: Portal, look: Look) -> None:
    [row] = look(sa.select(ApiKey.key_hash, ApiKey.last_used_day))
    assert portal.key.encode() not in row.key_hash and row.last_used_day is None
    assert len(portal.key) == 46, "256 random bits"
    portal.get("/me")
    assert look(sa.select(ApiKey.last_used_day))[0][0] == local_day(now())


@pytest.fixture
def strict(settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]]) -> Iterator[Flask]:
    """The application with a limit that is soon reached."""
    with started(dataclasses.replace(settings, api_per_minute=5)) as app:
        yield app


def test_the_last_day_is_noted_of_the_key_that_was_used(issue: Callable[..., Portal], look: Look) -> None:
    used, _unused = issue("H61"), issue("H61")
    assert used.get("/me").status_code == 200
    assert sorted(day is not None for (day,) in look(sa.select(ApiKey.last_used_day))) == [False, True]


def test_a_key_that_asks_too_often_waits_and_others_do_not(strict: Flask, session: Session) -> None:
    with time_machine.travel(dt.datetime(2026, 10, 5, 5, 0, 10, tzinfo=dt.UTC), tick=False) as clock:
        busy, calm = (program(session, strict.test_client()) for _ in range(2))
        assert [busy.get("/me").status_code for _ in range(5)] == [200] * 5
        reply = busy.send(case())
        check_problem(reply, 429, "too_many_tries")
        assert 0 < int(reply.headers["Retry-After"]) <= 60
        assert calm.get("/me").status_code == 200
        assert strict.test_client().get("/healthz").status_code == 200
        clock.shift(int(reply.headers["Retry-After"]))
        assert busy.get("/me").status_code == 200


def test_wrong_keys_from_an_address_are_limited_and_shut_nobody_out(
    client: FlaskClient, portal: Portal, link: str
) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False):
        statuses = [Portal(client, "hl_wrong").get("/me").status_code for _ in range(130)]
        assert statuses == [401] * 120 + [429] * 10
        check_problem(client.get("/api/v1/openapi.json"), 429, "too_many_tries")
        assert portal.get("/me").status_code == 200
        assert client.get(link).status_code == 200, "citizens are never counted"


@pytest.mark.usefixtures("vietnamese")
def test_keys_and_webhooks_are_made_listed_and_ended_by_command(app: Flask, client: FlaskClient) -> None:
    run = app.test_cli_runner().invoke
    made = run(cli, ["key", "add", "portal", "--scope", "counts:read", "--agency", "H61.50"])
    key = made.output.split()[-1]
    assert Portal(client, key).get("/me").json == {"name": "portal", "scopes": ["counts:read"], "agency": "H61.50"}
    assert "portal: còn hiệu lực, H61.50, counts:read, dùng lần cuối" in run(cli, ["key", "list"]).output
    assert isinstance(run(cli, ["key", "add", "portal", "--scope", "counts:read"]).exception, Conflict)
    assert key not in run(cli, ["key", "list"]).output
    run(cli, ["key", "revoke", "portal"])
    assert Portal(client, key).get("/me").status_code == 401
    assert "portal: đã thu hồi" in run(cli, ["key", "list"]).output
    assert isinstance(run(cli, ["key", "revoke", "nobody"]).exception, NotFound)
    secret = run(cli, ["webhook", "add", "hook", "https://portal.example.vn/told"]).output.split()[-1]
    assert secret.startswith("whsec_")
    assert "hook: https://portal.example.vn/told, counts.changed period.closed" in run(cli, ["webhook", "list"]).output
    assert run(cli, ["send"]).stdout == "Không có gì đến hạn gửi.\n"
    run(cli, ["webhook", "remove", "hook"])
    assert run(cli, ["webhook", "list"]).output == ""
    assert run(cli, ["key", "add", "x"]).exit_code == 2


def test_what_keys_do_is_on_record(portal: Portal, session: Session) -> None:
    sent = case()
    portal.send(sent, case(procedure="9.999999"))
    record = (
        sa.select(AuditEntry.act, AuditEntry.about)
        .where(AuditEntry.act.not_like("questionnaire.%"))
        .order_by(AuditEntry.id)
    )
    entries = session.execute(record.order_by(AuditEntry.id)).all()
    assert [entry.act for entry in entries] == ["api_key.added", "invitations.issued", "cases.received"]
    about = {"number": 2, "recorded": 1, "updated": 0, "refused": 1}
    assert about.items() <= entries[2].about.items()
    assert portal.key not in str(entries) and sent["case_code"] not in str(entries)


def test_a_renewed_key_is_good_beside_the_one_before_until_its_day_and_is_the_same_program(
    client: FlaskClient, session: Session, look: Look
) -> None:
    scope, province = [KeyScope.COUNTS_READ], factories.agency_id(session, "H61")
    before = Portal(client, api_keys.add(session, "renewed", scope, province, now()))
    until = TODAY + 3 * DAY
    with pytest.raises(Conflict):
        api_keys.renew(session, "renewed", TODAY - DAY, now())
    with pytest.raises(NotFound):
        api_keys.renew(session, "nobody", until, now())
    after = Portal(client, api_keys.renew(session, "renewed", until, now()))
    session.commit()
    assert before.get("/me").json == after.get("/me").json
    with time_machine.travel(dt.datetime.combine(until + DAY, dt.time(12), dt.UTC), tick=False):
        assert (before.get("/me").status_code, after.get("/me").status_code) == (401, 200)
    latest = Portal(client, api_keys.renew(session, "renewed", until, now()))
    session.commit()
    assert [one.get("/me").status_code for one in (before, after, latest)] == [401, 200, 200], "never more than two"
    api_keys.revoke(session, "renewed", now())
    session.commit()
    assert [one.get("/me").status_code for one in (after, latest)] == [401, 401]
    about = look(sa.select(AuditEntry.about).where(AuditEntry.act == "api_key.renewed"))
    assert [entry for (entry,) in about] == [{"name": "renewed", "until": until.isoformat()}] * 2
