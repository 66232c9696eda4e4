"""Accounts: sign in, lockout, passwords, the command line; and what is kept of them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator

import argon2
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import accounts, roles
from survey.accounts import sign_in as signing_in
from survey.errors import Conflict, InvalidPassword, SignInRefused
from survey.models import AuditEntry, Role, Staff, StaffSession
from survey.periods import now
from survey.security import passwords
from tests.conftest import SECRET
from tests.support import factories
from tests.support.officials import PASSWORD, attempt, found, official, send, sign_in
from tests.support.pages import check_page

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_signing_in_leads_to_the_page_that_was_asked_for(session: Session, client: FlaskClient) -> None:
    official(session)
    asked = client.get("/staff/?period=2026-10")
    assert (asked.status_code, asked.location) == (302, "/staff/sign-in?next=/staff/?period%3D2026-10")
    check_page(client.get(asked.location))
    assert sign_in(client, after="/staff/?period=2026-10").location == "/staff/?period=2026-10"
    assert client.get("/staff/?period=2026-10").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://example.com", "//example.com", "/staff//x", "/\\example.com", "/q/A"])
def test_signing_in_never_leads_away(session: Session, client: FlaskClient, elsewhere: str) -> None:
    official(session)
    assert sign_in(client, after=elsewhere).location == "/staff/"


def test_a_login_is_known_however_it_is_typed_and_a_password_only_as_it_is(app: Flask, session: Session) -> None:
    official(session, "Mai.Trần")
    for typed in ("mai.trần", " MAI.TRẦN ", unicodedata.normalize("NFD", "Mai.Trần"), "Ｍai.Trần"):
        assert attempt(app, unicodedata.normalize("NFD", PASSWORD), NOON, typed)
    with pytest.raises(SignInRefused):
        attempt(app, PASSWORD.upper(), NOON, "mai.trần")
    with pytest.raises(Conflict):
        official(session, "MAI.TRẦN")


def test_only_hashes_are_stored(session: Session, client: FlaskClient, full_price: None) -> None:
    official(session)
    cookie = sign_in(client).headers["Set-Cookie"]
    secret = cookie.partition("=")[2].partition(".")[0]
    assert len(secret) == 43
    kept = [
        tuple(row) for table in ("staff", "staff_session") for row in session.execute(sa.text(f"SELECT * FROM {table}"))
    ]
    assert all(secret not in repr(row) and PASSWORD not in repr(row) for row in kept)
    parameters = argon2.extract_parameters(session.scalars(sa.select(Staff.password_hash)).one())
    assert (parameters.type, parameters.memory_cost, parameters.time_cost) == (argon2.Type.ID, 19456, 2)
    assert argon2.extract_parameters(passwords.decoy_hash()) == parameters


def test_a_password_hashed_with_other_parameters_is_hashed_again(
    app: Flask, session: Session, full_price: None
) -> None:
    account = official(session)
    account.password_hash = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(
        unicodedata.normalize("NFC", PASSWORD)
    )
    session.commit()
    attempt(app, PASSWORD, NOON)
    session.refresh(account)
    assert argon2.extract_parameters(account.password_hash).memory_cost == 19456
    session.rollback()
    assert attempt(app, PASSWORD, NOON)


def test_an_unknown_login_gets_the_same_page_as_a_wrong_password(session: Session, client: FlaskClient) -> None:
    official(session)
    pages = [sign_in(client, login, "sai mật khẩu rồi nhé") for login in ("hanh", "nobody")]
    words = [check_page(page).words for page in pages]
    assert words[0] == words[1]
    assert {page.status_code for page in pages} == {422}


def test_an_unknown_login_costs_as_much_as_a_known_one(session: Session) -> None:
    official(session)
    existing, missing = (signing_in.credentials(session, login).password_hash for login in ("hanh", "nobody"))
    assert argon2.extract_parameters(existing) == argon2.extract_parameters(missing)


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("không phải mật khẩu này", "câu mới cũng dài và dễ", "Mật khẩu hiện tại chưa đúng"),
        (PASSWORD, "ngắn quá", "ít nhất 14 ký tự"),
        (PASSWORD, "aaaaaaaaaaaaaaaaaaaaaa", "quá dễ đoán"),
        (PASSWORD, "mật khẩu của Hanh đây", "quá dễ đoán"),
        (PASSWORD, "x1y2z3" * 50, "nhiều nhất 256 ký tự"),
        (PASSWORD, PASSWORD, "khác với mật khẩu hiện tại"),
        (PASSWORD, "", "Vui lòng nhập mật khẩu mới"),
    ],
)
def test_a_password_that_cannot_be_taken_is_explained(
    session: Session, client: FlaskClient, current: str, new: str, said: str
) -> None:
    official(session)
    sign_in(client)
    page = send(client, "/staff/account/password", current=current, new=new)
    assert page.status_code == 422
    assert said in check_page(page).words
    assert current not in page.text, "a password is never sent back"


def test_a_disabled_account_is_out_at_once(session: Session, client: FlaskClient) -> None:
    official(session)
    sign_in(client)
    accounts.disable(session, "HANH", NOON)
    session.commit()
    assert client.get("/staff/account").status_code == 302
    assert sign_in(client).status_code == 422


@pytest.mark.parametrize(
    ("role", "reads", "sends"),
    [
        (Role.INTERVIEWER, {Role.INTERVIEWER}, {Role.INTERVIEWER}),
        (Role.VIEWER, {Role.VIEWER}, {Role.VIEWER}),
        (Role.MANAGER, *[{Role.VIEWER, Role.INTERVIEWER, Role.MANAGER}] * 2),
        (Role.ADMINISTRATOR, set(Role) - {Role.AUDITOR}, set(Role) - {Role.AUDITOR}),
        (Role.AUDITOR, set(Role), {Role.VIEWER, Role.AUDITOR}),  # what only reads is sent too: a file that is asked for
    ],
)
def test_what_each_role_may_open_and_send(role: Role, reads: set[Role], sends: set[Role]) -> None:
    assert {required for required in Role if roles.allows(role, required, reading=True)} == reads
    assert {required for required in Role if roles.allows(role, required, reading=False)} == sends


@pytest.mark.parametrize("login", ["", "  ", "\u202e\n"])
def test_an_account_has_a_login(session: Session, login: str) -> None:
    with pytest.raises(Conflict):
        accounts.add(session, login, "x", Role.VIEWER, factories.agency_id(session), PASSWORD, now())


def test_nobody_can_sign_in_to_a_fresh_installation(session: Session, client: FlaskClient) -> None:
    assert found(session, sa.select(Staff)) == []
    for login in ("admin", "root", "quantri", "hailong"):
        assert sign_in(client, login, login * 4).status_code == 422


@pytest.mark.usefixtures("vietnamese")
def test_accounts_are_managed_from_the_command_line(app: Flask, session: Session) -> None:
    session.commit()
    run = app.test_cli_runner().invoke
    made = run(args=["hailong", "staff", "add", "Hanh", "--role", "manager", "--agency", "H61.50"])
    assert made.exit_code == 0, made.output
    password = made.output.partition("chỉ hiển thị lần này: ")[2].split()[0]
    assert attempt(app, password, NOON)
    account = accounts.named(session, "hanh")
    assert (account.role, account.agency_id) == (Role.MANAGER, factories.agency_id(session, "H61.50"))
    session.rollback()
    assert "Tổng số phiên: 1" in run(args=["hailong", "staff", "sessions", "hanh"]).output
    again = run(args=["hailong", "staff", "password", "hanh", "--prompt"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert PASSWORD not in again.output
    assert found(session, sa.select(StaffSession)) == []
    assert attempt(app, PASSWORD, NOON)
    assert run(args=["hailong", "staff", "disable", "hanh"]).exit_code == 0
    assert found(session, sa.select(Staff.enabled)) == [False]
    assert isinstance(run(args=["hailong", "staff", "add", "HANH"]).exception, Conflict)


@pytest.mark.usefixtures("vietnamese")
def test_a_password_of_a_command_is_changed_at_the_first_sign_in_or_ends_within_a_week(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    session.commit()
    made = app.test_cli_runner().invoke(args=["hailong", "staff", "add", "hanh"])
    password = made.output.partition("chỉ hiển thị lần này: ")[2].split()[0]
    clock.shift(dt.timedelta(days=7))
    assert sign_in(client, "hanh", password).status_code == 422, "nobody has used it in time"
    again = app.test_cli_runner().invoke(args=["hailong", "staff", "password", "hanh"])
    password = again.output.partition("chỉ hiển thị lần này: ")[2].split()[0]
    clock.shift(dt.timedelta(days=6))
    assert sign_in(client, "hanh", password).status_code == 303
    led = client.get("/staff/units")
    assert led.location == "/staff/account?own=1" and "mật khẩu riêng" in check_page(client.get(led.location)).words
    assert send(client, "/staff/other-figures/file").status_code == 403
    assert send(client, "/staff/account/password", current=password, new=PASSWORD).status_code == 303
    assert client.get("/staff/units").status_code == 200
    clock.shift(dt.timedelta(days=30))
    assert sign_in(client).status_code == 303, "one's own does not end"


def test_what_staff_do_is_on_record_without_what_they_typed(session: Session, client: FlaskClient) -> None:
    account_id = official(session).id
    sign_in(client)
    send(client, "/staff/account/password", current=PASSWORD, new="câu mới cũng dài và dễ")
    send(client, "/staff/sign-out")
    entries = found(
        session, sa.select(AuditEntry).where(AuditEntry.act.not_like("questionnaire.%")).order_by(AuditEntry.id)
    )
    assert [entry.act for entry in entries] == [
        "staff.added",
        "session.started",
        "staff.password_changed",
        "session.ended",
    ]
    assert {entry.staff_id for entry in entries[1:]} == {account_id}
    assert "hanh" not in repr([entry.about for entry in entries])


def test_short_passwords_are_refused_wherever_they_are_set(session: Session) -> None:
    with pytest.raises(InvalidPassword):
        accounts.add(session, "x", "x", Role.VIEWER, factories.agency_id(session), "ngắn", now())
    official(session)
    with pytest.raises(InvalidPassword):
        accounts.reset_password(session, SECRET, "hanh", "ngắn", NOON)
