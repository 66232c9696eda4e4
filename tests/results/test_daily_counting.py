"""Days are counted beside those who write: whatever is under way is waited for, and nothing else is."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.results import daily_counting
from tests.results.test_daily_counts import NOON, TODAY, answers, judged
from tests.support import factories


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_what_was_under_way_when_a_day_was_announced_is_waited_for(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody else can be writing then."""
    answers(store)
    monkeypatch.setattr(daily_counting, "DRAINED_SECONDS", 0.2)
    with store.session(writes=True) as slow:
        factories.response(slow, 5, when=NOON)  # before the day is announced, so that nothing is noted of it
        assert daily_counting.keep(store, TODAY) == 0
        slow.commit()
    assert daily_counting.keep(store, TODAY) == 4
    assert judged(store) == (4, 29)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_what_begins_while_a_day_is_announced_is_waited_for(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is noted of it: the announcement is not there yet for anybody else when it is written."""
    answers(store)
    monkeypatch.setattr(daily_counting, "DRAINED_SECONDS", 0.2)
    announce = daily_counting.announce
    with store.session(writes=True) as slow:

        def meanwhile(session: Session, today: dt.date) -> int:
            number = announce(session, today)
            factories.response(slow, 5, when=NOON)
            return number

        with monkeypatch.context() as patch:
            patch.setattr(daily_counting, "announce", meanwhile)
            assert daily_counting.keep(store, TODAY) == 0
        slow.commit()
    assert daily_counting.keep(store, TODAY) == 4
    assert judged(store) == (4, 29)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_what_is_under_way_in_another_database_of_the_server_holds_nothing_up(
    store: Database, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(store)
    monkeypatch.setattr(daily_counting, "DRAINED_SECONDS", 0.2)
    with psycopg.connect(postgres) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        assert daily_counting.keep(store, TODAY) == 4
