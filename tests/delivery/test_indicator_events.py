"""The daily indicators: those of the dashboard, once a day to whoever named them, or as a file; each documented."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.delivery import webhooks
from survey.models import Channel, State
from survey.periods import local_day, now, parse
from survey.results import closing
from survey.results.daily_indicators import UNITS, daily_indicators
from survey.settings import ROOT
from tests.support import factories
from tests.support.commands import hailong
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.sending.hooks import START, Receiver

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED, MORNING = dt.datetime(2026, 11, 2, 3, tzinfo=dt.UTC), dt.datetime(2026, 11, 12, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FILES = ("i.json", "i.csv", "i.json", "i.txt", "none/i.csv")
TEN = dataclasses.replace(STANDARD, fewest=10)
SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
Tell = Callable[..., dict[State, int]]


@pytest.fixture
def october(session: Session) -> Session:
    """Twelve answers of October, ten of them satisfied, which is closed, and three of November; one by an open code."""
    for rating in (*[5] * 10, 2, 1):
        factories.response(session, rating, when=NOON)
    closing.close(session, parse("2026-10"), CLOSED, STANDARD)
    for rating in (1, 2, 5):
        factories.response(session, rating, when=CLOSED)
    factories.response(session, 5, when=CLOSED, channel=Channel.OPEN)
    session.commit()
    return session


def values(indicators: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(one["period"], one["code"]): one["value"] for one in indicators}


def test_they_are_the_figures_of_the_running_and_of_the_newest_closed_month(october: Session) -> None:
    province = factories.agency_id(october, "H61")
    told = daily_indicators(october, province, TEN, MORNING.date())
    assert [one.code for one in told] == [*UNITS] * 2
    by_code = values([vars(one) for one in told])
    shown = ("cases.finished", "coverage", "answers.invitation", "satisfaction.rate", "satisfaction.verdict")
    assert [by_code["2026-10", code] for code in shown] == [12, 1.0, 12, pytest.approx(10 / 12), "inconclusive"]
    assert by_code["2026-11", "answers.open"] == 1 and by_code["2026-11", "answers.invitation"] == 3
    assert by_code["2026-11", "satisfaction.rate"] is None, "what three people said is told nobody"
    running = [one for one in told if one.period == "2026-11"]
    assert {one.provisional for one in running} == {True}
    assert {one.withheld for one in running if one.code.startswith("satisfaction.r")} == {"few"}
    first = daily_indicators(october, province, TEN, dt.date(2026, 11, 1))
    assert not any(one.provisional for one in first) and len(first) == len(UNITS), "one month, which is over"


@SQLITE
def test_a_receiver_that_named_them_is_told_once_a_day_and_no_other_one(
    october: Session, receiver: Receiver, tell: Tell
) -> None:
    province = factories.agency_id(october, "H61")
    webhooks.add(october, SECRET, "ioc", receiver.url, [webhooks.DAILY], province, START)
    webhooks.add(october, SECRET, "portal", f"{receiver.url}other", ["period.closed"], province, MORNING)
    october.commit()
    assert [tell(when) for when in (MORNING, MORNING, MORNING + DAY)] == [
        {State.DELIVERED: 1},
        {},
        {State.DELIVERED: 1},
    ]
    bodies = [json.loads(body) for _path, _headers, body in receiver.taken]
    assert [body["as_of"] for body in bodies] == ["2026-11-12", "2026-11-13"]
    assert {body["event"] for body in bodies} == {"indicators.daily"} and {body["agency"] for body in bodies} == {"H61"}
    assert values(bodies[0]["indicators"])["2026-10", "answers.invitation"] == 12
    assert all("Hailong-Signature" in headers for _path, headers, _body in receiver.taken)


@SQLITE
def test_a_file_holds_the_same_and_is_replaced_whole(october: Session, database_url: str, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET, "HAILONG_INSTANCE": str(tmp_path / "instance")}
    codes = [hailong("indicators", "--out", tmp_path / name, **environ).returncode for name in FILES]
    assert codes == [0, 0, 0, 2, 1]
    held = json.loads((tmp_path / "i.json").read_text(encoding="utf-8"))
    with (tmp_path / "i.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["code"] for row in rows] == [one["code"] for one in held["indicators"]]
    assert held["as_of"] == f"{local_day(now())}" == rows[0]["as_of"]
    assert sorted(path.name for path in tmp_path.glob("*i.*")) == ["i.csv", "i.json"]


def test_the_documents_list_each_with_its_unit() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").split("## Daily indicators")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z_.]+)` \| (\w+) \|", text, re.M) == [*UNITS.items()]
