"""`hailong callback draw`: the draw by command, and its check from the ledger, which names what was changed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.models import CallBackCase, CallBackDesign
from tests.support import commands, factories
from tests.support.callbacks import AFTER, sealed_design
from tests.support.ledgers import Ledger, ledger

__all__ = ["ledger"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the draw itself is tried on both
def test_the_draw_is_made_and_repeated_and_a_change_ends_with_1(
    ledger: Ledger, database_url: str, tmp_path: Path
) -> None:
    def run(*arguments: str, language: str = "en") -> tuple[int, str]:
        environ = {"DATABASE_URL": database_url, "HAILONG_INSTANCE": str(tmp_path), "HAILONG_LANGUAGE": language}
        done = commands.hailong("callback", "draw", *arguments, SECRET_KEY=factories.SECRET, **environ)
        return done.returncode, done.stdout

    sealed_design(ledger)
    assert run("--check") == (0, "")
    assert run() == (0, "Call-backs that moved on: 0.\n"), "no checkpoint covers it yet"
    ledger.seal(AFTER)
    code, words = run()
    assert code == 0 and "drawn as the checkpoint of" in words and "moved on: 1." in words
    assert not [one.message for one in ledger.verify().discrepancies]
    with ledger.writing() as session:
        first = sa.update(CallBackCase).where(CallBackCase.turn == 0)
        session.execute(first.values(position=CallBackCase.position + 1))
    for language, told in (("en", "Other cases were drawn"), ("vi", "Mẫu đã rút khác với")):
        code, words = run("--check", language=language)
        assert code == 1 and told in words
    assert [str(one) for one in ledger.verify().discrepancies] == [
        "Phúc tra kỳ 2026-09 calendar: thiết kế, việc rút mẫu hoặc kết quả không đúng như sổ ghi."
    ]
    with ledger.writing() as session:
        session.execute(sa.delete(CallBackCase))
        session.execute(sa.delete(CallBackDesign))
    assert len(ledger.verify().discrepancies) == 1, "one that is gone is missed"
