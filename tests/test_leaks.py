"""What identifies a person is found in no dump and no log: eight canaries in seven encodings, after a whole journey."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.settings import Settings
from tests import dumps, factories
from tests.faults.people import FIELD
from tests.faults.running import ROOT
from tests.files import HEADERS, as_csv
from tests.officials import PASSWORD, TOKEN, official
from tests.sending.mail import MailServer, free_port, until
from tests.sending.phones import PhoneGateway

CASE, CASE_TOO = "H61.50-261001-7391", "H61.50-261001-7392"
PHONE, EMAIL, NAME = "0987612345", "canary.lan@example.vn", "Trần Thị Canary Lan"
COMMENT, ADDRESS, AGENT = "Hoàng yến hót 4711", "203.0.113.77", "CanaryPhone/47.11 (Lan)"
WRONG = "một mật khẩu sai canary"
LINK = re.compile(r"/r/([A-Za-z0-9_-]{22})")


def encodings(text: str) -> dict[str, list[bytes]]:
    """Return how a text may hide: each encoding with its variants."""
    plain = text.encode()
    # Within longer data base64 has three alignments; its first and last symbols depend on the neighbours.
    blocks = [base64.b64encode(b"\0" * i + plain)[4 * (i > 0) : len(base64.b64encode(b"\0" * i + plain)) // 4 * 4 - 4]
              for i in range(3)]  # fmt: skip
    every = "".join(f"%{byte:02X}" for byte in plain)
    digest = hashlib.sha256(plain).digest()
    return {
        "plain": [plain],
        "UTF-16": [text.encode("utf-16-le")],
        "base64": [*blocks, *(block.translate(bytes.maketrans(b"+/", b"-_")) for block in blocks)],
        "hex": [plain.hex().encode(), plain.hex().upper().encode()],
        "URL": [form.encode() for form in (quote(text), quote(text, safe=""), every, every.lower()) if form != text],
        "reversed": [text[::-1].encode()],
        "SHA-256": [digest, digest.hex().encode(), base64.b64encode(digest)],
    }


def canaries(tokens: list[str]) -> dict[str, list[str]]:
    """Return what must not be found, in every way of writing it."""
    international = "+84" + PHONE[1:]
    return {
        "token": tokens,
        "case code": [CASE, CASE_TOO, CASE.lower()],
        "phone": [PHONE, international, international[1:]],
        "e-mail": [EMAIL, EMAIL.upper()],
        "name": [NAME],
        "comment": [COMMENT],
        "address": [ADDRESS],
        "agent": [AGENT],
    }


def hits(held: bytes, wanted: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Return which canary is found in which encoding."""
    return {
        (name, encoding)
        for name, texts in wanted.items()
        for text in texts
        for encoding, forms in encodings(text).items()
        # Of 128 random bits a hash tells nothing: that is how a token is stored.
        if not (name == "token" and encoding == "SHA-256") and any(form in held for form in forms)
    }


