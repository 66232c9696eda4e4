"""Tasks from figures: made on the page of the figure, beside it in the months that follow, counted in the report."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.models import AuditEntry, Role, SubjectKind, Task, TaskStatus, TaskStep
from survey.periods import parse
from survey.results import closing
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.jobs import file_of
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
READ = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
HERE = {"agency": "H61.50", "period": "2026-10", "basis": "calendar"}
WHAT = "Thêm một quầy nhận hồ sơ vào buổi sáng"
FORM = {"what": WHAT, "due": "2026-11-23", "note": ""}


@pytest.fixture
def answered(session: Session) -> Iterator[None]:
    """October, closed: 24 answers of one commune, twelve of them with a reason, and three of another."""
    for number in range(24):
        unhappy = number % 2
        other = {"S7": ["login"]} if unhappy else {}
        ratings = {"r1": 2 if unhappy else 5}
        factories.response(session, 2 if unhappy else 5, "H61.50", when=NOON, ratings=ratings, other=other)
    for rating in (1, 2, 5):
        factories.response(session, rating, "H61.51", when=NOON)
    closing.close(session, parse("2026-10"), READ, STANDARD)
    with time_machine.travel(READ, tick=True):
        yield


def in_charge(session: Session, client: FlaskClient, login: str = "xa", agency: str = "H61.50") -> int:
    number = official(session, login, agency, Role.MANAGER).id
    sign_in(client, login)
    return number


def ways(client: FlaskClient, page: str) -> list[str]:
    """Return where tasks can be made on a page."""
    shown = client.get(f"{page}?{urlencode(HERE)}")
    assert shown.status_code == 200
    return [html.unescape(one) for one in re.findall(r'href="(/staff/tasks/new[^"]*)"', shown.text)]


def make(
    client: FlaskClient, kind: str, owner: int, key: str = "", agency: str = "H61.50", **more: str
) -> TestResponse:
    address = "/staff/tasks/new?" + urlencode({"kind": kind, "key": key, **HERE, "agency": agency})
    return send(client, address, **{**FORM, "owner": str(owner), **more})


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_of_figures_lead_to_the_form_and_the_task_stands_beside_its_figure_ever_after(
    client: FlaskClient, session: Session, language: str
) -> None:
    me = in_charge(session, client)
    every = {*ways(client, "/staff/"), *ways(client, "/staff/reasons")}
    kinds = re.findall(r"kind=(\w+)", " ".join(every))
    assert set(kinds) == {"verdict", "factor", "reason"}, "24 answers of one month are no trend"
    [address, *_] = [one for one in every if "kind=factor" in one]
    form = client.get(f"{address}&lang={language}")
    check_page(form, language)
    assert '"/staff/reasons?agency=H61.50&amp;period=2026-10&amp;basis=calendar#factors"' in form.text, "the way back"
    assert f'value="{me}" selected' in form.text, "the only one who may do it"
    answer = send(client, address, page=address, **FORM, owner=str(me))
    assert answer.status_code == 303
    check_page(client.get(f"{answer.location}&lang={language}"), language)
    check_page(client.get(f"/staff/tasks?lang={language}"), language)
    for period, there in (("2026-09", False), ("2026-10", True), ("2026-11", False)):
        page = client.get(f"/staff/reasons?period={period}&lang={language}")
        check_page(page, language)
        assert (WHAT in page.text) is there, period  # nobody has answered in September and November
    row = session.scalars(sa.select(Task)).one()
    assert (row.kind, row.period_code) == (SubjectKind.FACTOR, "2026-10") and f"key={row.subject_key}" in address
    assert found(session, sa.select(AuditEntry.act).where(AuditEntry.act.like("task.%"))) == ["task.added"]


@pytest.mark.usefixtures("answered")
def test_a_task_is_done_with_a_result_and_every_step_is_kept(client: FlaskClient, session: Session) -> None:
    me = in_charge(session, client)
    one = make(client, "verdict", me).location.partition("?")[0]
    form = {"owner": str(me), "due": "2026-11-23", "note": "", "turn": "1"}
    refused = send(client, one, page=one, **form, status="done", result="")
    check_page(refused)
    assert refused.status_code == 422 and refused.text.count('class="fault" id=') == 1
    assert send(client, one, page=one, **form, status="open", result="Đã xong").status_code == 422
    done = send(client, one, page=one, **form, status="done", result="Đã thêm quầy từ ngày 16.")
    assert done.status_code == 303
    second = send(client, one, page=one, **form, status="dropped", result="Câu của người thứ hai")
    assert second.status_code == 409 and "Câu của người thứ hai" in second.text
    check_page(second)
    page = client.get(f"/staff/?{urlencode(HERE)}").text
    assert "Đã thêm quầy từ ngày 16." in page and 'class="status done"' in page
    with time_machine.travel(READ + dt.timedelta(days=6), tick=True):  # within the week of a second factor
        sign_in(client, "xa")
        page = client.get(f"/staff/?{urlencode(HERE)}").text
        assert 'class="status done"' in page and 'class="status late"' not in page, "what is done is never overdue"
    assert found(session, sa.select(TaskStep.turn)) == [1, 2]
    assert found(session, sa.select(Task.status)) == [TaskStatus.DONE]
    again = send(client, one, page=one, **{**form, "turn": "2"}, status="open", result="")
    assert again.status_code == 303 and found(session, sa.select(Task.settled_day)) == [None]


@pytest.mark.usefixtures("answered")
def test_what_is_wrong_is_marked_and_nothing_that_was_typed_is_lost(client: FlaskClient, session: Session) -> None:
    in_charge(session, client)
    other = official(session, "khac", "H61.51", Role.MANAGER).id
    refused = make(client, "verdict", other, what="Gọi bà Lan 0987612345", due="2026-11-24", note="ghi <b>")
    page = check_page(refused)
    assert refused.status_code == 422 and page.title.startswith("Lỗi:")
    for words in ("Gọi bà Lan 0987612345", "[số điện thoại]", "2026-11-24", "ghi &lt;b&gt;"):
        assert words in refused.text
    assert refused.text.count('class="fault" id=') == 3 == refused.text.count('aria-invalid="true"')
    assert not found(session, sa.select(Task.id))


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("login", ["xa", "tinh"])
def test_no_task_comes_of_a_figure_that_the_unit_is_not_shown_whoever_wants_it(
    client: FlaskClient, session: Session, login: str
) -> None:
    me = in_charge(session, client, login, {"xa": "H61.51", "tinh": "H61"}[login])
    for kind, key in (("verdict", ""), ("verdict", "1.001193"), ("trend", ""), ("factor", "S2"), ("reason", "login")):
        address = "/staff/tasks/new?" + urlencode({"kind": kind, "key": key, **HERE, "agency": "H61.51"})
        refused = client.get(address)
        check_page(refused)
        assert refused.status_code == 409, (kind, key)
        assert make(client, kind, me, key, "H61.51").status_code == 409
    assert not found(session, sa.select(Task.id))
    assert client.get("/staff/tasks/new?kind=other").status_code == 404


@pytest.mark.usefixtures("answered")
def test_the_province_makes_no_task_of_what_it_alone_is_shown_of_a_unit(client: FlaskClient, session: Session) -> None:
    for _ in range(24):
        factories.response(session, 2, "H61.50", when=READ - dt.timedelta(days=9))
    me = in_charge(session, client, "tinh", "H61")
    november = {"period": "2026-11", "basis": "calendar", "kind": "verdict", "key": "1.001193"}
    for agency, status in (("H61.50", 409), ("H61", 200)):
        address = "/staff/tasks/new?" + urlencode({**november, "agency": agency})
        assert client.get(address).status_code == status, "the unit sees rows when it is closed"
        sent = send(client, address, **FORM, owner=str(me))
        assert sent.status_code == {409: 409, 200: 303}[status]
    assert len(found(session, sa.select(Task.id))) == 1


def test_no_task_comes_of_a_reason_that_too_few_gave(client: FlaskClient, session: Session) -> None:
    for number in range(24):
        reasons = ["login", "form"] if number < 4 else ["login"]
        factories.response(session, 2, "H61.50", when=NOON, other={"S7": reasons})
    closing.close(session, parse("2026-10"), READ, STANDARD)
    with time_machine.travel(READ, tick=True):
        me = in_charge(session, client)
        for key, status in (("login", 303), ("form", 409), ("attitude", 409)):
            assert make(client, "reason", me, key).status_code == status, key


@pytest.mark.usefixtures("answered")
def test_a_unit_sees_its_own_tasks_and_the_province_all_of_them(client: FlaskClient, session: Session) -> None:
    me = in_charge(session, client)
    one = make(client, "reason", me, "login").location.partition("?")[0]
    other, province, auditor = (client.application.test_client() for _ in range(3))
    in_charge(session, other, "khac", "H61.51")
    in_charge(session, province, "tinh", "H61")
    official(session, "kiem", "H61", Role.AUDITOR)
    sign_in(auditor, "kiem")
    assert other.get(one).status_code == 404 and WHAT not in other.get("/staff/tasks").text
    form = {"owner": str(me), "due": "2026-11-23", "note": "x", "turn": "1", "status": "open", "result": ""}
    assert send(other, one, **form).status_code == 404
    assert WHAT in province.get("/staff/tasks").text and WHAT not in province.get("/staff/tasks?show=mine").text
    assert WHAT in client.get("/staff/tasks?show=mine").text
    assert send(province, one, **form).status_code == 303
    page = auditor.get(one)
    assert page.status_code == 200 and 'name="result"' not in page.text
    assert "/staff/tasks/new" not in auditor.get(f"/staff/reasons?{urlencode(HERE)}").text
    for day, late in (("2026-11-23", False), ("2026-11-24", True)):
        with time_machine.travel(dt.datetime.fromisoformat(f"{day}T01:00:00+00:00"), tick=True):
            sign_in(client, "xa")
            pages = [client.get(address).text for address in ("/staff/tasks?show=late", one)]
            assert [('class="status late"' in page) for page in pages] == [late, late], "on its day it is not overdue"
            assert (WHAT in pages[0]) is late


@pytest.mark.usefixtures("answered")
def test_the_report_counts_tasks_and_lists_them_in_its_annex(client: FlaskClient, session: Session) -> None:
    me = in_charge(session, client)
    make(client, "verdict", me)
    report = {**HERE, "lang": "vi"}
    figures = json.loads(file_of(client, "/staff/report", **report, format="json").data)
    assert figures["tasks"] == {"open": 1, "late": 0, "done": 0, "dropped": 0}
    document = file_of(client, "/staff/report", **report, format="docx").data
    assert WHAT in _words(document)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the trend is counted in Python
def test_a_signal_of_the_trend_leads_to_a_task_that_stands_there_in_the_next_month(
    client: FlaskClient, session: Session
) -> None:
    for place, month in enumerate(["2024-12", *(f"2025-{number:02}" for number in range(1, 13))]):
        when = dt.datetime.fromisoformat(f"{month}-14T05:00:00+00:00")
        for _ in range(10):
            factories.response(session, 2 if place < 6 else 5, "H61.50", when=when)
        closing.close(session, parse(month), READ, STANDARD)
    with time_machine.travel(READ, tick=True):
        me = in_charge(session, client)
        page = client.get("/staff/?agency=H61.50&period=2025-11").text
        [address] = [html.unescape(one) for one in re.findall(r'href="(/staff/tasks/new\?kind=trend[^"]*)"', page)]
        assert send(client, address, **FORM, owner=str(me)).status_code == 303
        later = client.get("/staff/?agency=H61.50&period=2025-12").text
        assert WHAT in later.partition('id="movement"')[2] and WHAT not in later.partition('id="movement"')[0]


def _words(document: bytes) -> str:
    import io

    import docx

    tables = docx.Document(io.BytesIO(document)).tables
    return " ".join(cell.text for table in tables for row in table.rows for cell in row.cells)


@pytest.mark.usefixtures("answered")
def test_a_step_that_changes_nothing_is_none_and_is_said_to_be_none(session: Session, client: FlaskClient) -> None:
    me = in_charge(session, client)
    path = make(client, "verdict", me).headers["Location"].partition("?")[0]
    form = {"owner": str(me), "due": FORM["due"], "status": "open", "result": "", "turn": "1"}
    same = send(client, path, **form, note="")
    assert "Không có gì thay đổi nên không ghi thêm bước nào." in check_page(client.get(same.headers["Location"])).words
    noted = send(client, path, **form, note="Đã gọi")
    assert "Đã lưu." in check_page(client.get(noted.headers["Location"])).words
    assert len(session.scalars(sa.select(TaskStep)).all()) == 2
