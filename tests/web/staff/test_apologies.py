"""The pages of letters of apology: what waits, one by one and together, on paper, and only one's own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Apology, ApologyStatus, Delivery, MessageKind, Role
from survey.periods import local_day, now
from survey.settings import Settings
from tests.support import factories
from tests.support.apologies import LAN, late_case, tell
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

LIST, TICK = "/staff/apologies", re.compile(r'name="letter" value="([0-9]+ [0-9]+)"')
DAY = dt.timedelta(days=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Letters are switched on, and e-mail carries them."""
    return dataclasses.replace(settings, apologies="on", smtp_host="127.0.0.1", mail_from="xa@example.vn")


@pytest.fixture
def unit(client: FlaskClient, session: Session) -> FlaskClient:
    """A browser of a commune's manager; its commune has three late cases, one without an address."""
    today = local_day(now())
    days = {"received": today - 20 * DAY, "due": today - 9 * DAY, "finished": today - DAY}
    cases = [late_case(number, contact=contact, **days) for number, contact in enumerate((LAN, LAN, None))]
    tell(session, *cases, late_case(9, "H61.51", **days), when=now())
    official(session, "xa", "H61.50", Role.MANAGER)
    sign_in(client, "xa")
    return client


def numbers(session: Session, *, addressed: bool, agency: str = "H61.50") -> list[int]:
    mine = sa.text(f'case_id IN (SELECT id FROM "case" WHERE resolving_agency_id = {_agency(session, agency)})')
    return found(session, sa.select(Apology.id).where(mine, Apology.contact.is_not(None) == addressed))


def _agency(session: Session, code: str) -> int:
    return factories.agency_id(session, code)


def statuses(session: Session, *letters: int) -> list[ApologyStatus]:
    rows = {letter: found(session, sa.select(Apology.status).where(Apology.id == letter))[0] for letter in letters}
    return list(rows.values())


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_keeps_the_rules_of_pages(unit: FlaskClient, session: Session, language: str) -> None:
    (paper,) = numbers(session, addressed=False)
    waiting, _other = numbers(session, addressed=True)
    shown = [(LIST, show) for show in ("waiting", "paper", "other")] + [
        (f"{LIST}/{one}", "") for one in (waiting, paper)
    ]
    for path, show in shown:
        page = check_page(unit.get(path, query_string={"lang": language, "show": show}), language)
        assert LAN not in page.words
    printed = check_page(unit.get(f"{LIST}/{paper}/letter", query_string={"lang": language}), language)
    assert "Thủ tục đăng ký khai sinh" in printed.words and "Độc lập - Tự do - Hạnh phúc" in printed.words
    english = check_page(unit.get(f"{LIST}/{paper}/letter", query_string={"lang": language, "letter": "en"}), language)
    assert "sincerely apologises" in english.words and "Birth registration" in english.words


def test_those_that_are_ticked_are_approved_together_and_what_has_changed_is_left(
    unit: FlaskClient, session: Session
) -> None:
    ticks = TICK.findall(unit.get(LIST).text)
    first, second = (int(tick.partition(" ")[0]) for tick in ticks)
    assert send(unit, f"{LIST}/{first}", step="write", turn=ticks[0].partition(" ")[2], words="Do mất điện.")
    token = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', unit.get(LIST).text)[0]}
    mixed = unit.post(LIST, data={**token, "letter": [*ticks, "x", "1", "999 1", f"{2**62} {2**62}"]})
    assert mixed.status_code == 409 and "Đã duyệt 1 thư" in check_page(mixed).words
    assert statuses(session, first, second) == [ApologyStatus.DRAFTED, ApologyStatus.APPROVED]
    assert unit.post(LIST, data=token).status_code == 422
    fresh = TICK.findall(unit.get(LIST).text)
    assert unit.post(LIST, data={**token, "letter": fresh}).status_code == 303
    assert len(found(session, sa.select(Delivery.id).where(Delivery.kind == MessageKind.LETTER))) == 2
    sent = check_page(unit.get(f"{LIST}?show=sent")).words
    assert sent.count("Nguyễn Thị Hạnh") >= 2 and "Do mất điện." in sent and "Đang chờ" in sent


def test_what_is_wrong_is_marked_and_what_was_typed_stays(unit: FlaskClient, session: Session) -> None:
    waiting, _other = numbers(session, addressed=True)
    one = f"{LIST}/{waiting}"
    refused = send(unit, one, step="write", turn="1", words="Xin gọi 0912345678")
    assert refused.status_code == 422 and "Xin gọi 0912345678" in refused.text and 'id="words-fault"' in refused.text
    assert send(unit, one, step="decline", turn="1", reason="").status_code == 422
    late = send(unit, one, step="decline", turn="99", reason="Người nộp đã xin lùi ngày hẹn.")
    assert late.status_code == 409 and "Người nộp đã xin lùi ngày hẹn." in check_page(late).words
    assert send(unit, one, step="publish", turn="1").status_code == 404
    assert statuses(session, waiting) == [ApologyStatus.DRAFTED]


def test_a_letter_without_an_address_is_printed_handed_over_and_told_so(unit: FlaskClient, session: Session) -> None:
    (paper,) = numbers(session, addressed=False)
    one = f"{LIST}/{paper}"
    assert 'value="approve"' not in unit.get(one).text
    assert send(unit, one, step="approve", turn="1").status_code == 409
    assert send(unit, one, step="hand_over", turn="1").status_code == 303
    assert "Đã trao bản giấy" in check_page(unit.get(one)).words
    assert statuses(session, paper) == [ApologyStatus.HANDED_OVER]
    assert f'href="{one}"' in unit.get(f"{LIST}?show=other").text


def test_another_units_letter_is_none(unit: FlaskClient, session: Session) -> None:
    (foreign,) = numbers(session, addressed=True, agency="H61.51")
    for path in ("", "/letter"):
        assert unit.get(f"{LIST}/{foreign}{path}").status_code == 404
    assert send(unit, f"{LIST}/{foreign}", step="approve", turn="2").status_code == 404
    token = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', unit.get(LIST).text)[0]}
    assert unit.post(LIST, data={**token, "letter": f"{foreign} 2"}).status_code == 409
    assert statuses(session, foreign) == [ApologyStatus.DRAFTED]


def test_who_only_reads_is_offered_no_form(unit: FlaskClient, session: Session) -> None:
    official(session, "xem", "H61.50", Role.AUDITOR)
    sign_in(unit, "xem")
    (paper,) = numbers(session, addressed=False)
    assert 'name="letter"' not in unit.get(LIST).text and 'name="turn"' not in unit.get(f"{LIST}/{paper}").text


def test_the_way_to_the_page_is_shown_only_where_letters_are_switched_on(
    unit: FlaskClient, settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]]
) -> None:
    assert f'href="{LIST}"' in unit.get("/staff/comments").text
    with started(dataclasses.replace(settings, apologies="off")) as other:
        client = other.test_client()
        sign_in(client, "xa")
        assert f'href="{LIST}"' not in client.get("/staff/comments").text
        assert "chưa được bật" in check_page(client.get(LIST)).words
