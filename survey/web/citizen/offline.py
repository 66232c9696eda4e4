"""What a phone keeps for the time without a network: a page, and the script that sends answers later."""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, render_template, request

from survey.settings import STATIC
from survey.web import language
from survey.web.survey import this_survey

pages = Blueprint("offline", __name__)


@pages.get("/unsent")
def unsent() -> str:
    """Show the page that a phone keeps for the time without a network."""
    survey = this_survey()
    with survey.speaking(language.decide(request, survey.languages)):
        return render_template("citizen/unsent.html")


@pages.get("/sw.js")
def service_worker() -> Response:
    """Send the service worker from the root, so that it may keep every page that citizens open."""
    response = Response(_script(), mimetype="text/javascript", headers={"Cache-Control": "no-cache"})
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _script() -> bytes:
    return (STATIC / "citizen" / "sw.js").read_bytes()