class Journey:
    """An installation of its own: its commands and its server as other processes, all they say kept in files."""

    def __init__(self, settings: Settings, mail: MailServer, phones: PhoneGateway) -> None:
        self.settings, self.port = settings, free_port()
        self.logs = settings.instance / "logs"
        self.logs.mkdir(parents=True)
        self.environment = {
            **os.environ, "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
            "HAILONG_INSTANCE": str(settings.instance), "HAILONG_LOG_LEVEL": "DEBUG", "HAILONG_WORKERS": "1",
            "PORT": str(self.port), "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "HAILONG_SMTP_HOST": "127.0.0.1", "HAILONG_SMTP_PORT": str(mail.port), "HAILONG_SMTP_SECURITY": "none",
            "HAILONG_MAIL_FROM": "khaosat@example.gov.vn", "HAILONG_GATEWAY_URL": phones.url,
        }  # fmt: skip

    def command(self, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            told = [sys.executable, "-m", "survey", *map(str, arguments)]
            return subprocess.run(told, env=self.environment, cwd=ROOT, stdout=log, stderr=log, check=False)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        with (self.logs / "serve.log").open("ab") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "survey", "serve"], env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )
            try:
                until(lambda: server.poll() is not None or self._answers(), 60)
                yield
            finally:
                server.terminate()
                server.wait(30)

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            time.sleep(0.05)
            return False

    def ask(self, method: str, path: str, body: dict[str, str] | None = None, cookie: str = "") -> tuple[int, str, str]:
        """Return status, page and cookies; every request tells the canary's address and browser."""
        headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "X-Real-IP": ADDRESS, "Cookie": cookie}
        headers |= {"Forwarded": f"for={ADDRESS}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, urlencode(body) if body is not None else None, headers)
            reply = connection.getresponse()
            cookies = "; ".join(one.partition(";")[0] for one in reply.headers.get_all("Set-Cookie") or ())
            return reply.status, reply.read().decode(), cookies
        finally:
            connection.close()

    def answer(self, path: str, **fields: str) -> int:
        page = self.ask("GET", path)[1]
        return self.ask("POST", path, {**dict(FIELD.findall(page)), "S1": "2", "S8": COMMENT, **fields})[0]

    def sign_in(self, login: str, password: str) -> tuple[int, str]:
        _status, page, cookie = self.ask("GET", "/staff/sign-in")
        token = TOKEN.search(page)
        assert token
        form = {"login": login, "password": password, "csrf_token": token.group(1)}
        status, _page, cookies = self.ask("POST", "/staff/sign-in", form, cookie)
        return status, cookies


def travel(journey: Journey, app: Flask, mail: MailServer, phones: PhoneGateway, folder: Path) -> list[str]:
    """Everything that touches a person: feed, faults in it, invitation, sending, answers, staff, failures."""
    heads = (*HEADERS, "Liên hệ", "Họ và tên")
    about = ("1.001193", "H61.50", "H61.50", "01/10/2026", "06/10/2026", "05/10/2026", "2", "Người dân")
    good = [(CASE, *about, PHONE, NAME), (CASE_TOO, *about, EMAIL, NAME)]
    wrong = [(CASE, *about[:-1], "Con chó", PHONE, NAME), (CASE, *about, f"{EMAIL} {PHONE}", NAME), (f"{CASE} ",) * 11]
    assert journey.command("import", "import", "cases", as_csv(folder / "wrong.csv", [heads, *wrong])).returncode == 1
    assert journey.command("import", "import", "cases", as_csv(folder / "cases.csv", [heads, *good])).returncode == 0
    mail.at["rcpt"] = "450 later"
    assert journey.command("send", "send").returncode == 0
    assert len(phones.requests) == 1 and not mail.received
    (token,) = LINK.findall(str(phones.requests[0][2]))
    with journey.serving():
        assert journey.answer(f"/r/{token}") == 200
        assert journey.answer("/q/TESTQR") == 200
        assert journey.answer(f"/r/{token}", S1="9") == 422
        assert journey.ask("GET", f"/r/{token}x?phone={PHONE}&mail={quote(EMAIL)}&case={CASE}")[0] == 404
        assert journey.sign_in(EMAIL, WRONG)[0] == 422
        assert journey.sign_in("hanh", WRONG)[0] == 422
        status, cookie = journey.sign_in("hanh", PASSWORD)
        assert status == 303
        for asked in ("", f"?agency={CASE}", f"?period={PHONE}", f"?sort={quote(NAME)}"):
            journey.ask("GET", f"/staff/{asked}", cookie=cookie)
        with _broken(app, "comment"):
            assert journey.answer(f"/r/{token}", S1="1", S8=f"{COMMENT} {PHONE} {EMAIL} {NAME}") == 503
        with _broken(app, "invitation"):
            assert journey.ask("GET", f"/r/{token}")[0] >= 500
    return [token, cookie.partition("=")[2].partition(".")[0]]


@contextlib.contextmanager
def _broken(app: Flask, table: str) -> Iterator[None]:
    """Take a table away, so that statements fail with what somebody typed among their values."""
    engine = app.extensions["database"].engine
    with engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {table}_away"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE {table}_away RENAME TO {table}"))


def test_no_dump_and_no_log_tells_who_it_was(
    app: Flask, settings: Settings, session: Session, tmp_path: Path, engine_name: str
) -> None:
    factories.placement(session, code="TESTQR")
    official(session)
    with MailServer() as mail, PhoneGateway() as phones:
        journey = Journey(settings, mail, phones)
        folder = tmp_path / "feed"
        folder.mkdir()
        wanted = canaries(travel(journey, app, mail, phones, folder))
    database = app.extensions["database"]
    kept = dumps.tables(database)
    assert hits(kept.pop("comment"), wanted) == {("comment", "plain")}, "what a person wrote is kept there, and found"
    assert {name: hits(held, wanted) for name, held in kept.items() if hits(held, wanted)} == {}
    logs = dumps.files(settings.instance)
    assert b'"event": "answer_not_stored"' in logs["logs/serve.log"], "the failures are there to be searched"
    logs["wrong.csv.faults.csv"] = (folder / "wrong.csv.faults.csv").read_bytes()
    assert {name: hits(held, wanted) for name, held in logs.items() if hits(held, wanted)} == {}
    if engine_name == "sqlite":
        raw = b"".join(held for name, held in dumps.files(tmp_path).items() if name.startswith("hailong.db"))
        assert hits(raw, wanted) == {("comment", "plain")}, "nor the file, its journal and what was deleted in it"
    # And the search sees one that is there.
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE agency SET code = :code WHERE code = 'H61.52'"), {"code": CASE})
    assert hits(dumps.tables(database)["agency"], wanted) == {("case code", "plain")}
    (journey.logs / "serve.log").write_bytes(logs["logs/serve.log"] + base64.b64encode(f"from {ADDRESS}:".encode()))
    assert hits(dumps.files(settings.instance)["logs/serve.log"], wanted) == {("address", "base64")}


@pytest.mark.parametrize("before", [b"", b"a", b"ab"])
def test_the_search_finds_every_canary_in_every_encoding(before: bytes) -> None:
    wanted = canaries(["AbCdEfGhIjKlMnOpQrStUv"])
    for name, texts in wanted.items():
        for text in texts:
            hidden = encodings(text) | {"base64": [base64.b64encode(before + text.encode() + b"tail")]}
            for encoding, forms in hidden.items():
                expected = {(name, encoding)} if (name, encoding) != ("token", "SHA-256") else set()
                for form in forms:
                    assert expected <= hits(before + form + b"z", wanted), (text, encoding)
