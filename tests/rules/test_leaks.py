"""What identifies a person or opens a door is in no dump and no log: canaries in seven encodings, a whole journey."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.models import Role
from survey.periods import local_day, now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import dumps, factories
from tests.support.canaries import (
    ADDRESS,
    AGENT,
    CASE,
    CASE_SENT,
    CASE_SENT_TOO,
    CASE_TOO,
    COMMENT,
    EMAIL,
    NAME,
    PHONE,
    RANDOM,
    SENT_ONCE,
    canaries,
    encodings,
    hits,
)
from tests.support.commands import hailong
from tests.support.faults.people import FIELD
from tests.support.faults.running import ROOT
from tests.support.files import HEADERS, as_csv
from tests.support.officials import PASSWORD, TOKEN, official
from tests.support.portal import case
from tests.support.sending.hooks import Receiver
from tests.support.sending.mail import MailServer, free_port, until
from tests.support.sending.phones import PhoneGateway

TYPED = f"{COMMENT}. Tôi là {NAME}, hồ sơ {CASE}, gọi {PHONE} hoặc {EMAIL}."
WRONG = "một mật khẩu sai canary"
LINK = re.compile(r"/r/([A-Za-z0-9_-]{22})")
TICK = re.compile(r'name="letter" value="([0-9]+ [0-9]+)"')
SHOWN = re.compile(r"chỉ hiển thị lần này: (\S+)")


class Journey:
    """An installation of its own: its commands and its server as other processes, all they say kept in files."""

    def __init__(self, settings: Settings, mail: MailServer, phones: PhoneGateway) -> None:
        self.settings, self.port = settings, free_port()
        self.logs = settings.instance / "logs"
        self.logs.mkdir(parents=True)
        self.environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
            "HAILONG_INSTANCE": str(settings.instance),
            "HAILONG_LOG_LEVEL": "DEBUG",
            "HAILONG_WORKERS": "1",
            "PORT": str(self.port),
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "HAILONG_SMTP_HOST": "127.0.0.1",
            "HAILONG_SMTP_PORT": str(mail.port),
            "HAILONG_SMTP_SECURITY": "none",
            "HAILONG_MAIL_FROM": "khaosat@example.gov.vn",
            "HAILONG_GATEWAY_URL": phones.url,
            "HAILONG_APOLOGIES": "on",
        }

    def command(self, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        done = hailong(*arguments, environ=self.environment)
        with (self.logs / f"{name}.log").open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        return done

    def shown(self, *arguments: str) -> str:
        """Return the secret that a command shows once, to the one who typed it."""
        done = hailong(*arguments, environ=self.environment)
        with (self.logs / "shown.log").open("a", encoding="utf-8") as log:
            log.write(done.stderr)
        assert done.returncode == 0
        [secret] = SHOWN.findall(done.stdout)
        return str(secret)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        command = [sys.executable, "-m", "survey", "serve"]
        with (
            (self.logs / "serve.log").open("ab") as log,
            subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log) as server,
        ):
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

    def ask(
        self, method: str, path: str, body: dict[str, str] | str | None = None, cookie: str = "", **about: str
    ) -> tuple[int, str, str]:
        """Return status, page and cookies; every request tells the canary's address and browser."""
        headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "X-Real-IP": ADDRESS, "Cookie": cookie}
        headers |= {"Forwarded": f"for={ADDRESS}", "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            typed = urlencode(body) if isinstance(body, dict) else body
            connection.request(method, path, typed, headers | {name.replace("_", "-"): about[name] for name in about})
            with connection.getresponse() as reply:
                cookies = "; ".join(one.partition(";")[0] for one in reply.headers.get_all("Set-Cookie") or ())
                return reply.status, reply.read().decode(), cookies

    def answer(self, path: str, **fields: str) -> int:
        page = self.ask("GET", path)[1]
        return self.ask("POST", path, {**dict(FIELD.findall(page)), "S1": "2", "S8": TYPED, **fields})[0]

    def feed(self, key: str, *cases: dict[str, Any], once: str = SENT_ONCE) -> tuple[int, list[str]]:
        """Send cases as a program does; return the status and the tokens of the links in the reply."""
        status, reply, _ = self.ask(
            "POST",
            "/api/v1/cases",
            json.dumps({"cases": cases}),
            Authorization=f"Bearer {key}",
            Content_Type="application/json",
            Idempotency_Key=once,
        )
        return status, LINK.findall(reply)

    def sign_in(self, login: str, password: str) -> tuple[int, str]:
        _status, page, cookie = self.ask("GET", "/staff/sign-in")
        token = TOKEN.search(page)
        assert token
        form = {"login": login, "password": password, "csrf_token": token.group(1)}
        status, _page, cookies = self.ask("POST", "/staff/sign-in", form, cookie)
        return status, cookies


def travel(
    journey: Journey, app: Flask, mail: MailServer, phones: PhoneGateway, folder: Path, receiver: Receiver
) -> dict[str, list[str]]:
    """Everything that touches a person: feeds, faults in them, invitation, sending, answers, staff, failures."""
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
        secrets = connect(journey, app, phones, receiver)
        apologise(journey, phones, cookie)
    secrets["token"] += [token, cookie.partition("=")[2].partition(".")[0]]
    return secrets


def connect(journey: Journey, app: Flask, phones: PhoneGateway, receiver: Receiver) -> dict[str, list[str]]:
    """What programs do: cases through the API, again, wrongly and in a failure; their messages; a webhook."""
    key = journey.shown("key", "add", "portal", *("--scope", "cases:write"), *("--scope", "counts:read"))
    hook = journey.shown("webhook", "add", "portal", receiver.url)
    late = {"due_day": f"{local_day(now()) - dt.timedelta(days=1)}"}
    sent = (
        case(case_code=CASE_SENT, contact={"phone": PHONE}, **late),
        case(case_code=CASE_SENT_TOO, contact={"email": EMAIL}, **late),
    )
    status, tokens = journey.feed(key, *sent)
    assert (status, len(tokens)) == (200, 2)
    assert journey.feed(key, *sent) == (200, tokens), "the reply is kept, and kept sealed"
    assert journey.feed(key, sent[0]) == (409, [])
    assert journey.feed(f"{key}x", *sent)[0] == 401
    wrong = case(case_code=f"{CASE_SENT}x", contact=PHONE, language=EMAIL)
    assert journey.feed(key, wrong, once=f"{SENT_ONCE}!")[0] == 422
    assert journey.feed(key, case(contact={"email": f"{EMAIL} {NAME}"}), once=f"{SENT_ONCE}-2")[0] == 200
    right = {"Authorization": f"Bearer {key}"}
    assert journey.ask("GET", f"/api/v1/qr/{tokens[0]}", **right)[0] == 200
    assert journey.ask("GET", f"/api/v1/qr/{tokens[0]}x?format={PHONE}", **right)[0] == 422
    assert journey.ask("GET", f"/api/v1/counts?period=2024-01&agency={CASE_SENT}&{quote(EMAIL)}=1", **right)[0] == 422
    with _broken(app, "idempotent_request"):
        assert journey.feed(key, *sent)[0] >= 500
    with _broken(app, "delivery"):
        again = case(case_code=f"{CASE_SENT}1", contact={"phone": PHONE})
        assert journey.feed(key, again, once=f"{SENT_ONCE}-3")[0] >= 500
    assert journey.command("send", "send").returncode == 0
    until(lambda: phones.saying(tokens[0]) == 1)  # by the command, or by the server's worker, whoever is first
    receiver.replies = [500]
    for period in ("2024-01", "2024-02"):
        assert journey.command("close", "close", "--period", period).returncode == 0
    assert journey.command("events", "send").returncode == 0
    until(lambda: len(receiver.taken) == 2)
    return {"token": tokens, "API key": [key], "webhook secret": [hook]}


def apologise(journey: Journey, phones: PhoneGateway, cookie: str) -> None:
    """A letter to the telephone is approved and sent, that to the mailbox keeps waiting; each of its pages is seen."""
    listed = journey.ask("GET", "/staff/apologies", cookie=cookie)[1]
    ticks, form = TICK.findall(listed), dict(FIELD.findall(listed))
    looked = [f"{tick.partition(' ')[0]}{more}" for tick in ticks for more in ("", "/letter")]
    pages = [listed, *(journey.ask("GET", f"/staff/apologies/{one}", cookie=cookie)[1] for one in looked)]
    assert len(ticks) == 2 and hits("".join(pages).encode(), canaries({})) == set()
    heads = {one: listed.partition(f'value="{one}"')[2].partition("</p>")[0] for one in ticks}
    form["letter"] = next(one for one, head in heads.items() if "bằng tin nhắn" in head)
    assert journey.ask("POST", "/staff/apologies", form, cookie)[0] == 303
    assert journey.command("letters", "send").returncode == 0
    until(lambda: phones.saying("xin lỗi") == 1)


@contextlib.contextmanager
def _broken(app: Flask, table: str) -> Iterator[None]:
    """Take a table away, so that statements fail with what somebody typed among their values."""
    engine = survey_of(app).database.engine
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
    official(session, role=Role.MANAGER)
    with MailServer() as mail, PhoneGateway() as phones, Receiver() as receiver:
        journey = Journey(settings, mail, phones)
        folder = tmp_path / "feed"
        folder.mkdir()
        wanted = canaries(travel(journey, app, mail, phones, folder, receiver))
    assert hits(repr(receiver.taken).encode(), wanted) == set(), "nor is a webhook told"
    database = survey_of(app).database
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
    wanted = canaries({"token": ["AbCdEfGhIjKlMnOpQrStUv"], "API key": ["hl_canary-4711"]})
    for name, texts in wanted.items():
        for text in texts:
            hidden = encodings(text) | {"base64": [base64.b64encode(before + text.encode() + b"tail")]}
            for encoding, forms in hidden.items():
                expected = {(name, encoding)} if name not in RANDOM or encoding != "SHA-256" else set()
                for form in forms:
                    assert expected <= hits(before + form + b"z", wanted), (text, encoding)
