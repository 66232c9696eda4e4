"""Whatever is sent, there is a clear page in the person's language, the text is kept, and never a fault of ours."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.models import Comment, Response
from survey.security.tokens import new_token
from survey.web.citizen import page_cache
from survey.web.citizen.submission import proof
from tests.support import factories
from tests.support.pages import LEFT_OPEN, check_page, hidden

FORM = "application/x-www-form-urlencoded"
LONG = "Thưa quý cơ quan. " * 6000 + "Hết"


Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]


def kept(look: Look) -> int:
    return int(look(sa.select(sa.func.count()).select_from(Response))[0][0])


def written(look: Look) -> str | None:
    found = look(sa.select(Comment.text))
    return found[0].text if found else None


@pytest.mark.parametrize(
    "path",
    [
        "/r/AAAAAAAAAAAAAAAAAAAAAA",
        "/r/short",
        "/r/" + "x" * 3000,
        "/r/%00%ff%fe",
        "/r/..%2f..%2fetc",
        "/q/NOCODE",
        "/q/%00",
        "/q/' OR 1=1 --",
        "/q/Mã-sai-😀",
        "/receipt/0000-0000-0000-0000",
        "/receipt/%ff%00😀",
        "/receipt?code=" + "9" * 5000,
        "/nowhere",
    ],
)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_wrong_link_or_code_gets_a_clear_page(client: FlaskClient, path: str, language: str) -> None:
    answer = client.get(path, query_string=None if "?" in path else {"lang": language})
    page = check_page(answer, "vi" if "?" in path else language)
    assert answer.status_code == 404
    fact = re.search("<h1>(.+)</h1>", answer.text)
    assert fact and fact[1].endswith(page.title.strip().removeprefix("Lỗi:").removeprefix("Error:").strip())
    assert "Chưa thực hiện được" not in page.words and len(fact[1]) < 80, "the heading is the fact"


def test_posting_to_a_wrong_link_shows_what_was_written(client: FlaskClient, look: Look, link: str) -> None:
    other = f"/r/{new_token()}"
    key = new_token()
    form = {
        "key": key,
        "csrf_token": proof(factories.SECRET, other, factories.ASKED, b"words", key),
        "S1": "1",
        "S8": "Xin giữ lại",
    }
    answer = client.post(other, data=form)
    assert answer.status_code == 404
    assert "Xin giữ lại" in check_page(answer).words
    assert kept(look) == 0


@pytest.mark.parametrize("answered", [False, True])
def test_an_expired_link_says_so_and_shows_what_was_written(
    client: FlaskClient, look: Look, link: str, answered: bool
) -> None:
    form = {**hidden(client.get(link)), "S1": "1", "S8": "Xin giữ lại"}
    if answered:
        client.post(link, data=form)
    before = kept(look)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=8), tick=True):
        looked, sent = client.get(link), client.post(link, data={**form, "S1": "2"})
    assert (looked.status_code, sent.status_code) == (410, 410)
    assert ("đã trả lời" in check_page(looked).words) == answered
    assert "Xin giữ lại" in check_page(sent).words
    assert kept(look) == before


@pytest.mark.parametrize(
    "rating", ["6", "0", "9", "-1", "4.5", "５", "", " 4", "1e0", "true", "٤", "4\x00", "x" * 9000]
)
def test_a_rating_that_is_not_on_the_scale_is_refused(client: FlaskClient, look: Look, code: str, rating: str) -> None:
    answer = client.post(code, data={**hidden(client.get(code)), "S1": rating, "S8": "Giữ lại"})
    assert answer.status_code == 422
    assert "Giữ lại" in check_page(answer).words
    assert kept(look) == 0


def test_two_ratings_for_one_question_are_refused(client: FlaskClient, look: Look, code: str) -> None:
    answer = client.post(code, data={**hidden(client.get(code)), "S1": ["1", "5"]})
    assert answer.status_code == 422
    check_page(answer)
    assert kept(look) == 0


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_comment_of_100_kilobytes_comes_back_whole_with_what_to_do(
    client: FlaskClient, code: str, language: str
) -> None:
    answer = client.post(code, data={**hidden(client.get(f"{code}?lang={language}")), "S1": "5", "S8": LONG})
    page = check_page(answer, language)
    assert answer.status_code == 422
    assert LONG in page.words
    assert "1000" in page.words


def test_a_form_beyond_all_bounds_gets_a_clear_page(client: FlaskClient, look: Look, code: str) -> None:
    answer = client.post(code, data={**hidden(client.get(code)), "S1": "5", "S8": "x" * 600_000})
    assert answer.status_code == 413
    check_page(answer)
    many = client.post(code, data="&".join(f"a{i}=1" for i in range(5000)), content_type=FORM)
    assert many.status_code == 400
    check_page(many)
    assert kept(look) == 0


@pytest.mark.parametrize("escaped", [True, False])
def test_broken_utf_8_is_mended_and_the_rest_kept(client: FlaskClient, look: Look, code: str, escaped: bool) -> None:
    text = "Tốt ".encode() + b"\xff\xc3\x28\xed\xa0\x80" + " lắm".encode()
    fields = urlencode({**hidden(client.get(code)), "S1": "4"}).encode()
    body = fields + b"&S8=" + (quote(text).encode() if escaped else text.replace(b" ", b"+"))
    assert client.post(code, data=body, content_type=FORM).status_code == 200
    text_kept = written(look) or ""
    assert text_kept.startswith("Tốt ")
    assert text_kept.endswith(" lắm")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (unicodedata.normalize("NFD", "Rất hài lòng với cán bộ"), "Rất hài lòng với cán bộ"),
        ("Tuyệt 👍🏽👨‍👩‍👧 🇻🇳", "Tuyệt 👍🏽👨‍👩‍👧 🇻🇳"),
        ("Giá \u202e000.05\u202c đồng \u2066x\u2069", "Giá 000.05 đồng x"),
        ("Một\r\nhai\x00\x07\x1b[31m ba", "Một\nhai[31m ba"),
        ('=HYPERLINK("http://x","y")', '=HYPERLINK("http://x","y")'),
        ("<script>alert(1)</script>' OR 1=1; --", "<script>alert(1)</script>' OR 1=1; --"),
        ("Ca\u202e\u0300 phe\x07\u0302", "Cà phê"),
        ("   ", None),
    ],
)
def test_text_is_stored_composed_without_what_misleads(
    client: FlaskClient, look: Look, code: str, sent: str, stored: str | None
) -> None:
    assert client.post(code, data={**hidden(client.get(code)), "S1": "4", "S8": sent}).status_code == 200
    assert written(look) == stored


def test_what_comes_back_to_be_mended_has_no_misleading_characters_either(client: FlaskClient, code: str) -> None:
    answer = client.post(code, data={**hidden(client.get(code)), "S8": "Giá \u202e000.05\u202c \x00\x07đồng"})
    assert answer.status_code == 422
    assert "Giá 000.05 đồng" in check_page(answer).words


@pytest.mark.parametrize("spoilt", ["", "0.0", "-0.0", "zz.", "x" * 5000, "Ω.é", "\x00", "-1.AAAA"])
def test_a_form_without_its_proof_comes_back_filled_in_and_can_be_sent(
    client: FlaskClient, look: Look, code: str, spoilt: str
) -> None:
    typed = {"S1": "3", "S8": "Đường truyền yếu"}
    answer = client.post(code, data={**hidden(client.get(code)), **typed, "csrf_token": spoilt})
    assert answer.status_code == (409 if spoilt == "0.0" else 400), "it names version 0, which is asked nowhere"
    assert "Đường truyền yếu" in check_page(answer).words
    assert kept(look) == 0
    assert client.post(code, data={**typed, **hidden(answer)}).status_code == 200
    assert kept(look) == 1


def test_a_proof_is_good_for_its_own_address_and_thirty_days(
    client: FlaskClient, session: Session, look: Look, link: str
) -> None:
    factories.placement(session, code="OTHER")
    session.commit()
    form = {**hidden(client.get("/q/OTHER")), "S1": "5"}
    assert client.post(link, data=form).status_code == 400
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=29), tick=True):
        assert client.post("/q/OTHER", data=form).status_code == 200
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=31), tick=True):
        assert client.post("/q/OTHER", data=form).status_code == 400
    assert kept(look) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://[bad"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "null"}, 200),
        ({}, 200),
    ],
)
def test_a_form_of_another_site_is_refused(
    client: FlaskClient, look: Look, code: str, headers: dict[str, str], status: int
) -> None:
    answer = client.post(code, data={**hidden(client.get(code)), "S1": "5"}, headers=headers)
    check_page(answer)
    assert answer.status_code == status
    assert kept(look) == (status == 200)


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "text/plain", "application/json", "", "x/y; charset=q"]
)
def test_any_kind_of_body_gets_a_page(client: FlaskClient, code: str, content_type: str) -> None:
    for body in (b"", b"\xff\xfe", b'{"S1": 5}', b"S1=5&S1", b"%%%=%%%"):
        answer = client.post(code, data=body, content_type=content_type)
        assert answer.status_code in (400, 413)
        check_page(answer)


def test_a_form_sent_as_multipart_is_read_too(client: FlaskClient, look: Look, code: str) -> None:
    data: dict[str, Any] = {**hidden(client.get(code)), "S1": "4"}
    assert client.post(code, data=data, content_type="multipart/form-data").status_code == 200
    assert kept(look) == 1


def test_another_method_gets_a_clear_page(client: FlaskClient, code: str) -> None:
    answer = client.delete(code)
    assert answer.status_code == 405
    check_page(answer)


def test_when_the_store_fails_the_form_comes_back_filled_in(client: FlaskClient, session: Session, code: str) -> None:
    form = {**hidden(client.get(code)), "S1": "2", "S8": "Xin đừng mất"}
    session.execute(sa.text("ALTER TABLE response RENAME TO elsewhere"))
    session.commit()
    answer = client.post(code, data=form)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Xin đừng mất" in check_page(answer).words
    session.execute(sa.text("ALTER TABLE elsewhere RENAME TO response"))
    session.commit()
    assert client.post(code, data={**form, **hidden(answer)}).status_code == 200


@pytest.mark.parametrize("path", ["code", "link"])
def test_a_fault_after_storing_claims_nothing_false_and_trying_again_doubles_nothing(
    client: FlaskClient, look: Look, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    address = request.getfixturevalue(path)
    form = {**hidden(client.get(address)), "S1": "4"}
    with monkeypatch.context() as patched:
        patched.setattr(page_cache, "thanking", None)  # the answer is stored, and the reply cannot be made
        failed = client.post(address, data=form)
    assert failed.status_code == 500
    assert "Hệ thống gặp lỗi. Xin Ông/Bà thử lại; mỗi phiếu chỉ được tính một lần." in check_page(failed).words
    again = client.post(address, data=form)
    assert again.status_code == 200 and re.search("<strong>[0-9A-Z]{4}(-[0-9A-Z]{4}){3}</strong>", again.text)
    assert look(sa.select(Response.overall, Response.counted)) == [(4, True)]


TYPICAL = st.sampled_from(["1", "5", "9", "en", "vi"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["S1", "S2", "S7", "S8", "lang", "key", "csrf_token", "amends", "switch", "S99", ""])
        | st.text(max_size=8),
        # What looks like a placeholder left open is what the check of a page looks for.
        st.lists(st.text(max_size=30).filter(lambda text: not LEFT_OPEN.search(text)) | TYPICAL, max_size=3),
        max_size=12,
    ),
    honest=st.booleans(),
)
def test_no_form_whatever_makes_a_fault(
    client: FlaskClient, code: str, fields: dict[str, list[str]], honest: bool
) -> None:
    body = urlencode({**fields, **(hidden(client.get(code)) if honest else {})}, doseq=True, errors="surrogatepass")
    answer = client.post(code, data=body, content_type=FORM)
    assert answer.status_code in (200, 400, 409, 422)
    check_page(answer, "en" if b'<html lang="en"' in answer.data else "vi")
