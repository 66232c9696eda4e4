"""Wrong passwords slow down whoever tries them, wherever they are counted, and lock nobody out from elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import sign_in_limits
from survey.accounts.sign_in_limits import ADDRESS, LOGIN, PAIR
from survey.errors import SignInRefused, TooManyTries
from survey.models import AuditEntry, Role, SignInFailure
from survey.web.survey import survey_of
from tests.support.dumps import tables
from tests.support.officials import PASSWORD, attempt, found, official, send, sign_in
from tests.support.pages import check_page

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)
WRONG = "sai mật khẩu rồi nhé"
ATTACKER, HOME = {"REMOTE_ADDR": "198.51.100.6"}, {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def at(app: Flask, place: dict[str, str]) -> FlaskClient:
    client = app.test_client()
    client.environ_base.update(place)
    return client


def wrong(app: Flask, times: int, login: str = "hanh", address: str = "198.51.100.6", when: dt.datetime = NOON) -> int:
    """Try a wrong password so often, and return how often that was judged."""
    judged = 0
    for _ in range(times):
        try:
            attempt(app, WRONG, when, login, address)
        except SignInRefused:
            judged += 1
        except TooManyTries:
            continue
    return judged


def test_whoever_is_wrong_five_times_waits_a_quarter_of_an_hour_and_nobody_else_does(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    official(session)
    attacker, owner = at(app, ATTACKER), at(app, HOME)
    for _ in range(PAIR):
        refused = sign_in(attacker, password=WRONG)
        assert refused.status_code == 422
        assert 'value="hanh"' in refused.text, "the login that was typed is kept"
    stopped = sign_in(attacker)
    assert (stopped.status_code, stopped.headers["Retry-After"]) == (429, "901"), "even with the right password"
    check_page(stopped)
    assert sign_in(owner).status_code == 303, "from elsewhere"
    clock.shift(dt.timedelta(minutes=15, seconds=1))
    assert sign_in(attacker).status_code == 303
    acts = found(
        session,
        sa.select(AuditEntry.act)
        .where(AuditEntry.act.in_(("session.refused", "session.locked")))
        .order_by(AuditEntry.id),
    )
    assert sorted(acts) == ["session.locked", *["session.refused"] * PAIR]


def test_a_login_that_nobody_has_is_stopped_just_the_same(app: Flask, session: Session) -> None:
    official(session)
    client = at(app, ATTACKER)
    pages = [[sign_in(client, login, WRONG) for _ in range(PAIR + 1)] for login in ("hanh", "nobody")]
    assert [page.status_code for page in pages[0]] == [page.status_code for page in pages[1]]
    assert check_page(pages[0][-1]).words == check_page(pages[1][-1]).words


def test_one_password_on_many_logins_does_not_pay(app: Flask, session: Session) -> None:
    official(session)
    assert sum(wrong(app, 1, f"login-{number}") for number in range(ADDRESS + 10)) == ADDRESS
    assert attempt(app, PASSWORD, NOON, address="203.0.113.7")


def test_one_address_that_tries_logins_slowly_is_stopped_for_the_day(app: Flask, session: Session) -> None:
    official(session)
    quarters = [NOON + number * (sign_in_limits.SHORT + dt.timedelta(seconds=1)) for number in range(8)]
    judged = [
        sum(wrong(app, 1, f"login-{quarter}-{number}", when=when) for number in range(ADDRESS))
        for quarter, when in enumerate(quarters)
    ]
    assert judged == [ADDRESS] * 5 + [0] * 3
    assert sum(judged) == sign_in_limits.ADDRESS_DAY
    assert attempt(app, PASSWORD, quarters[-1], address="203.0.113.7"), "everybody else signs in"
    assert wrong(app, 1, "login", when=NOON + sign_in_limits.DAY) == 1


@pytest.mark.parametrize("own", ["2001:db8:1:2::%x", "203.0.113.9"])
def test_an_address_is_a_network_that_one_visitor_has(app: Flask, session: Session, own: str) -> None:
    official(session)
    addresses = [own % number if "%" in own else own for number in range(PAIR + 1)]
    assert sum(wrong(app, 1, address=address) for address in addresses) == PAIR


def test_many_addresses_stop_strangers_at_a_hundred_but_not_a_browser_that_was_right_before(
    app: Flask, session: Session
) -> None:
    official(session)
    owner, new = at(app, HOME), at(app, HOME)
    assert sign_in(owner).status_code == 303
    send(owner, "/staff/sign-out")
    with survey_of(app).database.session(writes=True) as writing:
        for number in range(LOGIN):
            limits = sign_in_limits.limits_of(
                survey_of(app).settings.secret_key, "hanh", sign_in_limits.Visitor(f"198.51.{number}.1")
            )
            sign_in_limits.count(writing, limits, dt.datetime.now(dt.UTC))
        writing.commit()
    assert sign_in(new).status_code == 429
    assert sign_in(owner).status_code == 303
    cookie = owner.get_cookie("hailong-browser")
    assert cookie
    new.set_cookie("hailong-browser", cookie.value.replace(":", ":f", 1))
    assert sign_in(new).status_code == 429, "nobody makes such a browser"


def test_tries_at_once_are_all_counted_before_they_are_judged(app: Flask, session: Session) -> None:
    official(session)
    with ThreadPoolExecutor(12) as pool:
        judged = sum(pool.map(lambda _: wrong(app, 3), range(12)))
    assert judged <= PAIR
    [number] = found(session, sa.select(SignInFailure.number).where(SignInFailure.address.is_not(None)).limit(1))
    assert number <= PAIR


def test_guessing_the_current_password_is_stopped_too(app: Flask, session: Session, client: FlaskClient) -> None:
    official(session)
    sign_in(client)
    new = "câu mới cũng dài và dễ"
    pages = [send(client, "/staff/account/password", current=WRONG, new=new) for _ in range(sign_in_limits.BROWSER)]
    assert {page.status_code for page in pages} == {422}
    assert send(client, "/staff/account/password", current=PASSWORD, new=new).status_code == 429
    assert attempt(app, PASSWORD, dt.datetime.now(dt.UTC))


def test_the_province_lets_people_try_again_on_a_page(app: Flask, session: Session, client: FlaskClient) -> None:
    official(session)
    official(session, "province", role=Role.ADMINISTRATOR)
    official(session, "below", "H61.50", Role.ADMINISTRATOR)
    office = at(app, HOME)
    for _ in range(PAIR):
        sign_in(office, password=WRONG)
    assert sign_in(office).status_code == 429
    below = app.test_client()
    sign_in(below, "below")
    assert below.get("/staff/stopped-accounts").status_code == 403
    sign_in(client, "province")
    page = client.get("/staff/stopped-accounts")
    assert "hanh" in check_page(page).words
    [account] = {part.partition('"')[0] for part in page.text.split('action="/staff/stopped-accounts/')[1:]}
    assert send(client, f"/staff/stopped-accounts/{account}").status_code == 303
    assert "hanh" not in check_page(client.get("/staff/stopped-accounts")).words
    assert sign_in(office).status_code == 303
    assert found(session, sa.select(AuditEntry.about).where(AuditEntry.act == "session.unlocked")) == [
        {"staff": int(account)}
    ]


def test_neither_logins_nor_addresses_are_kept_with_the_counts(app: Flask, session: Session) -> None:
    official(session)
    wrong(app, 2, "secret-login", "198.51.100.66")
    session.rollback()
    kept = b"".join(tables(survey_of(app).database).values())
    assert b"secret-login" not in kept
    assert b"198.51.100.66" not in kept
