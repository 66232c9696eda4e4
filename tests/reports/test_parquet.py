"""Figures of closed months as Parquet: what pages tell everybody, and added up by another program over provinces."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.models import Channel
from survey.periods import Basis, parse
from survey.reports import lake as read_back
from survey.reports import parquet
from survey.results import closing
from survey.results.scope import Standard
from tests.analysis.command.program import run
from tests.support import commands, factories

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
STANDARD = Standard("0.90", 0.95)


def a_closed_month(session: Session) -> None:
    factories.agency(session, "H61.53", factories.Level.COMMUNE, "Xã Thêm", "Commune Them", 1)
    given = {"H61.50": [5] * 33 + [2] * 7, "H61.51": [4] * 30, "H61.52": [1] * 3, "H61.53": [5] * 50}
    for agency, ratings in given.items():
        for rating in ratings:
            factories.response(session, rating, agency, when=NOON)
    for _ in range(12):
        factories.response(session, 3, "H61.50", when=NOON, channel=Channel.OPEN)
    closing.close(session, OCTOBER, LATER, STANDARD)
    session.commit()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is told of a closed month is no matter of SQL
def test_a_closed_month_tells_by_unit_what_everybody_may_know(store: Database, tmp_path: Path) -> None:
    with store.session(writes=True) as session:
        a_closed_month(session)
    lake = tmp_path / "lake"
    environ = {"DATABASE_URL": str(store.url), "SECRET_KEY": factories.SECRET, "HAILONG_INSTANCE": str(tmp_path)}
    done = commands.hailong("export", "figures", "--parquet", lake, **environ)
    assert done.returncode == 0, done.stderr
    [file] = lake.rglob("*.parquet")
    assert file.relative_to(lake) == Path("province=H61/month=2026-10/calendar.parquet")
    rows = pq.read_table(file).to_pylist()
    judged = {row["code"]: row for row in rows if row["channel"] == "invitation" and row["line"] != "pooled"}
    total, first, few = judged["H61"], judged["H61.53"], judged["H61.52"]
    assert (total["line"], total["answered"], total["satisfied"], total["finished"]) == ("total", 123, 113, 123)
    assert (few["answered"], few["satisfied"], few["withheld"]) == (3, None, "few")
    assert judged["H61.51"]["withheld"] == "others", "else the few would follow by subtraction"
    assert (first["withheld"], first["answered"], first["level_5"]) == ("", 50, 50)
    assert rows[0]["snapshot"]
    with store.session(writes=False) as session:
        assert parquet.closed_months(session, Basis.ADMINISTRATIVE) == []
    asked = ("--satisfied", "satisfied", "--answered", "answered", "--where", "line=total,channel=invitation")
    judged_anew = json.loads(run(str(lake / "**" / "*.parquet"), *asked, "--by", "province", "--json").out)
    assert judged_anew["groups"][0]["satisfied"] == 113 and judged_anew["groups"][0]["answered"] == 123
    [month] = read_back.lake_months(str(lake / "**" / "calendar.parquet"), Basis.CALENDAR)
    assert (month.code, month.answered, month.counted["satisfied"], month.demo) == ("H61", 123, 113, False)
    assert month.name == {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": "Vinh Long Province"}
