"""A second factor: set up, asked for after the password, taken once, limited, required of some roles, recovered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import sign_in_limits
from survey.accounts.second_factor import GRACE
from survey.models import AuditEntry, Authenticator, Installation, RecoveryCode, Role, StaffSession
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support.dumps import tables
from tests.support.officials import PASSWORD, found, official, send, sign_in
from tests.support.pages import check_page
from tests.support.second_factor import PAGE, code_of, offered, second_step, set_up_app, sign_in_with_code

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)
STEP = dt.timedelta(seconds=30)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def acts(session: Session, *names: str) -> list[str]:
    return found(session, sa.select(AuditEntry.act).where(AuditEntry.act.in_(names)).order_by(AuditEntry.id))


def test_with_an_app_the_password_alone_opens_nothing(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    elsewhere = app.test_client()
    sign_in(elsewhere)
    sign_in(client)
    key, codes = set_up_app(client)
    assert len(set(codes)) == 8
    assert elsewhere.get("/staff/account").status_code == 302, "other sessions have ended"
    assert client.get("/staff/account").status_code == 200
    clock.shift(STEP)
    asked = sign_in(elsewhere, after="/staff/units")
    assert asked.location == "/staff/sign-in/second-step?next=/staff/units"
    assert elsewhere.get("/staff/account").status_code == 302, "the password alone opens nothing"
    assert acts(session, "session.started") == ["session.started"] * 2, "nor is it a session on record"
    page = check_page(elsewhere.get(asked.location))
    assert "Ứng dụng" in page.words or "ứng dụng" in page.words
    assert second_step(elsewhere, code_of(key), next="/staff/units").location == "/staff/units"
    assert elsewhere.get("/staff/account").status_code == 200
    assert acts(session, "session.started", "factor.added")[-2:] == ["factor.added", "session.started"]


def test_a_code_is_taken_once_and_within_a_step_of_its_time(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    sign_in(client)
    key, _ = set_up_app(client)
    first, second = app.test_client(), app.test_client()
    assert sign_in_with_code(first, code_of(key)).status_code == 422, "it was used to set the app up"
    clock.shift(4 * STEP)
    assert second_step(first, code_of(key, -2)).status_code == 422
    assert second_step(first, code_of(key, 2)).status_code == 422
    shown = code_of(key, -1)
    assert second_step(first, f"{shown[:3]} {shown[3:]}").status_code == 303, "a telephone half a minute behind"
    again = sign_in_with_code(second, shown)
    assert again.status_code == 422
    check_page(again)
    assert second_step(second, code_of(key)).status_code == 303
    assert acts(session, "factor.refused") == ["factor.refused"] * 4


def test_wrong_codes_are_stopped_and_right_passwords_do_not_set_the_count_back(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    sign_in(client)
    key, codes = set_up_app(client)
    thief = app.test_client()
    thief.environ_base["REMOTE_ADDR"] = "198.51.100.6"
    for _ in range(sign_in_limits.PAIR):
        assert sign_in_with_code(thief, "000000").status_code == 422
    stopped = sign_in_with_code(thief, code_of(key, 1))
    assert (stopped.status_code, stopped.headers["Retry-After"]) == (429, "901")
    assert sign_in_with_code(thief, codes[0]).status_code == 429
    send(client, "/staff/sign-out")
    assert sign_in_with_code(client, code_of(key, 1)).status_code == 303, "the owner, elsewhere, is not locked out"
    assert acts(session, "session.locked") == ["session.locked"]
    with survey_of(app).database.session(writes=True) as writing:
        for number in range(sign_in_limits.LOGIN):
            visitor = sign_in_limits.Visitor(f"198.51.{number}.1")
            limits = sign_in_limits.code_limits(survey_of(app).settings.secret_key, "hanh", visitor)
            sign_in_limits.count(writing, limits, NOON)
        writing.commit()
    assert sign_in_with_code(app.test_client(), code_of(key, 1)).status_code == 429, "a hundred from anywhere in a day"


def test_each_recovery_code_lets_in_once_and_new_ones_make_the_old_void(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    official(session)
    sign_in(client)
    _, codes = set_up_app(client)
    assert sign_in_with_code(app.test_client(), codes[0].lower().replace("-", " ")).status_code == 303
    assert sign_in_with_code(app.test_client(), codes[0]).status_code == 422
    assert "Còn 7 mã" in check_page(client.get(PAGE)).words
    made = send(client, f"{PAGE}/recovery-codes", PAGE)
    assert made.status_code == 200 and codes[1] not in made.text
    assert sign_in_with_code(app.test_client(), codes[1]).status_code == 422
    assert len(found(session, sa.select(RecoveryCode.code_hash))) == 8
    [used] = found(session, sa.select(AuditEntry.about).where(AuditEntry.act == "recovery_code.used"))
    assert used == {"left": 7}


def test_neither_keys_nor_codes_are_stored_as_they_are(app: Flask, session: Session, client: FlaskClient) -> None:
    official(session)
    sign_in(client)
    key, codes = set_up_app(client)
    session.rollback()
    kept = b"".join(tables(survey_of(app).database).values())
    for secret in (key, codes[0], codes[0].replace("-", "")):
        assert secret.encode() not in kept


def test_a_wrong_code_sets_up_nothing_and_a_key_that_was_not_offered_neither(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    official(session)
    official(session, "other")
    stranger = app.test_client()
    sign_in(stranger, "other")
    foreign, _, sealed = offered(stranger)
    sign_in(client)
    key, token, own = offered(client)
    wrong = client.post(f"{PAGE}/app", data={"csrf_token": token, "offered": own, "code": "12345x"})
    assert (wrong.status_code == 422 and own in wrong.text.replace(" ", "")) or key[:4] in wrong.text
    check_page(wrong)
    theirs = client.post(f"{PAGE}/app", data={"csrf_token": token, "offered": sealed, "code": code_of(foreign)})
    assert theirs.status_code == 409
    nothing = client.post(f"{PAGE}/app", data={"csrf_token": token, "offered": "zz", "code": code_of(key)})
    assert nothing.status_code == 409
    assert found(session, sa.select(Authenticator)) == []


def test_managers_are_asked_for_a_week_and_then_do_nothing_else_before(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session, role=Role.MANAGER)
    official(session, "viewer")
    reader = app.test_client()
    sign_in(reader, "viewer")
    assert 'class="owed"' not in reader.get("/staff/account").text
    sign_in(client)
    assert "09/11/2026" in client.get("/staff/account").text.split('class="owed"')[1][:120]
    clock.shift(GRACE)
    sign_in(client)
    assert client.get("/staff/units").location == PAGE
    assert send(client, "/staff/issuing").status_code == 403
    assert client.get("/staff/account").status_code == 200, "where the password is changed"
    assert "đã qua" in check_page(client.get(PAGE)).words
    set_up_app(client)
    assert client.get("/staff/units").status_code == 200
    refused = send(client, f"{PAGE}/app/remove", PAGE)
    assert refused.status_code == 409, "the last one of such a role stays"
    sign_in(reader, "viewer")
    assert reader.get("/staff/units").status_code == 200


@pytest.mark.parametrize("case", ["demonstration", "offered"])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # nothing of the store
def test_a_demonstration_and_an_installation_that_only_offers_it_ask_nobody(
    settings: Settings,
    session: Session,
    started: Callable[[Settings], AbstractContextManager[Flask]],
    clock: time_machine.Traveller,
    case: str,
) -> None:
    if case == "demonstration":
        session.get_one(Installation, 1).demo = True
    official(session, role=Role.ADMINISTRATOR)
    changed = replace(settings, second_factor="offered") if case == "offered" else settings
    with started(changed) as app:
        client = app.test_client()
        sign_in(client)
        clock.shift(GRACE)
        sign_in(client)
        assert client.get("/staff/units").status_code == 200
        words = check_page(client.get(PAGE)).words
        assert "không bắt buộc" in words, "and the page says so"


def test_a_factor_that_is_removed_ends_the_other_sessions_and_the_codes(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    official(session)
    sign_in(client)
    key, _ = set_up_app(client)
    elsewhere = app.test_client()
    assert sign_in_with_code(elsewhere, code_of(key, 1)).status_code == 303
    assert send(client, f"{PAGE}/app/remove", PAGE).status_code == 303
    assert elsewhere.get("/staff/account").status_code == 302
    assert found(session, sa.select(RecoveryCode.code_hash)) == []
    assert sign_in(elsewhere).location == "/staff/"


def test_a_session_that_awaits_its_factor_is_worth_nothing_after_some_minutes(
    session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    sign_in(client)
    set_up_app(client)
    send(client, "/staff/sign-out")
    sign_in(client)
    [awaiting] = found(session, sa.select(StaffSession.awaits_factor))
    assert awaiting
    clock.shift(dt.timedelta(minutes=10, seconds=1))
    assert client.get("/staff/sign-in/second-step").location.startswith("/staff/sign-in?")
    assert PASSWORD not in client.get("/staff/sign-in").text
