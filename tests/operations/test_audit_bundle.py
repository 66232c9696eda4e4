"""Auditors check a bundle without the server: nothing wrong of all that may happen, and each change is named."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from survey.errors import Conflict, InvalidNote
from survey.ledger import signing_key
from survey.models import Response
from survey.operations import audit_bundle, audit_check
from survey.operations.audit_check import Audit
from survey.web.public.ledger import SCRIPT
from tests.ledger.test_life import CLOSED, DAY, counters, cut, office, people
from tests.support import commands, factories
from tests.support.ledgers import NOON, Ledger, ledger, sealed

__all__ = ["ledger", "sealed"]  # the fixtures
Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def bundle(ledger: Ledger, tmp_path: Path) -> Path:
    """A bundle of a ledger in which everything has happened, links cut and a period closed among it."""
    ledger.seal(NOON - DAY)
    for step, when in ((people, NOON), (counters, NOON), (office, CLOSED)):
        with ledger.writing() as session:
            step(session)
        ledger.seal(when)
    with ledger.writing() as session:
        factories.response(session, 2, when=CLOSED)
    return exported(ledger, tmp_path / "audit.zip", CLOSED)


def exported(ledger: Ledger, path: Path, when: Any) -> Path:
    ledger.seal(when)
    with ledger.store.session(writes=False) as session:
        audit_bundle.write(session, path)
    return path


def edited(path: Path, name: str, edit: Edit) -> Path:
    """Return a bundle in which one line of a file is another one; no line if `edit` returns False."""
    target = path.with_name("edited.zip")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(target, "w") as after:
        for one in before.namelist():
            content = before.read(one)
            if one == name:
                first, *rest = content.decode().splitlines()
                about = json.loads(first)
                kept = edit(about) is not False
                content = "".join(f"{line}\n" for line in [*([json.dumps(about)] if kept else []), *rest]).encode()
            after.writestr(one, content)
    return target


def named(audit: Audit) -> str:
    return "\n".join(str(one) for one in audit.discrepancies)


def test_all_that_happened_is_as_the_ledger_says_before_a_cut_and_after_it(ledger: Ledger, bundle: Path) -> None:
    key = signing_key.load(ledger.key).verifier
    before = audit_check.check(bundle, key)
    assert named(before) == "" and before.periods == 1 and before.happened["period_closed"] == 1
    with ledger.writing() as session:
        cut(session)
    after = audit_check.check(
        exported(ledger, bundle.with_name("after.zip"), CLOSED + 30 * DAY), key, before.checkpoint
    )
    assert named(after) == "" and after.answers == before.answers and after.happened["kept"] > 0
    assert bundle.stat().st_mode & 0o777 == 0o600


def rerated(about: dict[str, Any]) -> None:
    about["answer"]["overall"] = about["answer"]["overall"] % 5 + 1


def moved(about: dict[str, Any]) -> None:
    about["answer"]["agency_id"] += 1


def salted(about: dict[str, Any]) -> None:
    about["salt"] = "00" * 32


def removed(_about: dict[str, Any]) -> bool:
    return False


def added(about: dict[str, Any]) -> None:
    about["entry"] = 0


def refrozen(about: dict[str, Any]) -> None:
    about["frozen"] = about["frozen"].replace("2026-10", "2026-09", 1)


CHANGES: tuple[tuple[str, Edit, str], ...] = (
    ("answers.jsonl", rerated, "bị sửa"),
    ("answers.jsonl", moved, "bị sửa"),
    ("answers.jsonl", salted, "bị sửa"),
    ("answers.jsonl", removed, "đã bị xóa"),
    ("answers.jsonl", added, "bị thêm vào"),
    ("periods.jsonl", refrozen, "2026-10 calendar"),
    ("periods.jsonl", removed, "2026-10 calendar"),
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # of a file
def test_each_change_of_a_bundle_is_named(bundle: Path) -> None:
    for file, edit, words in CHANGES:
        assert words in named(audit_check.check(edited(bundle, file, edit))), edit


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_frozen_figures_that_are_not_those_of_the_answers_are_found_even_where_ledger_and_hash_agree(
    sealed: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.results import counts

    live = counts.live_rows

    def flattered(*given: Any, **named: Any) -> list[tuple[Any, ...]]:
        return [(*row[:-8], row[-8], row[-8], *[0] * 4, row[-8], row[-1]) for row in live(*given, **named)]

    with sealed.writing() as session, monkeypatch.context() as patch:
        patch.setattr(counts, "live_rows", flattered)
        office(session)
    audit = audit_check.check(exported(sealed, tmp_path / "audit.zip", CLOSED))
    assert "2026-10" in named(audit) and len(audit.discrepancies) == 1
    assert "2026-10" in "\n".join(map(str, sealed.verify().discrepancies)), "the database says so, too"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_no_bundle_or_signed_by_another_key_is_refused_and_nothing_is_overwritten(
    ledger: Ledger, sealed: Ledger, tmp_path: Path
) -> None:
    path = exported(sealed, tmp_path / "audit.zip", NOON)
    other = signing_key.make(tmp_path / "other", "example.vn/ledger").verifier
    (tmp_path / "none.zip").write_bytes(b"nothing")
    for file, key in ((path, other), (tmp_path / "none.zip", None)):
        with pytest.raises(InvalidNote):
            audit_check.check(file, key)
    for size in random.Random(1).sample(range(len(path.read_bytes())), 20):
        (tmp_path / "short.zip").write_bytes(path.read_bytes()[:size])
        with pytest.raises(InvalidNote):
            audit_check.check(tmp_path / "short.zip")
    with pytest.raises(FileExistsError):
        exported(sealed, path, NOON)
    with sealed.writing() as session:
        office(session)
    with sealed.store.session(writes=False) as session, pytest.raises(Conflict):
        audit_bundle.write(session, tmp_path / "new.zip")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_two_commands_write_and_check_it_the_second_without_a_database(
    sealed: Ledger, database_url: str, tmp_path: Path
) -> None:
    told = {"SECRET_KEY": factories.SECRET, "PUBLIC_URL": "https://example.vn", "HAILONG_LANGUAGE": "vi"}
    path = tmp_path / "audit.zip"
    with sealed.writing() as session:
        number = session.scalar(sa.select(sa.func.count()).select_from(Response))
    done = commands.hailong("export", "audit", path, DATABASE_URL=database_url, **told)
    assert done.returncode == 0 and str(number) in done.stdout, done.stderr
    alone = commands.hailong("verify", "--audit", path, DATABASE_URL="sqlite:////nowhere/at/all", HAILONG_LANGUAGE="vi")
    assert alone.returncode == 0 and "Hãy so khóa" in alone.stdout, alone.stdout + alone.stderr
    spoilt = edited(path, *CHANGES[0][:2])
    assert commands.hailong("verify", "--audit", spoilt, HAILONG_LANGUAGE="vi").returncode == 1
    with zipfile.ZipFile(path) as file:
        file.extractall(tmp_path / "ledger")
    key = (tmp_path / "ledger" / "key").read_text(encoding="utf-8").strip()
    public = [sys.executable, "-I", SCRIPT, tmp_path / "ledger", "--key", key]
    assert subprocess.run(public, check=False).returncode == 0, "its public half is a ledger as it is served"
