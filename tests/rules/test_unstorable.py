"""The character that PostgreSQL cannot hold, in every place of every address: told politely, never a fault of ours."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.collection import placements
from survey.models import Role
from survey.organisation import agencies
from survey.settings import ROOT
from survey.web.citizen.app import Mounted
from tests.support import factories
from tests.support.officials import official, sign_in, token_on

ASKED = re.compile(r"""(?:args\.get\(|args\[|getlist\()["'](\w+)["']""")
NUL = "%00"
PLACES = {"<path:filename>": NUL, "<any(svg, png):kind>": "svg", "<int:number>": "1"}


def addresses(app: Flask) -> list[str]:
    """Return every address that can be opened, each of its parts the character."""
    found = []
    citizens = app.wsgi_app.inside
    assert isinstance(citizens, Mounted)
    for rule in (*citizens.citizens.url_map.iter_rules(), *app.url_map.iter_rules()):
        if "GET" in (rule.methods or ()):
            path = rule.rule
            for place, value in PLACES.items():
                path = path.replace(place, value)
            found.append(re.sub(r"<[^>]+>", NUL, path))
    return found


@pytest.fixture
def asked() -> set[str]:
    """The names that views look for in an address."""
    views = ROOT / "survey" / "web"
    names = {name for path in views.rglob("*.py") for name in ASKED.findall(path.read_text(encoding="utf-8"))}
    assert {"agency", "code", "period"} <= names
    return names


def test_it_breaks_no_page(app: Flask, session: Session, asked: set[str]) -> None:
    factories.placement(session)
    official(session, role=Role.MANAGER)
    client = app.test_client()
    sign_in(client)
    broken = []
    for path in addresses(app):
        for address in (path, *(f"{path}?{name}={NUL}" for name in sorted(asked))):
            with client.get(address) as reply:
                broken += [address] if reply.status_code >= 500 else []
    assert broken == []


@pytest.mark.parametrize(
    "path", ["/staff/report", "/staff/placements/new", "/staff/placements/posters", f"/staff/placements/{NUL}/switch"]
)
def test_it_breaks_no_form(app: Flask, session: Session, path: str) -> None:
    official(session, role=Role.MANAGER)
    client = app.test_client()
    sign_in(client)
    token = token_on(client, "/staff/account")
    whole = {"csrf_token": token, "agency": "H61", "period": "2026-10", "format": "csv", "kind": "open", "on": "0"}
    for name in whole:
        if name != "csrf_token":
            assert client.post(path, data={**whole, name: "\0"}).status_code < 500, name


def test_a_code_is_known_with_it_as_without_it(session: Session) -> None:
    made = factories.placement(session)
    assert placements.by_code(session, "\0test\0qr") == made
    assert agencies.by_code(session, "H61\0.50").id == factories.agency_id(session)
