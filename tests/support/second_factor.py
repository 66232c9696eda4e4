"""Second factors of officials, set up by the pages as a person does it."""

from __future__ import annotations

import re

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.periods import now
from tests.support.officials import TOKEN, send, sign_in

PAGE = "/staff/account/second-factor"
OFFERED = re.compile(r'name="offered" value="([0-9a-f]+)"')
TYPED = re.compile(r'<code translate="no">([A-Z2-7 ]+)</code>')
PRINTED = re.compile(r'<code translate="no">([0-9A-Z-]{29})</code>')


def code_of(key: str, steps: int = 0) -> str:
    """Return what an app shows so many steps of 30 seconds from now."""
    return pyotp.TOTP(key).at(int(now().timestamp()) + 30 * steps)


def offered(client: FlaskClient) -> tuple[str, str, str]:
    """Open the page that sets up an app: return the key that it shows, and the form's token and sealed key."""
    page = client.get(f"{PAGE}/app").text
    sealed, typed, token = OFFERED.search(page), TYPED.search(page), TOKEN.search(page)
    assert sealed and typed and token
    return typed.group(1).replace(" ", ""), token.group(1), sealed.group(1)


def set_up_app(client: FlaskClient) -> tuple[str, list[str]]:
    """Set up an app for whoever is signed in; return its key and the recovery codes that are shown with it."""
    key, token, sealed = offered(client)
    page = client.post(f"{PAGE}/app", data={"csrf_token": token, "offered": sealed, "code": code_of(key)})
    assert page.status_code == 200, page.text
    return key, PRINTED.findall(page.text)


def second_step(client: FlaskClient, code: str, **more: str) -> TestResponse:
    """Send a code after the password."""
    return send(client, "/staff/sign-in/second-step", "/staff/sign-in/second-step", proof_code=code, **more)


def sign_in_with_code(client: FlaskClient, code: str, login: str = "hanh") -> TestResponse:
    """Sign in with password and code."""
    assert sign_in(client, login).location.startswith("/staff/sign-in/second-step")
    return second_step(client, code)
