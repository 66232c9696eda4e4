"""Backups are made whole or not at all, kept as many as wanted, and told of by doctor where they are missing."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import Conflict
from survey.models import AuditEntry
from survey.operations import backup_file, backup_findings, backups, child_processes, database_copy, postgresql_programs
from survey.settings import Settings
from tests.support import commands
from tests.support.backups import PUBLIC, environment, members, path_of_programs, with_backups

AT = dt.datetime(2026, 11, 29, 13, 5, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_of_programs())


@pytest.fixture
def chosen(settings: Settings, tmp_path: Path) -> Settings:
    return with_backups(settings, tmp_path / "backups")


def names(chosen: Settings) -> list[str]:
    return sorted(path.name for path in Path(chosen.backups).iterdir())


def test_a_backup_lists_what_it_holds_and_is_on_record(chosen: Settings, store: Database, look: Look) -> None:
    made = backups.make(store, chosen, None, AT)
    assert names(chosen) == [made.path.name] == ["hailong-20261129T130500Z.tar.gz.age"]
    assert made.path.stat().st_mode & 0o777 == 0o600
    listed, _seal, copy = members(made.path).items()
    manifest = json.loads(listed[1])
    assert copy == (manifest["member"], copy[1]) and len(copy[1]) == manifest["size"]
    assert (manifest["rows"]["agency"], manifest["rows"]["installation"]) == (6, 1)
    ((about,),) = look(sa.select(AuditEntry.about).where(AuditEntry.act == Act.DATABASE_BACKED_UP.value))
    assert about["file"] == made.path.name
    assert about["rows"] == sum(manifest["rows"].values()) and about["size"] == made.path.stat().st_size
    assert [path.name for path in chosen.instance.iterdir()] == [backups.LOCK], "no plain copy is left"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # only files are counted
def test_the_newest_are_kept_and_nothing_else_in_the_folder_is_touched(chosen: Settings, store: Database) -> None:
    chosen, folder = replace(chosen, backups_kept=2), Path(chosen.backups)
    others = ["notes.txt", "hailong-19990101T000000Z.tar.gz.age.kept", "hailong-99999999T999999Z.tar.gz.age"]
    for name in (*others, "hailong-20261128T000000Z.tar.gz.age.part"):
        (folder / name).touch()
    for hours in range(3):
        backups.make(store, chosen, None, AT + hours * HOUR)
    kept = [backup_file.file_name(AT + hours * HOUR) for hours in (1, 2)]
    assert names(chosen) == sorted([*others, *kept])
    backups.make(store, replace(chosen, backups=""), folder, AT + 4 * HOUR)
    assert len(names(chosen)) == 6, "in another folder nothing is removed"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_next_is_due_after_its_hours(chosen: Settings, store: Database) -> None:
    assert backups.due(chosen, AT) and not backups.due(replace(chosen, backups=""), AT)
    backups.make_due(store, chosen, AT)
    backups.make_due(store, chosen, AT + HOUR)
    assert len(names(chosen)) == 1
    assert not backups.due(chosen, AT + 23 * HOUR) and backups.due(chosen, AT + 24 * HOUR)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_full_disk_leaves_the_backup_of_before_and_nothing_half_written(chosen: Settings, store: Database) -> None:
    chosen = replace(chosen, backups_kept=2)
    earlier = [backups.make(store, chosen, None, AT + hours * HOUR).path.name for hours in (0, 1)]
    path = Path(chosen.backups) / backup_file.file_name(AT + 2 * HOUR)
    path.with_name(path.name + backup_file.PART).symlink_to("/dev/full")
    with pytest.raises(OSError) as refused:
        backups.make(store, chosen, None, AT + 2 * HOUR)
    assert (refused.value.errno, refused.value.filename) == (errno.ENOSPC, str(path))
    assert names(chosen) == earlier


def test_without_room_for_the_plain_copy_that_is_said(chosen: Settings, store: Database, tmp_path: Path) -> None:
    engine = store.url.get_backend_name()
    folder = tmp_path / "working"
    folder.mkdir()
    (folder / database_copy.MEMBERS[engine]).symlink_to("/dev/full")
    with pytest.raises((OSError, Conflict)) as refused:
        database_copy.take(store, folder)
    if isinstance(refused.value, OSError):
        assert (refused.value.errno, refused.value.filename) == (errno.ENOSPC, str(tmp_path))
    else:
        assert refused.value.message == postgresql_programs.FULL


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "message"),
    [({"backup_key": ""}, backups.NO_KEY), ({"backups": ""}, backups.NO_FOLDER)],
    ids=["no key", "no folder"],
)
def test_without_a_key_or_a_folder_it_says_what_to_set(
    chosen: Settings, store: Database, change: dict[str, str], message: str
) -> None:
    with pytest.raises(Conflict) as refused:
        backups.make(store, replace(chosen, **change), None, AT)
    assert refused.value.message == message


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("folder", "said"),
    [("/nowhere/backups", "a folder on the way"), ("/proc/sys", "cannot be used"), ("{file}", "a file stands where")],
)
def test_a_folder_that_cannot_be_written_is_one_line(chosen: Settings, tmp_path: Path, folder: str, said: str) -> None:
    (tmp_path / "file").touch()
    done = commands.hailong("backup", "--out", folder.format(file=tmp_path / "file"), environ=environment(chosen))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1) and said in done.stderr


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_one_is_made_at_a_time_and_what_a_killed_one_left_is_removed(chosen: Settings, store: Database) -> None:
    left = chosen.instance / f"{backups.WORKING}killed"
    left.mkdir(parents=True)
    (left / "hailong.db").write_text("plain")
    with backups._alone(chosen.instance) as is_alone:
        assert is_alone
        with pytest.raises(Conflict) as refused:
            backups.make(store, chosen, None, AT)
        backups.make_due(store, chosen, AT)
    assert refused.value.message == backups.ANOTHER and names(chosen) == [] and left.exists()
    backups.make(store, chosen, None, AT)
    assert not left.exists()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("first", [1, 100], ids=["its tables", "its rows"])
def test_a_damaged_database_is_not_taken_for_a_backup(chosen: Settings, store: Database, first: int) -> None:
    path = Path(str(store.url.database))
    with path.open("r+b") as file:
        for page in range(first, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    with pytest.raises(Conflict) as refused:
        backups.make(store, chosen, None, AT)
    assert refused.value.message == database_copy.BROKEN and names(chosen) == []


def test_a_database_without_tables_has_nothing_to_back_up(chosen: Settings, tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path}/new.db") as empty, pytest.raises(Conflict) as refused:
        backups.make(empty, chosen, None, AT)
    assert refused.value.message == database_copy.NOTHING


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_work_makes_the_one_that_is_due_and_doctor_tells_of_its_age(chosen: Settings, look: Look) -> None:
    finding = backup_findings.newest(chosen, AT)
    assert (finding.state, finding.observation) == ("warning", "there is none yet")
    for _ in range(2):
        done = commands.hailong("work", "--once", environ=environment(chosen))
        assert done.returncode == 0, done.stderr
    (name,) = names(chosen)
    made = backups.newest(Path(chosen.backups))
    assert made is not None and name == backup_file.file_name(made)
    assert len(look(sa.select(AuditEntry.id).where(AuditEntry.act == Act.DATABASE_BACKED_UP.value))) == 1
    old = made + dt.timedelta(hours=49)
    assert [backup_findings.newest(chosen, at).state for at in (made + 47 * HOUR, old)] == ["ok", "warning"]
    told = commands.hailong("doctor", environ=environment(chosen)).stdout
    assert "ok         backups: 1, the newest of" in told


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_doctor_warns_where_none_can_be_made(chosen: Settings, tmp_path: Path) -> None:
    for unset in ({"backups": ""}, {"backup_key": ""}, {"backups": str(tmp_path / "not mounted")}):
        assert backup_findings.newest(replace(chosen, **unset), AT).state == "warning"


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_doctor_warns_where_a_program_of_postgresql_is_missing(
    chosen: Settings, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(backup_findings.programs(chosen, store)) == []
    monkeypatch.setattr(postgresql_programs, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,) = backup_findings.programs(chosen, store)
    assert (finding.state, finding.values["program"]) == ("warning", "pg_dump")
    assert list(backup_findings.programs(replace(chosen, backups=""), store)) == [], "nobody wants any"
    with pytest.raises(Conflict) as refused:
        backups.make(store, chosen, None, AT)
    assert refused.value.message == postgresql_programs.MISSING


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_one_that_is_ended_leaves_nothing_behind(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(chosen).items():
        monkeypatch.setenv(name, value)
    process = child_processes.start("backup", "--attached")
    while process.poll() is None and not list(chosen.instance.glob(f"{backups.WORKING}*")):
        time.sleep(0.001)
    child_processes.end(process, 60)
    assert [path.name for path in chosen.instance.iterdir()] == [backups.LOCK]
    assert [name for name in names(chosen) if name.endswith(backup_file.PART)] == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_failure_of_the_scheduled_one_is_logged(chosen: Settings) -> None:
    environ = environment(replace(chosen, backups="/nowhere"))
    done = commands.hailong("work", "--once", environ=environ)
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [(line["event"], line["level"], line["state"]) for line in lines] == [("backup", "error", 1)]
    assert PUBLIC not in done.stderr and os.linesep.join(done.stderr.splitlines()).count("/nowhere") == 1
