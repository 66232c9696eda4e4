"""Every string of a published list through every field of the API: taken as it is or refused by name, never a fault."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.models import Agency, Case, Delivery, IdempotentRequest
from survey.settings import Settings
from tests.support import factories
from tests.support.portal import Portal, case, check_problem, program

BATCH = 33  # a problem names the first hundred faults, and a contact may have three
CODE = re.compile(r"[A-Z0-9]([A-Z0-9.-]{0,38}[A-Z0-9])?")  # the law leaves codes of agencies open
LANGUAGE = re.compile(r"[a-z]{2,3}")
NOTHING = re.compile(r"(?!)")
TAKEN = {"receiving_agency": CODE, "resolving_agency": CODE, "language": LANGUAGE}
FIELDS = (
    "case_code",
    "procedure",
    "receiving_agency",
    "resolving_agency",
    "finished_day",
    "received_day",
    "due_day",
    "respondent",
    "filing",
    "contact",
    "language",
)
Look = Callable[..., list[Any]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Without the limit that so many requests would meet."""
    return dataclasses.replace(settings, api_per_minute=10_000_000)


@pytest.fixture
def portal(session: Session, client: FlaskClient) -> Portal:
    return program(session, client)


def batches(texts: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def split(texts: list[str], shape: re.Pattern[str]) -> tuple[list[str], list[str]]:
    """Return the strings that keep to a shape, and the others."""
    kept = [text for text in texts if shape.fullmatch(text)]
    return kept, [text for text in texts if not shape.fullmatch(text)]


def raw(text: str) -> str:
    """Return a text as a server hands over the bytes of a header."""
    return text.encode().decode("latin-1")


def named(told: dict[str, Any]) -> set[str]:
    return {fault["field"] for fault in told["faults"]}


def results(reply: TestResponse) -> list[dict[str, Any]]:
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json["results"]  # type: ignore[index]
    return found


def ask(portal: Portal, path: str, query: dict[str, str] | None = None, **environ: str) -> TestResponse:
    environ = {"HTTP_AUTHORIZATION": f"Bearer {portal.key}", **environ}
    return portal.client.get(f"/api/v1{path}", query_string=query, environ_overrides=environ)


@pytest.mark.parametrize("field", FIELDS)
def test_a_strange_value_is_named_by_index_and_field(portal: Portal, look: Look, texts: list[str], field: str) -> None:
    kept, refused = split(texts, TAKEN.get(field, NOTHING))
    assert len(refused) > 0.8 * len(texts)
    for group in batches(refused):
        told = check_problem(portal.send(*[case(**{field: text}) for text in group]), 422, "invalid_request")
        # Of a contact each of the two shapes says what it misses.
        whole = {".".join(name.split(".")[:3]) for name in named(told)}
        assert whole == {f"cases.{i}.{field}" for i in range(len(group))}
    assert look(sa.select(Case.id)) == []
    if kept:
        found = results(portal.send(*[case(**{field: text}) for text in kept]))
        assert [one["status"] for one in found] == ["recorded"] * len(kept), found
        codes = {row[0] for row in look(sa.select(Agency.code))}
        assert field == "language" or set(kept) <= codes, "kept as typed"


def test_a_number_or_a_moment_is_no_day(portal: Portal) -> None:
    sent = ["0", "86400", "20261008", "2026-10-08T00:00:00", "2026-02-30", "2026-W41-4", "٢٠٢٦-10-08", 0, 86400, True]
    told = check_problem(portal.send(*[case(received_day=one) for one in sent]), 422, "invalid_request")
    assert named(told) == {f"cases.{i}.received_day" for i in range(len(sent))}


@pytest.mark.parametrize("way", ["email", "phone"])
def test_a_strange_address_costs_no_case_and_is_named(portal: Portal, look: Look, texts: list[str], way: str) -> None:
    most = {"email": 254, "phone": 30}[way]
    short = [text for text in texts if len(text) <= most]
    for group in batches(short):
        first, *others = results(portal.send(case(), *[case(contact={way: text}) for text in group]))
        assert first["status"] == "recorded"
        for index, one in enumerate(others, 1):
            assert one["index"] == index and one["status"] in ("recorded", "updated", "unchanged")
            assert [fault["field"] for fault in one["warnings"]] == ["contact"], one
    for group in batches([text for text in texts if len(text) > most]):
        told = check_problem(portal.send(*[case(contact={way: text}) for text in group]), 422, "invalid_request")
        for i in range(len(group)):
            assert [name for name in named(told) if name.startswith(f"cases.{i}.contact.") and name.endswith(way)]
    assert len(look(sa.select(Case.id))) == len(short) + -(-len(short) // BATCH)
    assert look(sa.select(Delivery.id)) == []


def test_strange_names_and_strange_cases_are_named(portal: Portal, look: Look, texts: list[str]) -> None:
    for group in batches(texts):
        told = check_problem(portal.send(*[case(**{text: "x"}) for text in group]), 422, "invalid_request")
        assert named(told) == {f"cases.{i}.{text}" for i, text in enumerate(group)}
        told = check_problem(portal.send(*group), 422, "invalid_request")  # type: ignore[arg-type]
        assert named(told) == {f"cases.{i}" for i in range(len(group))}
    headers = {"Authorization": f"Bearer {portal.key}"}
    for text in texts:
        reply = portal.client.post(
            "/api/v1/cases", data=text.encode(), content_type="application/json", headers=headers
        )
        assert reply.status_code in (400, 422), text
        check_problem(reply, reply.status_code, {400: "bad_request", 422: "invalid_request"}[reply.status_code])
    assert look(sa.select(Case.id)) == []


def test_a_strange_idempotency_key_is_named_and_keeps_nothing(portal: Portal, look: Look, texts: list[str]) -> None:
    shape, sent = re.compile(r"[A-Za-z0-9_-]{16,64}"), {"cases": [case()]}
    kept, refused = split(texts, shape)
    for text in kept + refused:
        environ = {"HTTP_AUTHORIZATION": f"Bearer {portal.key}", "HTTP_IDEMPOTENCY_KEY": raw(text)}
        reply = portal.client.post("/api/v1/cases", json=sent, environ_overrides=environ)
        if text in kept:
            assert reply.status_code == 200
        else:
            assert named(check_problem(reply, 422, "invalid_request")) == {"Idempotency-Key"}
    assert len(refused) > 0.8 * len(texts)
    assert len(look(sa.select(IdempotentRequest.id))) == len(set(kept))


def test_a_strange_authorization_opens_nothing(portal: Portal, texts: list[str]) -> None:
    for i, text in enumerate(texts):
        for header in (f"Bearer {raw(text)}", raw(text), f"{raw(text)} {portal.key}"):
            # From an address of its own each: one that sends too many wrong keys is told to wait.
            environ = {"HTTP_AUTHORIZATION": header, "REMOTE_ADDR": f"10.0.{i // 250}.{i % 250}"}
            check_problem(ask(portal, "/me", None, **environ), 401, "key_refused")


def test_strange_parameters_of_the_counts_are_named(portal: Portal, texts: list[str]) -> None:
    names = ("period", "basis", "agency", "by", "lang")
    for i, text in enumerate(texts):
        query = {name: texts[(i + k) % len(texts)] for k, name in enumerate(names)}
        reply = ask(portal, "/counts", {**query, text: "x"}, HTTP_ACCEPT_LANGUAGE=raw(text))
        taken = {"agency": CODE, "lang": LANGUAGE}
        wrong = {name for name, typed in query.items() if not taken.get(name, NOTHING).fullmatch(typed)}
        assert named(check_problem(reply, 422, "invalid_request")) == {*wrong, text}
    for text in split(texts, CODE)[0]:
        check_problem(ask(portal, "/counts", {"period": "2026-10", "agency": text}), 404, "not_found")


def test_strange_links_and_pictures_are_refused(portal: Portal, texts: list[str], session: Session) -> None:
    token = factories.invitation(session)
    session.commit()
    assert ask(portal, f"/qr/{token}").status_code == 200
    for text in texts:
        reply = ask(portal, f"/qr/{quote(text, safe='')}")
        if "/" in text or not text or re.fullmatch(r"[A-Za-z0-9_-]{22}", text):
            check_problem(reply, 404, "not_found")
        else:
            assert named(check_problem(reply, 422, "invalid_request")) == {"token"}, text
        told = check_problem(ask(portal, f"/qr/{token}", {"format": text}), 422, "invalid_request")
        assert named(told) == {"format"}
        told = check_problem(portal.send(case(), ask=f"?qr={quote(text, safe='')}"), 422, "invalid_request")
        assert named(told) == {"qr"}
