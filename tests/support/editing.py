"""The editor of questionnaires as a manager's browser uses it: what its form sends, a draft, the way to publishing."""

from __future__ import annotations

import html
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey import questionnaires
from survey.web.survey import survey_of
from tests.support.officials import token_on

FIELD = re.compile(r'<textarea id="f-([^"]+)"[^>]*>\n(.*?)</textarea>|<input id="f-([^"]+)"[^>]* value="([^"]*)"', re.S)
SELECT = re.compile(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.S)
CHOSEN = re.compile(r'<option value="([^"]*)" selected>')
BASE = "/staff/questionnaires"


def typed(page: TestResponse) -> dict[str, str]:
    """Return what the editor's form would send as it stands."""
    text = page.get_data(as_text=True)
    fields = {a or c: html.unescape(b if a else d) for a, b, c, d in FIELD.findall(text)}
    chosen = {name: next(iter(CHOSEN.findall(options)), "") for name, options in SELECT.findall(text)}
    fields |= {name: html.unescape(value) for name, value in chosen.items() if "when_" in name}
    revision = re.search(r'name="revision" value="(\d+)"', text)
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    places = re.search(r'name="places" value="([^"]+)"', text)
    assert revision and token and places
    return {**fields, "revision": revision[1], "csrf_token": token[1], "places": html.unescape(places[1])}


def draft_of(editor: FlaskClient, code: str = "short_online") -> str:
    """Make a draft of what is asked now and return its address."""
    with survey_of(editor.application).database.session(writes=False) as opened:
        number = questionnaires.named(opened, code).id
    made = editor.post(f"{BASE}/{number}/draft", data={"csrf_token": token_on(editor, f"{BASE}/")})
    assert made.status_code == 303
    return str(made.location)


def document_of(editor: FlaskClient, address: str) -> dict[str, Any]:
    with survey_of(editor.application).database.session(writes=False) as opened:
        return questionnaires.find(opened, int(address.rpartition("/")[2])).document


def hidden_on(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of a page's last form."""
    form = page.text[page.text.rindex("<form") :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def reviewed(editor: FlaskClient, address: str) -> dict[str, str]:
    """Return what the button on the page before publishing sends."""
    page = editor.get(f"{address}/review")
    assert page.status_code == 200, page.location
    return hidden_on(page)


def publish(editor: FlaskClient, address: str) -> TestResponse:
    """Look at what would be published, and publish it."""
    return editor.post(f"{address}/publish", data=reviewed(editor, address))
