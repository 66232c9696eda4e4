"""Bodies that break off or never end: nothing of them is stored, and nobody waits for them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Case, Job, Response
from survey.settings import Settings
from tests.support.faults import people
from tests.support.faults.restarted import forked
from tests.support.faults.running import Running
from tests.support.officials import official, sign_in, token_on
from tests.support.pages import check_page, hidden
from tests.support.portal import check_problem, program

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
FORM = "application/x-www-form-urlencoded"
TERMINATED = {"wsgi.input_terminated": True}  # as servers say that end every body by themselves
SENT = b"S1=4&S8=Ch%E1%BA%ADm%20qu%C3%A1%20v%C3%A0%20xa"


def broken(client: FlaskClient, path: str, body: bytes, kind: str, cut: int, **headers: str) -> Any:
    """Send a body without its last bytes, though its head announces them."""
    environ = {**TERMINATED, "CONTENT_LENGTH": str(len(body))}
    return client.post(
        path, data=body[: len(body) - cut], content_type=kind, headers=headers, environ_overrides=environ
    )


@pytest.mark.parametrize("cut", [1, 8, 500])
@pytest.mark.parametrize("kind", ["form", "parts"])
def test_a_form_that_breaks_off_is_no_answer(client: FlaskClient, code: str, look: Look, kind: str, cut: int) -> None:
    fields = {**hidden(client.get(code)), "S1": "4", "S8": "Chậm quá và xa. " * 40}
    if kind == "form":
        body, mimetype = b"&".join(f"{k}={v}".encode() for k, v in fields.items()), FORM
    else:
        part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        body = ("".join(part.format(*field) for field in fields.items()) + "--x--\r\n").encode()
        mimetype = "multipart/form-data; boundary=x"
    refused = broken(client, code, body, mimetype, cut)
    assert refused.status_code == 400
    check_page(refused)
    assert look(sa.select(Response.id)) == []
    whole = client.post(code, data=body, content_type=mimetype, environ_overrides=TERMINATED)
    assert whole.status_code == 200 and len(look(sa.select(Response.id))) == 1


def test_a_batch_that_breaks_off_is_no_batch(client: FlaskClient, session: Session, look: Look) -> None:
    portal = program(session, client)
    body = json.dumps({"cases": []}).encode() + b" " * 20
    headers = {"Authorization": f"Bearer {portal.key}", "Idempotency-Key": "k" * 22}
    check_problem(broken(client, "/api/v1/cases", body, "application/json", 8, **headers), 400, "bad_request")
    assert look(sa.select(Case.id)) == []


def test_an_officials_form_that_breaks_off_does_nothing(client: FlaskClient, session: Session, look: Look) -> None:
    official(session)
    sign_in(client)
    token = token_on(client, "/staff/account")
    body = f"csrf_token={token}&period=2026-10&basis=calendar&agency=H61&format=csv&lang=vi".encode()
    assert broken(client, "/staff/report", body, FORM, 3).status_code == 400
    assert look(sa.select(Job.id)) == []


def test_a_body_of_which_nobody_says_how_long_it_is_is_refused(client: FlaskClient, code: str, look: Look) -> None:
    environ = {**TERMINATED, "HTTP_TRANSFER_ENCODING": "chunked"}
    refused = client.post(code, data=SENT, content_type=FORM, environ_overrides=environ)
    assert refused.status_code == 411
    assert "Content-Length" in check_page(refused).words
    assert look(sa.select(Response.id)) == []


@pytest.fixture
def server(settings: Settings, code: str) -> Iterator[Running]:
    """Our server, as `hailong serve` starts it."""
    with forked(settings) as started:
        yield started


def stalled(port: int, path: str, length: int = 500) -> socket.socket:
    """Open a connection that announces a body and sends a part of it."""
    connection = socket.create_connection(("127.0.0.1", port))
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + SENT)
    return connection


def test_forms_that_never_end_hold_up_nobody(server: Running, code: str, look: Look) -> None:
    with ExitStack() as stack:
        for _ in range(250):
            stack.enter_context(stalled(server.port, code))
        for _ in range(50):
            stack.enter_context(stalled(server.port, "/staff/sign-in"))
        for _ in range(24):
            began, sheet = time.monotonic(), people.Sheet(code, 4)
            people.open_page(server.port, sheet)
            people.send(server.port, sheet)
            assert time.monotonic() - began < 15  # half a second when idle; one that waits for a sender takes 20
    assert len(look(sa.select(Response.id))) == 24


def test_a_form_whose_sender_goes_away_is_no_answer_and_holds_up_nobody(server: Running, code: str, look: Look) -> None:
    for half in (True, False):
        with stalled(server.port, code) as connection:
            if half:
                connection.shutdown(socket.SHUT_WR)
    time.sleep(0.2)
    assert server.alive()
    assert look(sa.select(Response.id)) == []
