"""The language of a page: decided once per request, gone with it, kept only where somebody chose it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import flask_babel
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from survey import i18n
from survey.web import language
from tests.support.officials import official, sign_in
from tests.support.pages import check_page, hidden


@pytest.fixture
def engine_name() -> str:
    """The language asks no database: one is enough to have an application."""
    return "sqlite"


def nobody_speaks() -> bool:
    """Whether no language is left in use in this thread."""
    try:
        i18n.current_language()
    except i18n.NoLanguage:
        return True
    return False


@pytest.mark.parametrize(
    ("form", "address", "cookie", "accepted", "decided"),
    [
        ("", "/", "", "", "vi"),
        ("", "/", "", "en", "vi"),
        ("", "/", "en", "", "en"),
        ("", "/?lang=vi", "en", "", "vi"),
        ("en", "/?lang=vi", "vi", "", "en"),
        ("xx", "/?lang=xx", "en", "", "en"),
        ("xx", "/?lang=xx", "xx", "en", "vi"),
        ("", "/api/v1/reports", "en", "", "vi"),
        ("", "/api/v1/reports", "", "en-GB,en;q=0.9", "en"),
        ("", "/api/v1/reports", "", "fr", "vi"),
        ("", "/api/v1/reports?lang=vi", "", "en", "vi"),
    ],
)
def test_the_form_comes_first_then_the_address_then_the_cookie(
    app: Flask, form: str, address: str, cookie: str, accepted: str, decided: str
) -> None:
    headers = {"Cookie": f"lang={cookie}", "Accept-Language": accepted}
    asked = Request(EnvironBuilder(path=address, headers=headers).get_environ())
    with app.app_context():
        assert language.decide(asked, ["vi", "en"], form) == decided


@pytest.mark.parametrize("path", ["/receipt", "/nothing/here", "/r/nonsense", "/staff/", "/api/v1/nothing", "/broken"])
def test_a_request_in_english_leaves_nothing_to_the_next_in_the_same_thread(app: Flask, path: str) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    app.add_url_rule("/broken", view_func=broken)
    client = app.test_client(use_cookies=False)
    for chosen in ("en", "vi", "en"):
        client.get(path, query_string={"lang": chosen})
        assert nobody_speaks()
        check_page(client.get("/receipt"), "vi")


def test_a_stream_says_its_own_language_and_one_that_is_abandoned_leaves_none(app: Flask) -> None:
    def words(chosen: str) -> Iterator[str]:
        with i18n.speaking(chosen):
            for _line in range(3):
                yield i18n.gettext("Viewer")

    app.add_url_rule("/stream", view_func=lambda: app.response_class(words(i18n.current_language())))
    assert app.test_client().get("/stream?lang=en").text == "Viewer" * 3
    assert nobody_speaks()
    abandoned: Any = app.wsgi_app(EnvironBuilder("/stream?lang=en").get_environ(), lambda *_: lambda _bytes: None)
    assert next(iter(abandoned)) == b"Viewer"
    abandoned.close()
    assert nobody_speaks()


def test_a_form_decides_over_the_cookie_and_the_thanks_speak_its_language(client: FlaskClient, code: str) -> None:
    client.set_cookie("lang", "vi")
    page = client.get(f"{code}?lang=en")
    assert hidden(page)["lang"] == "en"
    check_page(client.post(code, data={**hidden(page), "S1": "4"}), "en")


def test_a_choice_on_a_staff_page_is_kept_and_a_look_at_another_page_is_not(client: FlaskClient) -> None:
    for path in ("/receipt?lang=en", "/staff/sign-in?lang=xx"):
        assert not any(cookie.startswith("lang=") for cookie in client.get(path).headers.getlist("Set-Cookie"))
    cookies = client.get("/staff/sign-in?lang=en").headers.getlist("Set-Cookie")
    [kept] = [cookie for cookie in cookies if cookie.startswith("lang=")]
    assert kept.startswith("lang=en;") and "HttpOnly" in kept and "SameSite=Lax" in kept
    check_page(client.get("/staff/sign-in"), "en")


def test_flask_babel_says_what_we_say(app: Flask) -> None:
    with app.test_request_context(), i18n.speaking("en"):
        assert flask_babel.gettext("Viewer") == "Viewer"
        with i18n.speaking("vi"):
            assert flask_babel.gettext("Viewer") == i18n.gettext("Viewer") == "Người xem"
            assert app.jinja_env.from_string('{{ _("Viewer") }} {{ 1234|number }}').render() == "Người xem 1.234"


def test_the_faults_of_a_form_are_said_in_the_language_of_the_page(client: FlaskClient, session: Session) -> None:
    official(session)
    for chosen, words in (("vi", "Vui lòng nhập mật khẩu"), ("en", "Please enter your password")):
        client.set_cookie("lang", chosen)
        assert words in check_page(sign_in(client, password=""), chosen).words


@pytest.mark.parametrize(
    "query",
    [
        "_scheme=javascript&_external=1",
        "_method=POST",
        "_anchor=elsewhere",
        "endpoint=home.show",
        "code=a%26b&code=c&d=%C3%A0",
        "lang=vi",
    ],
)
def test_a_link_to_another_language_is_of_this_page_whatever_was_asked_for(client: FlaskClient, query: str) -> None:
    for page in ("/qr", "/staff/sign-in"):
        answer = client.get(f"{page}?{query}")
        assert answer.status_code in (200, 404)
        [link] = re.findall(r'<a(?: class="language")? href="([^"]*)" lang="en" hreflang="en">', answer.text)
        path, _, asked = html.unescape(link).partition("?")
        assert path == page
        written = parse_qs(query, keep_blank_values=True)
        expected = {name: values for name, values in written.items() if name in language.ASKED} | {"lang": ["en"]}
        assert parse_qs(asked, keep_blank_values=True) == expected
