"""Counts by the API: those of the dashboard, of any period that may be asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.models import Channel
from survey.periods import local_day, now, parse
from survey.results import closing
from survey.results.figures import figures
from survey.results.scope import scope_for, standard_of
from survey.settings import Settings
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.portal import Portal, check_problem


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Figures are compared on few answers; what is not shown of few, in tests/rules/test_disclosure.py."""
    return replace(settings, fewest_shown=1)


def test_counts_are_the_figures_of_the_dashboard(portal: Portal, session: Session, settings: Settings) -> None:
    when = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
    for rating, agency, channel in (
        (5, "H61.50", Channel.INVITATION),
        (2, "H61.50", Channel.INVITATION),
        (4, "H61.51", Channel.INVITATION),
        (1, "H61.50", Channel.OPEN),
        (5, "H61.51", Channel.KIOSK),
    ):
        factories.response(session, rating, agency, when=when, channel=channel)
    session.commit()
    for by, ask in (("unit", ""), ("procedure", "&by=procedure")):
        told: dict[str, Any] = portal.get(f"/counts?period=2026-10{ask}").json  # type: ignore[assignment]
        scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
        standard = standard_of(settings)
        total = figures(session, scope, standard, local_day(now()), by).judged.total  # type: ignore[arg-type]
        session.rollback()  # on SQLite the write lock is everybody's
        for name in ("answered", "satisfied", "rate", "lower", "upper", "verdict", "finished", "level_2", "mean"):
            assert told["judged"]["total"][name] == getattr(total, name)
        assert (told["target"], told["second_target"]["share"]) == (0.90, 0.95)
        assert told["second_target"]["verdict"] == "inconclusive" and "1565" in told["second_target"]["source"]["vi"]
        assert (told["judged"]["total"]["answered"], told["judged"]["total"]["satisfied"]) == (3, 2)
        assert sum(line["answered"] for line in told["judged"]["lines"]) == 3
        assert (told["open"]["total"]["answered"], told["kiosk"]["total"]["answered"]) == (1, 1)
        assert "verdict" not in told["open"]["total"]
        assert (told["period"]["first_day"], told["period"]["last_day"]) == ("2026-10-01", "2026-10-31")
    ward: dict[str, Any] = portal.get("/counts?period=2026-11&basis=administrative&agency=H61.51").json  # type: ignore[assignment]
    assert ward["period"]["first_day"] == "2026-10-15" and ward["judged"]["total"]["answered"] == 0
    assert ward["judged"]["total"]["rate"] is None


@pytest.mark.parametrize("basis", ["calendar", "administrative"])
@pytest.mark.parametrize("by", ["unit", "procedure"])
def test_years_from_2000_on_may_be_asked_for_and_have_no_answers(portal: Portal, basis: str, by: str) -> None:
    for code in ("2000", "2000-01", "2001-H1", "2010-9M", "2020-Q1", "2021-12", "2022", "2022-Q4", "2023"):
        reply = portal.get(f"/counts?period={code}&basis={basis}&by={by}")
        assert reply.status_code == 200, (code, reply.text)
        told: dict[str, Any] = reply.json  # type: ignore[assignment]
        period = parse(code, basis)
        assert (told["period"]["first_day"], told["period"]["last_day"]) == (str(period.first), str(period.last))
        assert (told["judged"]["total"]["answered"], told["judged"]["total"]["rate"]) == (0, None)


@pytest.mark.parametrize("code", ["1999", "1999-12", "0022-Q1", "22", "2022-Q5", "2022-13", "2022-0", "２０２２"])
def test_what_is_no_period_is_named_with_what_to_write(portal: Portal, code: str) -> None:
    told = check_problem(portal.get(f"/counts?period={code}"), 422, "invalid_request")
    [fault] = told["faults"]
    assert fault["field"] == "period" and "2026-Q3" in fault["message"]


def test_figures_of_a_closed_period_name_the_snapshot_that_they_are_of(portal: Portal, session: Session) -> None:
    when = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
    factories.response(session, 5, when=when)
    session.commit()
    running: dict[str, Any] = portal.get("/counts?period=2026-10").json  # type: ignore[assignment]
    assert running["period"]["snapshot"] is None
    closed_at = dt.datetime(2026, 11, 2, 3, tzinfo=dt.UTC)
    row = closing.close(session, parse("2026-10"), closed_at, STANDARD)
    digest = closing.digest_on_record(session, row)
    session.commit()
    first: dict[str, Any] = portal.get("/counts?period=2026-10").json  # type: ignore[assignment]
    assert first["period"]["snapshot"] == {"closed_at": "2026-11-02T03:00:00Z", "digest": digest} and digest
    factories.response(session, 1, when=when)
    session.commit()
    assert portal.get("/counts?period=2026-10").json == first, "what comes later is of no closed period"
