"""Every string of a published list through every field of the pages: no fault, stored as typed, shown inert."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.i18n import nfc
from survey.models import Channel, Comment, Placement, Response, Role
from survey.redaction import redact
from survey.security.tokens import new_token
from survey.web.citizen.submission import proof
from tests.support import factories
from tests.support.naughty import HARMLESS, check_inert, strings
from tests.support.officials import found, official, sign_in, token_on

TEXTAREA = re.compile(r'<textarea id="S8"[^>]*>\n(.*?)</textarea>', re.DOTALL)
PATHS = (
    "/r/{}",
    "/q/{}",
    "/k/{}",
    "/receipt/{}",
    "/receipt?code={}",
    "/qr?code={}",
    "/qr?code=TESTQR&fingerprint={}",
    "/qr?fingerprint={}",
    "/improvements?agency={0}&page={0}",
    "/q/TESTQR?lang={0}&end={0}",
    "/r/x?end={}",
    "/?lang={}",
    "/{}",
)
KNOWN = (
    HARMLESS,
    "https://example.com/x",
    "http://127.0.0.1:8000/r/x",
    "http://127.0.0.1:8000/q/TESTQR",
    "TESTQR",
    "a",
    "a/b",
    "",
)
# What is only shown again, or asked of nothing but the program, does not reach the database.
ONCE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def placed(session: Session) -> None:
    factories.placement(session, code="TESTQR")
    factories.placement(session, code="TESTKS", channel=Channel.KIOSK).enabled = True
    session.commit()


@pytest.fixture
def keeper(session: Session, client: FlaskClient) -> FlaskClient:
    """A manager of the province, signed in."""
    official(session, role=Role.MANAGER)
    sign_in(client)
    return client


def form(path: str, **fields: str) -> dict[str, str]:
    key = new_token()
    of_one_form = () if path.startswith("/k/") else (key,)  # a kiosk's page is one form for many answers
    return {"key": key, "csrf_token": proof(factories.SECRET, path, factories.ASKED, b"words", *of_one_form), **fields}


@pytest.mark.parametrize(("path", "asks"), [("/q/TESTQR", True), ("/k/TESTKS", False)])
def test_a_comment_is_stored_as_typed_but_for_what_is_redacted(
    client: FlaskClient, session: Session, placed: None, texts: list[str], path: str, asks: bool
) -> None:
    for text in texts:
        answer = client.post(path, data=form(path, S1="4", S8=text, end=text, lang=text))
        assert answer.status_code == 200, text
    kept = found(session, sa.select(Comment.text).order_by(Comment.response_id))
    assert kept == [redact(nfc(text)).text for text in texts if nfc(text) and asks]  # a desk asks for no comment
    assert len(found(session, sa.select(Response.id))) == len(texts)


@ONCE
def test_a_comment_comes_back_as_typed_and_inert(client: FlaskClient, placed: None) -> None:
    path = "/q/TESTQR"
    like = [client.post(path, data=form(path, S8=one)).text for one in (HARMLESS, "")]
    for text in strings():
        answer = client.post(path, data=form(path, S8=text, S1="", end=text))
        assert answer.status_code == 422, text
        shown = TEXTAREA.search(answer.text)
        assert (html.unescape(shown.group(1)) if shown else "") == nfc(text)  # where nothing is typed, one question
        check_inert(answer.text, like)
    lost = [client.post("/r/x", data=form("/r/x", S1="4", S8=one)).text for one in (HARMLESS, "")]
    for text in strings():
        answer = client.post("/r/x", data=form("/r/x", S1="4", S8=text))
        assert answer.status_code == 404, text
        assert nfc(text) in html.unescape(answer.text)
        check_inert(answer.text, lost)


@ONCE
@pytest.mark.parametrize(
    "names", [("S1", "S7", "amends", "waited", "lang", "step"), ("key",), ("csrf_token", "switch"), ("go",)]
)
def test_no_other_field_of_the_form_makes_a_fault(
    client: FlaskClient, session: Session, placed: None, names: tuple[str, ...]
) -> None:
    path = "/q/TESTQR"
    like = [client.post(path, data=form(path, S1=one, S7=two)).text for one in ("", *"12345") for two in ("", "x")]
    forged = ("x", "1", "2")  # the last two name a version, of the short questionnaire and of the full one
    like += [client.post(path, data=form(path, S1="4", csrf_token=one)).text for one in forged]
    every = strings()
    for i in range(len(every)):  # each string once in each field, beside different ones
        fields = {name: every[(i + 7 * k) % len(every)] for k, name in enumerate(names)}
        answer = client.post(path, data={**form(path, S1="4"), **fields})
        assert answer.status_code in (200, 400, 422), fields
        check_inert(answer.text, like)


@pytest.mark.parametrize("pattern", PATHS)
def test_an_address_is_answered_and_never_obeyed(
    client: FlaskClient, placed: None, texts: list[str], pattern: str
) -> None:
    like: dict[int, list[str]] = defaultdict(list)
    for text in KNOWN:
        answer = client.get(pattern.format(quote(text, safe="")))
        like[answer.status_code].append(answer.text)
    for text in texts:
        answer = client.get(pattern.format(quote(text, safe="")))
        assert answer.status_code < 500, text
        if answer.mimetype == "text/html" and answer.status_code not in (301, 308):
            check_inert(answer.text, like[answer.status_code] or like[404])


def test_a_login_is_refused_and_shown_inert(client: FlaskClient, session: Session, texts: list[str]) -> None:
    token = token_on(client)
    like = [
        client.post("/staff/sign-in", data={"login": a, "password": b, "csrf_token": token}).text
        for a in (HARMLESS, "")
        for b in (HARMLESS, "")
    ]
    for number, text in enumerate(texts):
        typed = {"login": text, "password": text, "next": text, "csrf_token": token}
        elsewhere = {"REMOTE_ADDR": f"198.51.{number // 250}.{number % 250}"}  # one address has only so many tries
        answer = client.post("/staff/sign-in", data=typed, environ_base=elsewhere)
        assert answer.status_code == 422, text
        check_inert(answer.text, like)


@pytest.mark.parametrize("name", ["period", "agency"])
def test_a_period_or_agency_that_is_none_is_named_and_inert(keeper: FlaskClient, texts: list[str], name: str) -> None:
    like = [keeper.get(f"/staff/{asked}").text for asked in ("", "?period=x", "?agency=x")]
    for text in texts:
        answer = keeper.get("/staff/", query_string={name: text})
        assert answer.status_code in ((400, 404) if text.strip() else (200, 400, 404)), text
        check_inert(answer.text, like, listed=True)


@ONCE
def test_choices_of_the_dashboard_that_are_none_fall_back(keeper: FlaskClient, campaign: bool) -> None:
    like, every = [keeper.get("/staff/").text], strings()
    for i in range(0, len(every), 4 if campaign else 40):  # each draws all figures anew
        asked = dict(zip(("basis", "by", "sort", "lang"), every[i : i + 4], strict=False))
        answer = keeper.get("/staff/", query_string=asked)
        assert answer.status_code == 200, asked
        check_inert(answer.text, like, listed=True)


def test_the_label_of_a_placement_is_kept_as_typed_and_shown_inert(
    keeper: FlaskClient, session: Session, texts: list[str]
) -> None:
    typed = {
        "agency": "H61.50",
        "spot": "counter",
        "csrf_token": token_on(keeper, "/staff/placements/new"),
    }
    keeper.post("/staff/placements/new", data={**typed, "label_vi": HARMLESS, "label_en": HARMLESS})
    pages = ("/staff/placements", "/staff/placements/sheet")
    like = [keeper.get(page).text for page in pages]
    refused = [
        keeper.post("/staff/placements/new", data={**typed, "label_vi": wrong}).text for wrong in ("", "x" * 200)
    ]
    taken = [HARMLESS]
    for text in texts:
        answer = keeper.post("/staff/placements/new", data={**typed, "label_vi": text, "label_en": text})
        assert answer.status_code in (303, 422), text
        if answer.status_code == 303:
            taken.append(nfc(text))
        else:
            assert not nfc(text) or len(text) > 120
            check_inert(answer.text, refused)
    labels = found(session, sa.select(Placement.label).order_by(Placement.id))
    assert labels == [{"vi": text, "en": text} for text in taken]
    for page, alike in zip(pages, like, strict=True):
        shown = keeper.get(page).text
        check_inert(shown, [alike, *like], listed=True)
        assert all(text in html.unescape(shown) for text in taken)
    for text in texts:
        wrong = dict.fromkeys(("agency", "spot", "procedure"), text)
        assert keeper.post("/staff/placements/new", data={**typed, "label_vi": HARMLESS, **wrong}).status_code == 422
