"""PostgreSQL's programs are held to the server's version, and what they lack or refuse is said with the cure."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.errors import Conflict
from survey.operations import postgresql_programs
from survey.operations.postgresql_programs import FAILED, FULL, MISSING, find, run


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program in three versions: on the PATH, and in folders as Debian has them."""
    for folder, version in (("bin", "15.18 (Debian)"), ("debian/16/bin", "16.4"), ("debian/18/bin", "18.6")):
        program(tmp_path / folder, f"echo 'pg_dump (PostgreSQL) {version}'")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(postgresql_programs, "DEBIAN", tmp_path / "debian")
    return tmp_path


def program(folder: Path, script: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pg_dump"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_oldest_that_knows_the_server_is_taken(installed: Path) -> None:
    taken = {server: Path(find("pg_dump", server)).relative_to(installed).parts[:-1] for server in (14, 15, 16, 17)}
    assert taken == {
        14: ("bin",),
        15: ("bin",),
        16: ("debian", "16", "bin"),
        17: ("debian", "18", "bin"),
    }


@pytest.mark.parametrize(("name", "server"), [("pg_dump", 19), ("pg_restore", 15)], ids=["too old", "missing"])
def test_what_is_missing_or_too_old_names_the_package(installed: Path, name: str, server: int) -> None:
    with pytest.raises(Conflict) as refused:
        find(name, server)
    assert refused.value.message == MISSING and refused.value.values == {"program": name, "version": server}
    assert f"apt-get install postgresql-client-{server}" in str(refused.value)


def test_a_password_is_never_among_the_arguments(tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = program(tmp_path, f'echo "$@" > {out}')
    url = sa.make_url(r"postgresql+psycopg://hailong:a%20w:\rd@db:6543/survey?sslmode=require")
    run(path, url, tmp_path, "--format=custom")
    arguments, file = out.read_text(encoding="utf-8"), tmp_path / "password"
    assert file.read_text(encoding="utf-8") == "*:*:*:*:a w\\:\\\\rd\n" and file.stat().st_mode & 0o777 == 0o600
    assert set(arguments.split()) == {
        "--dbname=host=db",
        "port=6543",
        "user=hailong",
        "dbname=survey",
        "sslmode=require",
        f"passfile={file}",
        "--format=custom",
    }


@pytest.mark.parametrize(
    ("told", "message"),
    [("pg_dump: error: connection failed\nmore", FAILED), ("pg_dump: No space left on device", FULL)],
)
def test_why_a_program_gave_up_is_said(tmp_path: Path, told: str, message: str) -> None:
    path = program(tmp_path, f"printf '{told}' >&2; exit 1")
    with pytest.raises(Conflict) as refused:
        run(path, sa.make_url("postgresql+psycopg://db/survey"), tmp_path)
    assert refused.value.message == message
    if message == FAILED:
        assert refused.value.values == {"program": "pg_dump", "reason": "pg_dump: error: connection failed"}
