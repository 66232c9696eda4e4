"""The bare limit: a Flask route that does nothing but answer, under the same server."""

from __future__ import annotations

from flask import Flask, request

PAGE = b'<input name="key" value="k"><input name="csrf_token" value="t">' + b"." * 6000
application = Flask(__name__)


@application.get("/")
def page() -> bytes:
    return PAGE


@application.post("/")
def answer() -> bytes:
    return b"ok" * len(request.form)
