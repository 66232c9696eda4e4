"""The shipped nginx, for real: who gets through, what is too much, and what it says by itself."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from survey.app import create_app
from survey.commands import proxy_pages
from survey.db.engine import Database
from survey.settings import Settings
from survey.web.survey import survey_of
from survey.web.upload_limits import MOST_API_BYTES
from tests.support import factories
from tests.support.faults.people import FIELD, RECEIPT
from tests.support.faults.running import Running
from tests.support.nginx import NAME, ROOT, Nginx, Reply, in_front_of

PEOPLE = 40
GUESSERS = 32
MOST_HELD = 300  # connections of one address
HEADERS = {"Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security", "Referrer-Policy"}


class Behind(Running):
    """A server whose visitors come through nginx."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PUBLIC_URL": f"https://{NAME}"}


@pytest.fixture(scope="module")
def settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("behind")
    shutil.copy(sqlite_template, folder / "hailong.db")
    return Settings(f"sqlite:///{folder / 'hailong.db'}", factories.SECRET, instance=folder)


@pytest.fixture(scope="module")
def links(settings: Settings) -> list[str]:
    with Database(settings.database_url) as database, database.session(writes=True) as session:
        tokens = [factories.invitation(session) for _ in range(2 * PEOPLE)]
        factories.placement(session)
        session.commit()
    return [f"/r/{token}" for token in tokens]


