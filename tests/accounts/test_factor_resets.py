"""Who has lost every second factor: two administrators of the province, or the command on the machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry, Authenticator, FactorReset, Role, Staff
from survey.settings import Settings
from tests.support.commands import hailong
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page
from tests.support.second_factor import PAGE, set_up_app

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)
RESETS = "/staff/factor-resets"
WHY = "Mất điện thoại, đã gặp trực tiếp"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def people(app: Flask, session: Session) -> dict[str, FlaskClient]:
    """Two administrators and a manager who has an app, each signed in."""
    clients = {}
    for login, role in (("one", Role.ADMINISTRATOR), ("two", Role.ADMINISTRATOR), ("hanh", Role.MANAGER)):
        official(session, login, role=role)
        clients[login] = app.test_client()
        sign_in(clients[login], login)
    set_up_app(clients["hanh"])
    return clients


def number(session: Session, login: str = "hanh") -> int:
    return int(found(session, sa.select(Staff.id).where(Staff.login_key == login))[0])


def decide(client: FlaskClient, session: Session, decision: str = "agree") -> int:
    return send(client, f"{RESETS}/{number(session)}", RESETS, decision=decision).status_code


def test_one_asks_another_agrees_and_the_account_begins_anew(
    app: Flask, session: Session, people: dict[str, FlaskClient]
) -> None:
    asked = send(people["one"], RESETS, RESETS, login="hanh", reason=WHY)
    assert asked.status_code == 303, asked.text
    assert WHY in check_page(people["two"].get(RESETS)).words
    assert decide(people["one"], session) == 409, "not whoever asked"
    assert decide(people["hanh"], session) == 403, "nor the account itself"
    assert decide(people["two"], session) == 303
    assert found(session, sa.select(Authenticator)) == []
    assert people["hanh"].get("/staff/account").status_code == 302, "its sessions have ended"
    fresh = app.test_client()
    assert sign_in(fresh).location == "/staff/", "the password alone is enough"
    assert fresh.get("/staff/units").location == PAGE, "to set up another factor at once"
    acts = found(
        session, sa.select(AuditEntry.act).where(AuditEntry.act.startswith("factor_reset")).order_by(AuditEntry.id)
    )
    assert acts == ["factor_reset.asked", "factor_reset.agreed"]


def test_a_request_is_dropped_ends_after_a_day_and_is_for_accounts_with_a_factor(
    session: Session, people: dict[str, FlaskClient], clock: time_machine.Traveller
) -> None:
    for login, words in (("two", "không có phương tiện"), ("nobody", "nobody"), ("one", "chính mình")):
        refused = send(people["one"], RESETS, RESETS, login=login, reason=WHY)
        assert refused.status_code == 422 and words in check_page(refused).words
        assert WHY in refused.text, "what was typed is kept"
    send(people["one"], RESETS, RESETS, login="hanh", reason=WHY)
    assert decide(people["one"], session, "decline") == 303
    assert decide(people["two"], session) == 404
    send(people["one"], RESETS, RESETS, login="hanh", reason=WHY)
    clock.shift(dt.timedelta(days=1))
    sign_in(people["two"], "two")
    assert decide(people["two"], session) == 404
    assert len(found(session, sa.select(FactorReset))) == 1
    assert len(found(session, sa.select(Authenticator))) == 1


def test_an_administrator_of_a_unit_has_no_part_in_it(app: Flask, session: Session) -> None:
    official(session, agency="H61.50", role=Role.ADMINISTRATOR)
    client = app.test_client()
    sign_in(client)
    assert client.get(RESETS).status_code == 403
    assert RESETS not in client.get("/staff/account").text


def test_the_command_is_for_where_there_is_one_administrator(
    settings: Settings, session: Session, people: dict[str, FlaskClient]
) -> None:
    given = {"DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key}
    done = hailong("staff", "forget-factor", "hanh", **given)
    assert done.returncode == 0, done.stderr
    assert found(session, sa.select(Authenticator)) == []
    assert people["hanh"].get("/staff/account").status_code == 302
    assert "factor.removed" in found(session, sa.select(AuditEntry.act).where(AuditEntry.staff_id.is_(None)))
