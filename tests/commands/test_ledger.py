"""`hailong ledger-key`, `seal` and `verify`: two commands seal, and one names what was changed, by row, in words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import LedgerCheckpoint, Response
from tests.support import commands, factories
from tests.support.ledgers import NOON


@pytest.fixture
def hailong(database_url: str, tmp_path: Path) -> object:
    def run(*arguments: str | Path, language: str = "en") -> subprocess.CompletedProcess[str]:
        environ = {"DATABASE_URL": database_url, "HAILONG_INSTANCE": str(tmp_path), "HAILONG_LANGUAGE": language}
        return commands.hailong(*arguments, SECRET_KEY=factories.SECRET, PUBLIC_URL="https://example.vn", **environ)

    return run


def test_a_change_is_named_in_the_persons_language_and_ends_with_1(
    hailong: object, session: Session, tmp_path: Path
) -> None:
    run = hailong
    assert callable(run)
    factories.response(session, 4, when=NOON)
    session.commit()
    assert "No key" in run("seal").stderr or run("seal").returncode == 1
    made = run("ledger-key")
    key = made.stdout.splitlines()[-1]
    assert made.returncode == 0 and key.startswith("example.vn/ledger+")
    assert run("ledger-key").returncode == 1, "a key is never replaced"
    assert run("seal").returncode == 0 and "sealed before" in run("seal").stdout
    note = session.scalars(sa.select(LedgerCheckpoint.note)).one()
    (tmp_path / "old").write_text(note, encoding="utf-8")
    session.rollback()
    whole = run("verify", "--since", tmp_path / "old", "--key", key)
    assert whole.returncode == 0 and whole.stdout.startswith("All is as the ledger says: "), whole.stdout
    session.execute(sa.update(Response).values(overall=5))
    session.commit()
    for language, words in (("en", "it was changed or moved"), ("vi", "phiếu đã bị sửa hoặc bị chuyển chỗ")):
        changed = run("verify", language=language)
        assert changed.returncode == 1 and words in changed.stdout and "2026-10-05" in changed.stdout
    other = key.replace("example.vn/ledger+", "example.vn/other+")
    assert run("verify", "--key", other).returncode == 1
    (tmp_path / "no note").write_text("nothing", encoding="utf-8")
    refused = run("verify", "--since", tmp_path / "no note")
    assert refused.returncode == 1 and "no signed checkpoint" in refused.stderr and "Traceback" not in refused.stderr
