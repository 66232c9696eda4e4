"""An account's holder is told by e-mail of what changes about signing in, at a confirmed address and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import mail_address
from survey.delivery import notices
from survey.models import Delivery, Role, Staff
from survey.security import sealing
from tests.support.factories import SECRET
from tests.support.officials import PASSWORD, found, official, send, sign_in
from tests.support.province import TODAY
from tests.support.second_factor import PAGE, set_up_app


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


def enter(session: Session, account: Staff, confirmed: bool) -> None:
    mail_address.save(session, SECRET, account, "hanh@vinhlong.example", "vi", TODAY)
    account.email_confirmed = confirmed
    session.commit()


def mails(session: Session) -> list[dict[str, str]]:
    rows = found(session, sa.select(Delivery).order_by(Delivery.id))
    sealed = [sealing.unseal(SECRET, notices.PURPOSE, row.payload, row.key.encode()) for row in rows]
    session.rollback()  # what was read once more
    return [json.loads(plain or b"{}") for plain in sealed]


def test_each_change_is_told_with_what_to_do_if_it_was_somebody_else(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    enter(session, official(session), confirmed=True)
    sign_in(client)
    set_up_app(client)
    clock.shift(60)
    send(client, f"{PAGE}/recovery-codes", PAGE)
    send(client, f"{PAGE}/app/remove", PAGE)
    send(client, "/staff/account/password", current=PASSWORD, new="câu mới cũng dài và dễ")
    told = mails(session)
    assert [mail["address"] for mail in told] == ["hanh@vinhlong.example"] * 4
    words = ("Đã thiết lập xác thực", "Đã tạo mã khôi phục mới", "Đã gỡ phương tiện", "mật khẩu")
    assert [word in mail["body"] for mail, word in zip(told, words, strict=True)] == [True] * 4
    assert all("/staff/account" in mail["body"] and "không phải Ông/Bà" in mail["body"] for mail in told)
    assert not [mail for mail in told if "câu mới" in mail["body"]]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # nothing is stored
def test_an_address_that_nobody_has_confirmed_gets_nothing(session: Session, client: FlaskClient) -> None:
    enter(session, official(session), confirmed=False)
    sign_in(client)
    set_up_app(client)
    assert mails(session) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # nothing is asked of the store
def test_another_address_is_told_to_the_one_before(session: Session, client: FlaskClient) -> None:
    enter(session, official(session), confirmed=True)
    sign_in(client)
    send(client, "/staff/alerts/choices", email="ke.gian@vinhlong.example", language="vi")
    first = mails(session)[0]
    assert first["address"] == "hanh@vinhlong.example" and "đổi địa chỉ thư điện tử" in first["body"]
    send(client, "/staff/alerts/choices", email="ke.gian@vinhlong.example", language="en")
    assert [mail["address"] for mail in mails(session)].count("hanh@vinhlong.example") == 1, "it is no new one"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_link_to_a_new_password_and_its_use_are_told_to_whose_account_it_is(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    official(session, "quantri", role=Role.ADMINISTRATOR)
    account = official(session)
    number = account.id
    enter(session, account, confirmed=True)
    sign_in(client, "quantri")
    shown = send(client, f"/staff/accounts/{number}/password", f"/staff/accounts/{number}")
    token = shown.text.partition("/staff/join/")[2][:22]
    assert [mail["address"] for mail in mails(session)] == ["hanh@vinhlong.example"]
    new = "một câu dài chỉ hạnh biết"
    there = app.test_client()
    done = send(there, f"/staff/join/{token}", f"/staff/join/{token}", new=new, again=new)
    assert done.status_code == 200, done.text
    issued, changed = mails(session)
    assert issued["body"] != changed["body"] and "mật khẩu" in changed["body"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("vietnamese")
def test_a_password_that_is_set_by_command_is_told_and_not_said(app: Flask, session: Session) -> None:
    enter(session, official(session), confirmed=True)
    done = app.test_cli_runner().invoke(args=["hailong", "staff", "password", "hanh"])
    password = done.output.partition("chỉ hiển thị lần này: ")[2].split()[0]
    (mail,) = mails(session)
    assert mail["address"] == "hanh@vinhlong.example" and "mật khẩu" in mail["body"]
    assert len(password) > 20 and password not in mail["body"]
