"""Every visit goes through one small application: its headers, its language, its packing, and what it looks up."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Comment, Invitation, Placement, Response
from survey.organisation import agencies
from survey.periods import local_day, month_of, now
from survey.results import counts
from survey.results.scope import scope_for
from survey.security.tokens import new_token
from survey.web.citizen.app import Mounted
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.pages import check_page, hidden, receipt_on
from tests.support.statements import Statement, statements

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
EVERYTHING = {"S1": "5", "S2": "4", "S3": "3", "S4": "2", "S5": "1", "S6": "2", "S8": "  Nhanh,\r\ngọn 👍 "}
ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@pytest.fixture(params=["link", "code"])
def address(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def test_every_reply_carries_the_same_headers_once_and_no_session(client: FlaskClient, address: str) -> None:
    asked = client.get(address)
    form = {**hidden(asked), "S1": "5"}
    replies = [asked, client.post(address, data={**form, "S1": "6"}), client.post(address, data=form)]
    replies += [client.get("/r/" + "x" * 22), client.delete(address), client.get("/q/a/b"), client.get("/unsent")]
    assert [reply.status_code for reply in replies] == [200, 422, 200, 404, 405, 404, 200]
    for reply in replies:
        names = [name for name, _value in reply.headers]
        assert len(names) == len(set(names)) and "Set-Cookie" not in names
        assert {name: reply.headers[name] for name in ALWAYS} == ALWAYS
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "Allow" in replies[4].headers


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("", False), ("gzip, br", True), ("gzip;q=0", False), ("*", True), ("identity, gzip;q=0.1", True)],
)
def test_a_page_is_packed_for_whoever_takes_it(client: FlaskClient, address: str, accepted: str, packed: bool) -> None:
    reply = client.get(address, headers={"Accept-Encoding": accepted} if accepted else {})
    assert (reply.headers.get("Content-Encoding") == "gzip") is packed
    assert int(reply.headers["Content-Length"]) == len(reply.data)
    page = gzip.decompress(reply.data) if packed else reply.data
    plain = client.get(address).data
    fresh = re.compile(rb'name="(key|csrf_token)" value="[^"]*"')
    assert fresh.sub(b"", page) == fresh.sub(b"", plain)


@pytest.mark.parametrize(
    ("cookie", "query", "field", "language"),
    [
        ("", "", "", "vi"),
        ("lang=en; other=1", "", "", "en"),
        ("lang=xx", "", "", "vi"),
        ("=;;lang", "", "", "vi"),
        ("lang=vi", "?lang=en", "", "en"),
        ("lang=en", "?lang=en", "vi", "vi"),
        ("lang=en", "", "xx", "en"),
    ],
)
def test_the_form_says_the_language_then_the_address_then_the_cookie(
    app: Flask, address: str, look: Look, cookie: str, query: str, field: str, language: str
) -> None:
    client = app.test_client(use_cookies=False)  # with a jar of its own it would drop this header
    headers = {"Cookie": cookie} if cookie else {}
    asked = client.get(address + query, headers=headers)
    form = {**hidden(asked), "S1": "4"}
    form.pop("lang")
    thanked = client.post(address + query, data={**form, **({"lang": field} if field else {})}, headers=headers)
    check_page(thanked, language)
    assert look(sa.select(Response.language)) == [(language,)]


def test_what_was_answered_is_stored_in_its_place(client: FlaskClient, address: str, look: Look) -> None:
    sent = {**hidden(client.get(address)), **EVERYTHING, "end": "refused", "waited": "\u0663", "unknown": "x"}
    assert client.post(address, data=sent).status_code == 200
    (row,) = look(sa.select(Response.__table__))
    rated = (row.overall, row.r1, row.r2, row.r3, row.r4, row.r5, row.r6)
    assert rated == (5, 4, 3, 2, 1, 2, None)
    assert (row.other, row.counted, row.amends) == ({"end": "refused"}, True, False)
    assert abs((row.submitted_at - dt.datetime.now(dt.UTC)).total_seconds()) < 120
    assert look(sa.select(Comment.question, Comment.text)) == [("S8", "Nhanh,\ngọn 👍")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://e.vn"}, 403),
        ({"Origin": "http://["}, 403),
    ],
)
def test_a_form_of_another_site_is_refused(
    client: FlaskClient, address: str, look: Look, headers: dict[str, str], status: int
) -> None:
    sent = client.post(address, data={**hidden(client.get(address)), "S1": "5"}, headers=headers)
    assert sent.status_code == status
    check_page(sent)
    assert len(look(sa.select(Response.id))) == (status == 200)


def test_a_form_may_come_in_parts_with_a_file_that_nobody_asked_for(
    client: FlaskClient, address: str, look: Look
) -> None:
    sent = {**hidden(client.get(address)), "S1": "5", "file": (io.BytesIO(b"x"), "x.txt")}
    assert client.post(address, data=sent, content_type="multipart/form-data").status_code == 200
    assert look(sa.select(Response.overall)) == [(5,)]


@pytest.fixture
def seen() -> Iterator[list[Statement]]:
    """What is asked of the database, by whichever of its engines."""
    with statements() as listed:
        yield listed


def test_a_code_that_a_queue_is_using_is_looked_up_once(client: FlaskClient, code: str, seen: list[Statement]) -> None:
    client.get(code)
    assert seen
    seen.clear()
    for _ in range(3):
        assert client.get(code).status_code == 200
    assert seen == []


@pytest.mark.parametrize(("written", "most"), [({}, 1), ({"S8": "Nhanh gọn."}, 2)])
def test_an_answer_there_is_one_statement_and_what_was_written_another(
    client: FlaskClient, code: str, seen: list[Statement], look: Look, written: dict[str, str], most: int
) -> None:
    first = client.post(code, data={**hidden(client.get(code)), "S1": "4"})  # of this process
    assert first.status_code == 200
    asked = hidden(client.get(code))
    seen.clear()
    assert client.post(code, data={**asked, "S1": "5", **written}).status_code == 200
    assert len(seen) == most
    assert look(sa.select(Response.overall).order_by(Response.id)) == [(4,), (5,)]
    assert client.post(code, data={**asked, "S1": "5", **written}).status_code == 200, "the same again"
    assert look(sa.select(Response.overall).order_by(Response.id)) == [(4,), (5,)]


def test_a_placement_that_is_switched_off_is_refused_at_the_latest_when_the_page_is_read_again(
    app: Flask, client: FlaskClient, session: Session, look: Look, code: str
) -> None:
    asked = hidden(client.get(code))
    session.execute(sa.update(Placement).values(enabled=False))
    session.commit()
    forget(survey_of(app))  # some seconds later
    refused = client.post(code, data={**asked, "S1": "5", "S8": "Xin giữ lại"})
    assert refused.status_code == client.get(code).status_code == 404
    assert "Xin giữ lại" in check_page(refused).words
    assert look(sa.select(Response.id)) == []


def test_an_expired_link_is_refused_and_gives_back_what_was_written(client: FlaskClient, session: Session) -> None:
    token = factories.invitation(session, when=dt.datetime.now(dt.UTC) - dt.timedelta(days=6, hours=23), days=7)
    session.commit()
    asked = hidden(client.get(f"/r/{token}"))
    session.execute(sa.text("UPDATE invitation SET expires_at = issued_at"))
    session.commit()
    refused = client.post(f"/r/{token}", data={**asked, "S1": "5", "S8": "Xin giữ lại"})
    assert refused.status_code == client.get(f"/r/{token}").status_code == 410
    assert "Xin giữ lại" in check_page(refused).words


@pytest.mark.parametrize("answered", [True, False])
def test_a_closed_link_is_headed_by_the_fact_and_is_no_error(
    client: FlaskClient, session: Session, link: str, answered: bool
) -> None:
    if answered:
        client.post(link, data={**hidden(client.get(link)), "S1": "4"})
    session.execute(sa.text("UPDATE invitation SET expires_at = issued_at"))
    session.commit()
    ended = local_day(session.scalars(sa.select(Invitation.expires_at)).one())
    page = client.get(link)
    fact = "Ông/Bà đã trả lời rồi" if answered else f"Đã hết hạn trả lời từ ngày {ended:%d/%m/%Y}"
    assert f"<h1>{fact}</h1>" in page.text and check_page(page).title == fact
    assert ("không cần làm gì thêm" if answered else "cơ quan đã giải quyết hồ sơ") in check_page(page).words


def test_citizens_addresses_are_none_of_the_main_application(app: Flask) -> None:
    mounted = app.wsgi_app.inside
    assert isinstance(mounted, Mounted)
    ours = {rule.rule.split("/")[1] for rule in mounted.citizens.url_map.iter_rules()}
    others = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert ours == {"r", "q", "k", "unsent", "sw.js"}
    assert not ours & others
    assert not mounted.citizens.before_request_funcs and not mounted.citizens.teardown_request_funcs


def test_one_form_gives_one_counted_answer_whatever_keys_are_sent_with_it(
    client: FlaskClient, look: Look, code: str
) -> None:
    form = {**hidden(client.get(code)), "S1": "5"}
    assert client.post(code, data=form).status_code == 200
    for _ in range(5):
        again = client.post(code, data={**form, "key": new_token()})
        assert again.status_code == 400, "the form comes back, with what it takes to send it"
    assert look(sa.select(Response.counted)) == [(True,)]
    assert client.post(code, data={**form, **hidden(again)}).status_code == 200
    assert client.post(code, data={**form, "S1": "1"}).status_code == 200
    assert look(sa.select(Response.overall).where(Response.counted).order_by(Response.overall)) == [(1,), (5,)]


def test_a_field_that_nobody_sees_marks_the_answer_and_drops_nothing(
    client: FlaskClient, look: Look, code: str
) -> None:
    for filled in ("", "https://example.org"):
        page = client.get(code)
        assert 'name="website"' in page.text
        assert client.post(code, data={**hidden(page), "S1": "5", "website": filled}).status_code == 200
    assert look(sa.select(Response.trapped, Response.counted).order_by(Response.id)) == [(False, True), (True, True)]


def test_a_test_link_leads_the_whole_way_and_its_answers_never_count(
    client: FlaskClient, session: Session, look: Look
) -> None:
    placement = factories.placement(session, code="TRYOUT")
    placement.test = True
    session.commit()
    path, sent = "/q/TRYOUT", {**EVERYTHING, "S8": "Thử trước ngày khai trương"}
    thanks = client.post(path, data={**hidden(client.get(path)), "S1": "5"})
    assert (
        "never counted"
        in check_page(client.post(path, data={**hidden(client.get(f"{path}?lang=en")), **sent}), "en").words
    )
    receipt = receipt_on(check_page(thanks))
    more = client.post(path, data={**hidden(thanks), "S2": "4"})
    assert more.status_code == 200
    assert "never counted" in check_page(client.get(f"/receipt/{receipt}?lang=en"), "en").words
    assert look(sa.select(Response.counted)) == [(False,)] * 3
    october = scope_for(session, month_of(local_day(now()), "calendar"), agencies.root(session).id)
    assert counts.cells(session, october, ()).to_dict("records")[0]["answered"] == 0
