"""What officials see of sending, what the commands do, and that no address or link lies open anywhere."""

from __future__ import annotations

import base64
import csv
import re
import sqlite3
import stat
import subprocess
import urllib.parse
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.delivery.queue import Outcome
from survey.models import Delivery, Reason, Role, State
from survey.periods import now
from survey.settings import ROOT, SETTINGS, Settings
from tests.support import commands, factories
from tests.support.factories import SECRET
from tests.support.officials import official, sign_in
from tests.support.pages import check_page
from tests.support.sending.mail import MailServer
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import MINUTE, invite_all, one_try

CANARIES = ("chim.hoang.yen@example.vn", "+84987654321")
OUTCOMES = (
    Outcome(State.DELIVERED),
    Outcome(State.REFUSED, Reason.ADDRESS),
    Outcome(State.UNKNOWN, Reason.TIMEOUT),
    Outcome(State.QUEUED, Reason.SIGN_IN),
)


def try_each(session: Session) -> None:
    for outcome in OUTCOMES:
        one_try(session, outcome, now())
    session.commit()


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": SECRET,
        "HAILONG_INSTANCE": str(settings.instance),
        "PUBLIC_URL": "https://khaosat.vinhlong.gov.vn",
        "PATH": "/usr/bin:/bin",
        "HAILONG_LOG_LEVEL": "DEBUG",
        **more,
    }


def hailong(settings: Settings, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return commands.hailong(*arguments, environ=environment(settings, **more))


def reach(mail: MailServer, phones: PhoneGateway) -> dict[str, str]:
    return {
        "HAILONG_SMTP_HOST": "127.0.0.1",
        "HAILONG_SMTP_PORT": str(mail.port),
        "HAILONG_SMTP_SECURITY": "none",
        "HAILONG_MAIL_FROM": "khaosat@example.vn",
        "HAILONG_GATEWAY_URL": phones.url,
        "HAILONG_SEND_SECONDS": "2",
    }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_counts_every_state_and_says_in_words_what_failed(
    session: Session, client: FlaskClient, language: str
) -> None:
    invite_all(session, *["linh@example.vn"] * 5)
    invite_all(session, "linh@example.vn", agency="H61.51")
    try_each(session)
    official(session)
    sign_in(client)
    page = client.get(f"/staff/deliveries?lang={language}")
    words = check_page(page, language).words
    reasons = {
        "vi": ("Máy chủ báo không có địa chỉ này.", "Máy chủ không trả lời kịp thời.", "Máy chủ từ chối tài khoản"),
        "en": ("there is no such address", "did not answer in time", "refused our account"),
    }
    assert all(part in words for part in reasons[language])
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page.text, re.S)
    cells = [[int(n) for n in re.findall(r'<td [^>]*class="number"[^>]*>(\d+)</td>', row)] for row in rows]
    assert [4 - 1, 0, 1, 1, 1, 0, 0, 0, 0] in cells, "all: waiting, being sent, delivered, unknown, refused …"
    assert "<form" not in page.text.partition("<main")[2], "nothing can be chosen, delayed or cancelled"
    assert not any(secret in page.text for secret in ("linh@", "/r/"))


def test_a_unit_sees_its_own_messages_only(session: Session, client: FlaskClient) -> None:
    invite_all(session, "linh@example.vn", agency="H61.51")
    official(session, agency="H61.50", role=Role.ADMINISTRATOR)
    sign_in(client)
    assert "Trong những ngày này không có tin nào" in check_page(client.get("/staff/deliveries")).words
    assert client.get("/staff/deliveries?agency=H61.51").status_code == 404


def test_send_says_what_was_tried_and_remind_sends_reminders_only(session: Session, settings: Settings) -> None:
    (token,) = invite_all(session, "linh@example.vn")
    with MailServer() as mail, PhoneGateway() as phones:
        none = hailong(settings, "remind", **reach(mail, phones))
        assert (none.returncode, none.stdout) == (0, "Không có gì đến hạn gửi.\n")
        assert hailong(settings, "send", **reach(mail, phones)).stdout == "Đã gửi đến: 1\n"
        session.execute(sa.update(Delivery).where(Delivery.due_at.is_not(None)).values(due_at=now()))
        session.commit()
        assert hailong(settings, "remind", **reach(mail, phones)).stdout == "Đã gửi đến: 1\n"
        assert hailong(settings, "remind", **reach(mail, phones)).stdout == "Không có gì đến hạn gửi.\n"
        first, second = mail.received
    assert first["Message-ID"] != second["Message-ID"]
    assert "nhắc lại" in second["Subject"].lower()
    plain = second.get_body(("plain",))
    assert plain is not None and token in plain.get_content()


