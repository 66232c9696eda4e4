"""Browsers in which somebody has signed in before: their wrong tries are counted apart from those of strangers.

The cookie holds a random name of the browser and, signed, up to five logins that were right in it: nobody but the
installation can make one, and it opens nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Response, request

from survey.accounts.logins import login_key
from survey.security.tokens import KEY, issued_at, new_token, sign
from survey.web.request import cookie_name, settings

COOKIE = "hailong-browser"
PURPOSE = "browser"
SECONDS = 180 * 24 * 3600
MOST = 5


@dataclass(frozen=True)
class Browser:
    """A browser, and whether the login that is tried was right in it before."""

    id: str
    seen: bool
    proofs: tuple[str, ...]  # of other logins


def of_request(login: str) -> Browser:
    """Return the browser that a request comes from."""
    name, *proofs = request.cookies.get(cookie_name(COOKIE), "").split(":")[: MOST + 1]
    if not KEY.fullmatch(name):
        return Browser(new_token(), seen=False, proofs=())
    own = [proof for proof in proofs if _holds(proof, name, login)]
    return Browser(name, bool(own), tuple(proof for proof in proofs if proof not in own))


def remember(response: Response, browser: Browser, login: str) -> None:
    """Let the browser show the next time that this login was right in it."""
    proof = sign(settings().secret_key, PURPOSE, browser.id, login_key(login))
    value = ":".join((browser.id, proof, *browser.proofs[: MOST - 1]))
    name, secure = cookie_name(COOKIE), settings().secure
    response.set_cookie(name, value, max_age=SECONDS, secure=secure, httponly=True, samesite="Lax", path="/")


def _holds(proof: str, browser: str, login: str) -> bool:
    issued = issued_at(settings().secret_key, PURPOSE, proof, browser, login_key(login))
    return issued is not None and time.time() - issued < SECONDS
