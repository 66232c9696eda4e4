"""The character that PostgreSQL cannot hold, in every place of every address: told politely, never a fault of ours."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest
from flask import Flask, Request
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict

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


def citizens(app: Flask) -> Flask:
    mounted = app.wsgi_app.inside
    assert isinstance(mounted, Mounted)
    return mounted.citizens


def addresses(app: Flask) -> list[str]:
    """Return every address that can be opened, each of its parts the character."""
    found = []
    for rule in (*citizens(app).url_map.iter_rules(), *app.url_map.iter_rules()):
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


class Watched(ImmutableMultiDict[str, str]):
    """What stands in an address, noting by which names it is looked into."""

    names: ClassVar[set[str]] = set()

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)

    def getlist(self, name: str, *converter: Any, **named: Any) -> list[Any]:
        self.names.add(name)
        return super().getlist(name, *converter, **named)


class WatchedRequest(Request):
    parameter_storage_class = Watched


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)  # which refuses it; SQLite keeps it
def test_it_breaks_no_page(app: Flask, session: Session, asked: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    factories.placement(session)
    official(session, role=Role.MANAGER)
    client = app.test_client()
    sign_in(client)
    for one in (app, citizens(app)):
        monkeypatch.setattr(one, "request_class", WatchedRequest)
    broken, looked_for = list[str](), set[str]()

    def names_after(address: str) -> set[str]:
        Watched.names.clear()
        with client.get(address) as reply:
            broken.extend([address] if reply.status_code >= 500 else [])
        return set(Watched.names)

    for path in addresses(app):
        # What is not looked for by its name can only be met by who goes through all of them: they come together.
        names = names_after(path)
        names_after(f"{path}?" + "&".join(f"{name}={NUL}" for name in sorted(asked - names)))
        for name in sorted(names):
            names_after(f"{path}?{name}={NUL}")
        looked_for |= names
    assert broken == []
    assert {"agency", "code", "fingerprint", "lang", "period", "sort"} <= looked_for


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
