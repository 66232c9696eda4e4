"""`hailong daily-counts`: days are counted, compared with a recount, and counted anew where somebody changed them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.db.engine import Database
from survey.models import DailyCell
from tests.support import commands, factories


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # both are tried where it is counted
def test_kept_counts_are_made_compared_and_made_anew(store: Database, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": str(store.url), "SECRET_KEY": factories.SECRET, "HAILONG_INSTANCE": str(tmp_path)}
    with store.session(writes=True) as session:
        factories.response(session, 5, when=dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
        session.commit()
    assert "2" in commands.hailong("daily-counts", **environ).stdout
    assert commands.hailong("daily-counts", "--check", **environ).returncode == 0
    with store.session(writes=True) as session:
        session.execute(sa.update(DailyCell).values(level_1=7))
        session.commit()
    differing = commands.hailong("daily-counts", "--check", **environ)
    assert differing.returncode == 1 and "khác với kết quả đếm lại" in differing.stdout
    assert commands.hailong("daily-counts", "--rebuild", **environ).returncode == 0
    assert commands.hailong("daily-counts", "--check", **environ).returncode == 0
