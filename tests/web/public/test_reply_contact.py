"""Whoever wrote a comment may leave an address for the answer: by own consent, and everything typed comes back."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.app import create_app
from survey.db.engine import Lock, exclusively
from survey.db.patience import Patience
from survey.models import AuditEntry, ReplyContact, Role
from survey.settings import Settings
from survey.web import reply_form
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import official, sign_in
from tests.support.pages import check_page, hidden, receipt_on

CANARY = "canary.lan@example.vn"
FORM = re.compile(
    r'<form method="post" action="(/receipt/[^"]+/contact(?:/withdrawal)?\?lang=[a-z]+)".*?</form>', re.DOTALL
)
PROOF = re.compile(r'name="csrf_token" value="([^"]+)"')


def thanked(
    client: FlaskClient, session: Session, comment: str = "Phải đi lại ba lần", rating: str = "2"
) -> TestResponse:
    path = f"/r/{factories.invitation(session)}"
    session.commit()
    return client.post(path, data={**hidden(client.get(path)), "S1": rating, "S8": comment})


def send(
    client: FlaskClient,
    page: TestResponse,
    language: str = "vi",
    headers: dict[str, str] | None = None,
    **fields: str,
) -> TestResponse:
    form = FORM.search(page.text)
    assert form is not None
    proof = PROOF.search(form.group())
    assert proof is not None
    path = form.group(1).replace("?lang=vi", f"?lang={language}")
    return client.post(path, data={"csrf_token": html.unescape(proof.group(1)), **fields}, headers=headers)


def kept(session: Session) -> int:
    number = session.scalar(sa.select(sa.func.count()).select_from(ReplyContact)) or 0
    session.rollback()
    return number


def test_an_address_is_left_by_consent_and_withdrawn_again(client: FlaskClient, session: Session) -> None:
    page = thanked(client, session)
    check_page(page)
    assert not re.search(r'name="consent"[^>]* checked', page.text), "nobody is taken to agree"
    left = send(client, page, address=f" {CANARY} ", consent="yes")
    assert left.status_code == 303 and kept(session) == 1
    there = client.get(left.location)
    check_page(there)
    assert "Ông/Bà đã để lại" in there.text and CANARY not in there.text
    gone = send(client, there)
    assert gone.status_code == 303 and kept(session) == 0
    again = client.get(gone.location)
    check_page(again)
    assert "đã được xóa" in again.text and 'name="address"' in again.text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"address": "lan@", "consent": "yes"}, "address-fault"),
        ({"address": CANARY}, "consent-fault"),
        ({"address": "0123", "consent": ""}, "address-fault"),
        ({}, "consent-fault"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost_or_kept(
    client: FlaskClient, session: Session, fields: dict[str, str], fault: str, language: str
) -> None:
    page = thanked(client, session)
    refused = send(client, page, language, **fields)
    shown = check_page(refused, language)
    assert refused.status_code == 422 and f'id="{fault}"' in refused.text and kept(session) == 0
    assert shown.title.startswith({"vi": "Lỗi:", "en": "Error:"}[language])
    assert f'href="#{fault.removesuffix("-fault")}"' in refused.text, "the summary leads to the field"
    assert f'name="address" value="{fields.get("address", "")}"' in refused.text
    assert bool(re.search(r'name="consent"[^>]* checked', refused.text)) == (fields.get("consent") == "yes")


def test_a_form_from_elsewhere_or_of_long_ago_keeps_nothing(client: FlaskClient, session: Session) -> None:
    page = thanked(client, session)
    form = FORM.search(page.text)
    assert form is not None
    sent = {"address": CANARY, "consent": "yes"}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert client.post(form.group(1), data=sent, headers=foreign).status_code == 403
    forged = client.post(form.group(1), data={**sent, "csrf_token": "00.abc"})
    assert forged.status_code == 400 and CANARY in forged.text and kept(session) == 0
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25), tick=True):
        old = send(client, page, **sent)
        assert old.status_code == 400 and kept(session) == 0
        assert send(client, old, **sent).status_code == 303 and kept(session) == 1, "what came back can be sent"
    assert client.post("/receipt/0000-0000-0000-0000/contact", data=sent).status_code == 404


def test_a_browser_inside_another_app_which_may_not_say_where_it_is_can_leave_an_address_and_withdraw_it(
    client: FlaskClient, session: Session
) -> None:
    opaque = {"Origin": "null"}
    left = send(client, thanked(client, session), headers=opaque, address=CANARY, consent="yes")
    assert left.status_code == 303 and kept(session) == 1
    assert send(client, client.get(left.location), headers=opaque).status_code == 303 and kept(session) == 0


def test_nobody_agrees_to_other_words_than_the_page_had(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = thanked(client, session)
    monkeypatch.setattr("survey.web.reply_form.CONSENT_VERSION", reply_form.CONSENT_VERSION + 1)
    sent = {"address": CANARY, "consent": "yes"}
    old = send(client, page, **sent)
    check_page(old)
    assert old.status_code == 400 and CANARY in old.text and kept(session) == 0
    assert not re.search(r'name="consent"[^>]* checked', old.text), "the words of today are still to be agreed to"
    assert send(client, old, **sent).status_code == 303 and kept(session) == 1


def test_an_address_that_cannot_be_kept_just_now_comes_back_on_the_page_that_says_so(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = thanked(client, session)
    monkeypatch.setattr("survey.web.front_door.CITIZEN", Patience(statement=2.5, lock=0.2))
    with survey_of(app).database.session(writes=True) as cutting:
        cutting.execute(sa.select(1))
        exclusively(cutting, Lock.LINKS)
        refused = send(client, page, address=CANARY, consent="yes")
    check_page(refused)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10") and CANARY in refused.text
    assert send(client, page, address=CANARY, consent="yes").status_code == 303 and kept(session) == 1


@pytest.mark.parametrize("address", ["\0", "a\r\nBcc: x@y.vn", "x" * 5000, "=1+1@a.vn", "<b>@a.vn", "a@b.vn\u202e"])
def test_no_strange_sign_is_kept_or_sent(client: FlaskClient, session: Session, address: str) -> None:
    refused = send(client, thanked(client, session), address=address, consent="")
    assert refused.status_code == 422 and "<b>" not in check_page(refused).words and kept(session) == 0
    answered = send(client, refused, address=address, consent="yes")
    assert answered.status_code == (303 if address.startswith("a@b.vn") else 422)


def test_nobody_is_asked_for_an_address_without_a_comment(client: FlaskClient, session: Session) -> None:
    page = thanked(client, session, comment="")
    assert 'name="address"' not in page.text
    assert 'name="address"' not in client.get(f"/receipt/{receipt_on(check_page(page))}").text


def test_only_addresses_that_something_can_be_sent_to_are_taken(settings: Settings, session: Session) -> None:
    by_mail = replace(settings, smtp_host="127.0.0.1", mail_from="khaosat@example.vn")
    app = create_app(by_mail)
    with survey_of(app).database:
        client = app.test_client()
        page = thanked(client, session)
        check_page(page)
        refused = send(client, page, address="0987612345", consent="yes")
        assert refused.status_code == 422 and "qua thư điện tử" in check_page(refused).words and kept(session) == 0
        assert send(client, refused, address=CANARY, consent="yes").status_code == 303


def test_the_address_is_on_no_page_of_officials_and_not_on_record(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    assert send(client, thanked(client, session), address=CANARY, consent="yes").status_code == 303
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    assert len(rules) > 20
    for rule in rules:
        assert CANARY.encode() not in client.get(rule.rule).data, rule.rule
    session.expire_all()
    assert not [entry for entry in session.scalars(sa.select(AuditEntry)) if CANARY in repr(entry.about)]