@pytest.fixture(scope="module")
def nginx(settings: Settings, links: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    server = Behind(settings)
    try:
        server.start()
        with in_front_of(server.port, tmp_path_factory.mktemp("nginx")) as running:
            yield running
    finally:
        server.kill()


@pytest.fixture(scope="module")
def alone(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """Nginx before an application that is down."""
    with in_front_of(9, tmp_path_factory.mktemp("alone")) as running:
        yield running


@contextmanager
def guessing(nginx: Nginx) -> Iterator[list[int]]:
    """Let one address guess links as fast as it can for the time of a block; yield what it is told."""
    stop, told = threading.Event(), list[int]()

    def guess(number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            told.append(nginx.ask(f"/r/{number:02}{count:020}").status)

    with ThreadPoolExecutor(GUESSERS) as pool:
        for number in range(GUESSERS):
            pool.submit(guess, number)
        try:
            yield told
        finally:
            stop.set()


def answer(nginx: Nginx, link: str) -> bool:
    page = nginx.ask(link)
    fields = dict(FIELD.findall(page.body.decode()))
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}"}
    sent = nginx.ask(link, "POST", urlencode({**fields, "S1": "4"}), **form)
    return (page.status, sent.status) == (200, 200) and bool(RECEIPT.search(sent.body.decode()))


def test_forty_people_get_through_beside_a_guesser_at_full_speed_at_the_same_address(
    nginx: Nginx, links: list[str]
) -> None:
    with guessing(nginx) as told:
        while len(told) < GUESSERS:
            time.sleep(0.01)
        with ThreadPoolExecutor(PEOPLE) as pool:
            through = list(pool.map(lambda link: answer(nginx, link), links[:PEOPLE]))
    assert through.count(True) == PEOPLE
    assert set(told) == {404}


def test_forty_people_get_through_beside_all_the_connections_that_one_address_may_hold(
    nginx: Nginx, links: list[str]
) -> None:
    with held(nginx, MOST_HELD - PEOPLE), ThreadPoolExecutor(PEOPLE) as pool:
        through = list(pool.map(lambda link: answer(nginx, link), links[PEOPLE:]))
    assert through.count(True) == PEOPLE


def test_officials_behind_one_address_are_not_counted_by_nginx(nginx: Nginx) -> None:
    with ThreadPoolExecutor(PEOPLE) as pool:
        pages = list(pool.map(lambda _: nginx.ask("/staff/sign-in").status, range(PEOPLE)))
    assert set(pages) == {200}


def test_a_batch_of_eight_megabytes_reaches_the_api_and_nothing_else(nginx: Nginx) -> None:
    sent = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    assert nginx.ask("/api/v1/cases", "POST", b" " * MOST_API_BYTES, **sent).status == 401
    assert nginx.ask("/q/TESTQR", "POST", b" " * MOST_API_BYTES).status == 413


def test_who_is_refused_while_still_sending_gets_the_refusal(nginx: Nginx) -> None:
    def batch(_number: int) -> int:
        return nginx.ask("/api/v1/cases", "POST", b" " * MOST_API_BYTES, Authorization="Bearer none").status

    with ThreadPoolExecutor(8) as programs:
        assert list(programs.map(batch, range(24))) == [401] * 24


def said(reply: Reply, status: int, language: str) -> str:
    """Check a page of nginx's own and return it."""
    assert reply.status == status
    assert set(reply.headers.keys()) >= HEADERS
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "nginx" not in reply.body.decode().lower()
    assert f'<html lang="{language}">' in reply.body.decode()
    return reply.body.decode()


def problem(reply: Reply, status: int) -> str:
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")
    assert set(reply.headers.keys()) >= HEADERS
    document = json.loads(reply.body)
    assert document["status"] == (503 if status > 500 else status)
    return str(document["detail"])


def test_what_is_too_large_is_told_in_the_visitors_language_and_to_programs_as_a_problem(nginx: Nginx) -> None:
    large = b" " * (600 * 1024)
    assert "quá lớn" in said(nginx.ask("/q/TESTQR", "POST", large), 413, "vi")
    assert "too large" in said(nginx.ask("/q/TESTQR?lang=en", "POST", large), 413, "en")
    assert "too large" in said(nginx.ask("/q/TESTQR", "POST", large, Cookie="a=b; __Host-lang=en"), 413, "en")
    assert "quá lớn" in said(nginx.ask("/q/TESTQR?lang=xx", "POST", large), 413, "vi")
    huge = b" " * (MOST_API_BYTES + 1)
    assert "quá lớn" in problem(nginx.ask("/api/v1/cases", "POST", huge), 413)
    assert "too large" in problem(nginx.ask("/api/v1/cases", "POST", huge, **{"Accept-Language": "en"}), 413)


def test_an_application_that_is_down_is_told_with_when_to_try_again(alone: Nginx) -> None:
    page = alone.ask("/q/TESTQR?lang=en", "POST", b"S1=4")
    assert "what you typed is still there" in said(page, 502, "en")
    assert page.headers["Retry-After"] == "10"
    programs = alone.ask("/api/v1/cases", "POST", b"{}")
    assert problem(programs, 502)
    assert programs.headers["Retry-After"] == "10"


def test_connections_that_are_only_held_are_limited_by_address_and_told_so(nginx: Nginx) -> None:
    with held(nginx, MOST_HELD + 1):
        page = nginx.ask("/q/TESTQR?lang=en")
        assert "Too many" in said(page, 429, "en")
        assert page.headers["Retry-After"] == "10"
        assert problem(nginx.ask("/api/v1/openapi.json"), 429)
    assert nginx.ask("/q/TESTQR").status == 200


@contextmanager
def held(nginx: Nginx, number: int) -> Iterator[None]:
    """Announce so many bodies and send a byte of each now and then, so that none is given up."""
    open_ones: list[http.client.HTTPConnection] = []
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(1):
            for one in open_ones:
                with suppress(OSError):
                    one.send(b"x")

    with ThreadPoolExecutor(17) as pool:
        dripping = pool.submit(drip)
        try:
            list(pool.map(lambda _: open_ones.append(announced(nginx)), range(number)))
            yield
        finally:
            stop.set()
            dripping.result()
            for one in open_ones:
                one.close()


def announced(nginx: Nginx) -> http.client.HTTPConnection:
    """Announce a body that does not come."""
    connection = nginx.line()
    connection.putrequest("POST", "/q/TESTQR", skip_host=True)
    connection.putheader("Host", NAME)
    connection.putheader("Content-Length", "1000")
    connection.endheaders()
    return connection


def spoken(nginx: Nginx, suites: str) -> str | None:
    """Offer suites for TLS 1.2 and return the one that nginx takes; nothing if it takes none."""
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    offered.check_hostname, offered.verify_mode = False, ssl.CERT_NONE
    offered.maximum_version = ssl.TLSVersion.TLSv1_2
    offered.set_ciphers(suites)
    with (
        suppress(ssl.SSLError, ConnectionError),
        socket.create_connection(("127.0.0.1", nginx.port), 10) as raw,
        offered.wrap_socket(raw, server_hostname=NAME) as line,
    ):
        chosen = line.cipher()
        return chosen[0] if chosen else None
    return None


def test_a_line_has_forward_secrecy_or_none_is_made(nginx: Nginx) -> None:
    for suites in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"):
        assert spoken(nginx, suites) == suites
    for suites in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0"):
        assert spoken(nginx, suites) is None, suites


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_the_operator_does_not_exist_outside(nginx: Nginx, path: str) -> None:
    said(nginx.ask(path), 404, "vi")


def test_another_host_gets_nothing_and_every_redirect_leads_to_ours(nginx: Nginx) -> None:
    assert nginx.ask("/", Host="tin-gia.example").status == 421
    doubled = nginx.ask("//q//TESTQR")
    assert (doubled.status, doubled.headers.get("Location")) == (308, f"https://{NAME}/q/TESTQR")
    for host, status in ((NAME, 301), ("tin-gia.example", 421)):
        connection = http.client.HTTPConnection("127.0.0.1", nginx.plain, timeout=10)
        connection.request("GET", "/q/TESTQR?a=b", headers={"Host": host})
        reply = connection.getresponse()
        assert reply.status == status
        assert reply.headers["Location"] == (f"https://{NAME}/q/TESTQR?a=b" if status == 301 else None)
        assert reply.headers["Server"] == "nginx", "without its version"
        connection.close()


def test_a_program_that_sends_its_key_in_clear_is_refused_and_not_led_to_https(nginx: Nginx) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", nginx.plain, timeout=30)) as connection:
        connection.request("GET", "/api/v1/counts", headers={"Host": NAME, "Authorization": "Bearer hl_x"})
        reply = connection.getresponse()
        assert (reply.status, reply.headers["Content-Type"]) == (403, "application/problem+json")
        assert reply.headers["Location"] is None
        assert json.loads(reply.read())["detail"] == f"https://{NAME}"


def test_the_pages_that_nginx_shows_are_those_that_the_product_writes(settings: Settings) -> None:
    app: Flask = create_app(settings)
    folder = ROOT / "deploy" / "proxy" / "_error"
    with survey_of(app).database, app.app_context():
        pages = proxy_pages.pages()
    shipped = {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.*")}
    assert shipped == pages, "write them again: hailong proxy-pages --out deploy/proxy/_error"
