"""A gateway's key is renewed while messages go out: none is lost, and nothing half written is ever sent."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.delivery import gateway_headers
from survey.delivery.worker import Worker
from survey.errors import Conflict
from survey.i18n import speaking
from survey.models import Reason, State
from survey.periods import now
from survey.settings import Settings, SettingsError
from survey.web.survey import survey_of
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import BY_PHONE, HOUR, invite_all, stands

Told = Callable[[str], str]


@pytest.fixture
def told(app: Flask, tmp_path: Path) -> Told:
    """The command, as a timer runs it, with the file that the setting names."""
    survey = survey_of(app)
    survey.settings = dataclasses.replace(survey.settings, gateway_headers=f"@{tmp_path / 'gateway.json'}")

    def run(text: str) -> str:
        with speaking("vi"):
            done = app.test_cli_runner().invoke(args=["hailong", "gateway-headers"], input=text)
        if done.exception:
            raise done.exception
        return done.output

    return run


def test_a_worker_that_runs_on_takes_the_new_key_and_nothing_is_lost_meanwhile(
    app: Flask, session: Session, phones: PhoneGateway, reach: Settings, tmp_path: Path, told: Told
) -> None:
    settings = dataclasses.replace(reach, gateway_headers=f"@{tmp_path / 'gateway.json'}")
    invite_all(session, BY_PHONE.address)
    clock = [now()]
    worker = Worker(survey_of(app).database, settings, ["vi", "en"], clock=lambda: clock[0])
    assert worker.run() == {State.QUEUED: 1}, "without a key it waits"
    assert stands(session) == (State.QUEUED, Reason.SETUP)
    assert phones.requests == []
    assert "kế tiếp" in told('{"access_token": "first"}')
    clock[0] += HOUR
    assert worker.run() == {State.DELIVERED: 1}
    told('{"access_token": "second", "X-App": "hailong"}')
    invite_all(session, BY_PHONE.address)
    clock[0] = now() + HOUR
    assert worker.run() == {State.DELIVERED: 1}
    keys = [headers["access_token"] for _path, headers, _sent in phones.requests]
    assert keys == ["first", "second"]
    assert phones.requests[1][1]["X-App"] == "hailong"


@pytest.mark.parametrize("text", ["", "[]", '{"A": 1}', '{"A b": "c"}', '{"A": "b\\nC: d"}', '{"A": "b"'])
def test_what_is_no_header_is_refused_and_the_old_key_stays(tmp_path: Path, told: Told, text: str) -> None:
    told('{"access_token": "good"}')
    path = tmp_path / "gateway.json"
    with pytest.raises(SettingsError):
        told(text)
    assert gateway_headers.GatewayHeaders(f"@{path}").current() == {"access_token": "good"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".gateway")] == []


def test_the_command_needs_a_file_and_says_so(app: Flask) -> None:
    with speaking("vi"):
        done = app.test_cli_runner().invoke(args=["hailong", "gateway-headers"], input="{}")
    assert isinstance(done.exception, Conflict)
    with pytest.raises(SettingsError, match="from the root on"):
        gateway_headers.file_of("@gateway.json")


def test_a_file_that_is_damaged_or_gone_is_no_reason_to_send_the_old_key(tmp_path: Path) -> None:
    path = tmp_path / "gateway.json"
    gateway_headers.store(path, '{"A": "b"}')
    headers = gateway_headers.GatewayHeaders(f"@{path}")
    assert headers.current() == headers.current() == {"A": "b"}
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError):
        headers.current()
    path.unlink()
    with pytest.raises(SettingsError):
        headers.current()
    gateway_headers.store(path, '{"A": "c"}')
    assert headers.current() == {"A": "c"}