def test_without_any_server_nothing_is_tried_and_the_cure_is_named(session: Session, settings: Settings) -> None:
    invite_all(session, "linh@example.vn")
    done = hailong(settings, "send")
    assert done.returncode == 0
    assert "HAILONG_SMTP_HOST" in done.stderr
    wrong = hailong(settings, "send", HAILONG_SMTP_HOST="127.0.0.1")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "HAILONG_MAIL_FROM" in wrong.stderr


def test_an_export_hands_each_message_over_once_in_a_private_file(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    tokens = invite_all(session, *CANARIES)
    first, second = tmp_path / "gui.csv", tmp_path / "gui-2.csv"
    assert "Đã ghi 2 tin" in hailong(settings, "send", "--export", str(first)).stdout
    assert hailong(settings, "send", "--export", str(first)).returncode == 1, "a file that is there is left alone"
    assert "Đã ghi 0 tin" in hailong(settings, "send", "--export", str(second)).stdout
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    with first.open(encoding="utf-8-sig", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: CANARIES.index(row["address"]))
    assert [row["address"] for row in rows] == list(CANARIES)
    assert [row["link"] for row in rows] == [f"https://khaosat.vinhlong.gov.vn/r/{token}" for token in tokens]
    assert all(row["link"] in row["text"] and row["link"] in row["short_text"] for row in rows)
    session.expire_all()
    handed = session.scalars(sa.select(Delivery).where(Delivery.state == State.EXPORTED)).all()
    assert {message.key for message in handed} == {row["key"] for row in rows}
    assert all(message.payload is None for message in handed)


def test_doctor_finds_an_address_that_is_kept_too_long(session: Session, settings: Settings) -> None:
    invite_all(session, CANARIES[0])
    assert "không có địa chỉ nào lưu quá bảy ngày" in hailong(settings, "doctor").stdout
    session.execute(sa.update(Delivery).values(expires_at=now() - MINUTE))
    session.commit()
    assert "còn 2 địa chỉ lưu quá bảy ngày" in hailong(settings, "doctor").stdout
    hailong(settings, "send")
    assert "không có địa chỉ nào lưu quá bảy ngày" in hailong(settings, "doctor").stdout


def test_every_setting_for_sending_stands_in_the_guide(settings: Settings) -> None:
    guide = (ROOT / "docs" / "sending.md").read_text(encoding="utf-8")
    named = [s.variable for s in SETTINGS if re.search("SMTP|MAIL|GATEWAY|SEND|REMINDER", s.variable)]
    assert len(named) == 14
    assert [variable for variable in named if f"`{variable}`" not in guide] == []


def encodings(secret: str) -> set[bytes]:
    """Return seven ways in which a text may lie about."""
    raw = secret.encode()
    return {
        raw,
        raw[::-1],
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"="),
        base64.urlsafe_b64encode(raw).rstrip(b"="),
        urllib.parse.quote(secret, safe="").encode(),
        secret.encode("utf-16-le"),
    }


def dump(settings: Settings) -> bytes:
    """Return everything that the database holds, and on SQLite its files too."""
    url = sa.make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        folder = Path(str(url.database)).parent
        with closing(sqlite3.connect(str(url.database))) as connection:
            text = "\n".join(connection.iterdump()).encode()
        return text + b"".join(path.read_bytes() for path in folder.glob("hailong.db*"))
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        parts = []
        for (name,) in names:
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT'.encode()) as copy:
                parts += [bytes(part) for part in copy]
    return b"".join(parts)


def test_no_address_token_or_link_lies_open_in_the_database_or_the_logs(
    app: Flask, session: Session, settings: Settings
) -> None:
    """Under every fault, with everything logged, while messages wait and after they have gone."""
    tokens = invite_all(session, *CANARIES * 3)
    logs = ""
    with MailServer() as mail, PhoneGateway() as phones:
        for stage, behaviour in (("rcpt", "450 later"), ("data", "close"), ("rcpt", "550 nobody")):
            mail.at, phones.replies = {stage: behaviour}, ["lose", (500, {}, CANARIES[1]), (422, {}, CANARIES[1])]
            done = hailong(settings, "send", **reach(mail, phones))
            logs += done.stdout + done.stderr
            before = dump(settings)
            session.execute(sa.update(Delivery).where(Delivery.due_at.is_not(None)).values(due_at=now()))
            session.commit()
    assert '"state": "REFUSED"' in logs
    assert "Traceback" not in logs
    everything = before + dump(settings) + logs.encode()
    for secret in (*CANARIES, *tokens):
        for encoded in encodings(secret):
            assert encoded not in everything, (secret, encoded)


def test_the_harness_of_the_leak_check_sees_a_leak(session: Session, settings: Settings) -> None:
    placement = factories.placement(session, code="LEAK")
    placement.label = {"vi": CANARIES[0], "en": ""}
    session.commit()
    assert any(encoded in dump(settings) for encoded in encodings(CANARIES[0]))
