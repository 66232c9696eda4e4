"""What proves that an official's form is of a page that this very browser was given: Flask-WTF's token, bound.

Flask-WTF signs a value that it keeps in Flask's session. Here the value belongs to who is signed in: it is made of the
id of their session, so that no token of anybody else's page is worth anything. Before somebody signs in it is random,
in a cookie of its own, which with https no neighbouring site can set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Request, request
from flask.sessions import SessionInterface, SessionMixin

from survey.security.tokens import keyed, keys
from survey.web.request import cookie_name, settings

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

FORM, STAFF = "hailong-form", "hailong-staff"
NAME = "csrf_token"  # Flask-WTF's, in the session
PURPOSE = "staff form"


def proof_of(secret: str, token: str) -> str:
    """Return the value by which forms of a session are recognised.

    It is of the installation's oldest key: forms that are open stay good when a newer one is made.
    """
    return keyed(keys(secret)[-1], PURPOSE, token).hex()


class FormProof(dict[str, str], SessionMixin):
    """The one value that Flask-WTF keeps."""


class FormProofs(SessionInterface):
    """Stands where Flask has a session; there is nothing else to keep in one."""

    def __init__(self, secret: str) -> None:
        """Bind values with the installation's secret."""
        self._secret = secret

    def open_session(self, _app: Flask, asking: Request) -> FormProof:
        """Return the value by which this browser's forms are recognised, or none yet."""
        proof = FormProof()
        if signed_in := asking.cookies.get(cookie_name(STAFF), "").partition(".")[0]:
            proof[NAME] = proof_of(self._secret, signed_in)
        elif kept := asking.cookies.get(cookie_name(FORM)):
            proof[NAME] = kept
        return proof

    def save_session(self, _app: Flask, session: SessionMixin, response: Response) -> None:
        """Let a browser that has no value yet keep the one that a form was given."""
        names = (cookie_name(STAFF), cookie_name(FORM))
        if NAME in session and not any(name in request.cookies for name in names):
            response.set_cookie(names[1], session[NAME], secure=settings().secure, httponly=True, samesite="Lax")
