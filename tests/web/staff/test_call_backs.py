"""The pages of call-backs: planned by the province, sealed once its period is over, and what it says when finished."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import CallBackDesign, CallBackStage, Role
from tests.support.callbacks import AFTER, call_everybody, finish_cases, planner
from tests.support.ledgers import Ledger, ledger
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

__all__ = ["ledger"]
LIST = "/staff/call-backs"
BEFORE = AFTER - dt.timedelta(days=3)
PLAN = {"period": "2026-09", "basis": "calendar", "silent_calls": "12", "answered_calls": "10", "tries": "3"}


@pytest.fixture
def clock() -> object:
    with time_machine.travel(BEFORE, tick=True) as traveller:  # the period is still running
        yield traveller


@pytest.fixture
def browser(session: Session, client: FlaskClient, clock: time_machine.Traveller) -> FlaskClient:
    official(session, "tinh", "H61", Role.MANAGER)
    sign_in(client, "tinh")
    return client


def stage(session: Session) -> CallBackStage:
    [one] = found(session, sa.select(CallBackDesign.stage))
    return CallBackStage(one)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the steps themselves are tried on both
def test_a_call_back_is_planned_sealed_drawn_and_told_on_the_overview(
    browser: FlaskClient, session: Session, ledger: Ledger, clock: time_machine.Traveller
) -> None:
    shown = browser.get(LIST, query_string={"period": "2026-09", "lang": "vi"})
    check_page(shown, "vi")
    assert "Chưa có số liệu về hồ sơ" in shown.text
    one = send(browser, LIST, LIST, **PLAN).headers["Location"]
    assert send(browser, LIST, LIST, **PLAN).status_code == 409, "a period has one"
    finish_cases(session, 60, 20, 18)
    session.commit()
    check_page(browser.get(one), "vi")
    assert send(browser, f"{one}/seal", one, **PLAN).status_code == 409, "the period is not over"
    clock.move_to(AFTER)
    sign_in(browser, "tinh")
    assert "40 hồ sơ chưa có phiếu" in browser.get(one).text
    refused = send(browser, f"{one}/seal", one, **{**PLAN, "silent_calls": "41"})
    assert refused.status_code == 409 and "Chỉ có 40 hồ sơ" in refused.text
    for wrong in ({"tries": "0"}, {"silent_calls": "-1"}, {"answered_calls": "viele"}, {"silent_calls": "5001"}):
        assert send(browser, f"{one}/seal", one, **{**PLAN, **wrong}).status_code == 409
    assert send(browser, f"{one}/seal", one, **PLAN).status_code == 303
    assert stage(session) == CallBackStage.SEALED
    assert send(browser, f"{one}/drop", one).status_code == 409, "what is sealed is not taken back"
    assert "Rút mẫu ngay" not in browser.get(one).text
    ledger.seal(AFTER)
    assert "Rút mẫu ngay" in browser.get(one).text
    assert send(browser, f"{one}/draw", one).status_code == 303
    assert stage(session) == CallBackStage.DRAWN
    under_way = browser.get(one)
    check_page(under_way, "vi")
    assert "hài lòng" not in under_way.text.partition("<main")[2], "nothing of what was said before all is counted"
    with ledger.writing() as writing:
        call_everybody(writing, planner(writing), AFTER, satisfied=7, others=2)
    assert send(browser, f"{one}/finish", one).status_code == 303
    overview = browser.get("/staff/", query_string={"period": "2026-09", "lang": "vi"})
    for page in (browser.get(one), overview):
        check_page(page, "vi")
        assert "rút 12 và hỏi được 12 người; 7 người trong đó hài lòng" in page.text
        assert "2 người cho biết không tự trả lời" in page.text
        assert "chưa kết luận" in page.text, "fewer than thirty were reached"
    english = browser.get("/staff/", query_string={"period": "2026-09", "lang": "en"}).text
    assert "After the call-back" in english and "7 of these are satisfied" in english
    unit = browser.get("/staff/", query_string={"period": "2026-09", "agency": "H61.50", "lang": "vi"}).text
    assert "Sau phúc tra" not in unit, "it says nothing of a part"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_a_plan_can_be_dropped(browser: FlaskClient, session: Session) -> None:
    one = send(browser, LIST, LIST, **PLAN).headers["Location"]
    assert send(browser, f"{one}/drop", one).headers["Location"].endswith(LIST)
    assert found(session, sa.select(CallBackDesign.id)) == []
    assert browser.get(one).status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_only_the_province_sees_and_plans_them(app: Flask, session: Session, browser: FlaskClient) -> None:
    one = send(browser, LIST, LIST, **PLAN).headers["Location"]
    official(session, "xa", "H61.50", Role.MANAGER)
    official(session, "xem", "H61", Role.VIEWER)
    unit, viewer = app.test_client(), app.test_client()
    sign_in(unit, "xa")
    sign_in(viewer, "xem")
    for path in (LIST, one, "/staff/calls"):
        assert unit.get(path).status_code == 403
    assert send(unit, LIST, **PLAN).status_code == 403
    assert [viewer.get(path).status_code for path in (LIST, one, "/staff/calls")] == [200, 200, 403]
    assert send(viewer, LIST, **PLAN).status_code == 403
    assert "Lập kế hoạch phúc tra" not in viewer.get(LIST).text and "call-backs" not in unit.get("/staff/").text


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_what_it_takes_is_reckoned_in_words(browser: FlaskClient, session: Session) -> None:
    finish_cases(session, 60, 20, 18, at=BEFORE - dt.timedelta(days=40))
    session.commit()
    asked = {"period": "2026-09", "margin": "10", "reached": "50", "lang": "vi"}
    page = browser.get(LIST, query_string=asked).text
    assert "Ước tính theo kỳ trước: 60 hồ sơ, 40 hồ sơ chưa có phiếu." in page
    assert "±10 điểm phần trăm" in page and "giờ làm việc" in page
