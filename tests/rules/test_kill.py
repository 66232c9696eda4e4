"""kill -9 under load: every acknowledged answer is there once, and a control that loses answers is caught."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.db.engine import Database
from survey.settings import Settings
from tests.support import factories
from tests.support.faults import evidence
from tests.support.faults.cluster import Cluster
from tests.support.faults.people import NotAcknowledged, Sheet, crowd, open_page, send
from tests.support.faults.restarted import forked

PEOPLE = 8
Turns = Callable[[int, int], int]


def sheets(settings: Settings, count: int, random_: random.Random) -> list[Sheet]:
    """Give `count` people an invitation each; every second one uses the open code."""
    with Database(settings.database_url) as database, database.session(writes=True) as session:
        if not session.scalars(sa.select(factories.Placement.code)).all():
            factories.placement(session)
        made = [
            Sheet(f"/r/{factories.invitation(session)}" if i % 2 else "/q/TESTQR", random_.randint(1, 5))
            for i in range(count)
        ]
        session.commit()
    return made


def cycles(
    settings: Settings, count: int, seed: int, application: str = "survey.wsgi:served"
) -> tuple[set[str], list[str]]:
    """Kill the server and the sealing `count` times under load; return the acknowledged receipts and the stored ones.

    Whoever got no reply sends the same page again after the restart, as a phone does. After each kill the ledger
    continues what it was before, and agrees with all that is stored.
    """
    random_ = random.Random(seed)
    everybody: list[Sheet] = []
    checkpoint = None
    with forked(settings, application) as server:
        for number in range(count):
            fresh = sheets(settings, 32, random_)
            unanswered = [sheet for sheet in everybody if not sheet.receipts and sheet.fields]
            everybody += fresh
            if number:
                server.start()
            stop = threading.Event()
            threads = crowd(server.port, [*unanswered, *fresh], stop, PEOPLE)
            until = time.monotonic() + 10
            with evidence.sealed_until_killed(settings):
                while not any(sheet.receipts for sheet in fresh) and time.monotonic() < until:
                    stop.wait(0.002)
                stop.wait(random_.uniform(0, 0.25))
                server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            kept, checkpoint = evidence.agreed(settings, checkpoint)
    return {receipt for sheet in everybody for receipt in sheet.receipts}, kept


def test_kill_9_under_load_loses_and_doubles_no_acknowledged_answer(settings: Settings, turns: Turns) -> None:
    count = turns(8, 1000)
    acknowledged, kept = cycles(settings, count, seed=26)
    assert len(acknowledged) > 6 * count
    print(f"{count} kills, {len(acknowledged)} acknowledged, {len(kept)} kept")
    assert len(kept) == len(set(kept))
    assert acknowledged <= set(kept)


def test_an_answer_without_a_reply_is_sent_again_and_stored_once(settings: Settings) -> None:
    random_ = random.Random(4)
    with forked(settings) as server:
        people = sheets(settings, 24, random_)
        for sheet in people:
            open_page(server.port, sheet)
        threads = crowd(server.port, people, threading.Event(), PEOPLE)
        threading.Event().wait(0.03)
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        try:
            for sheet in people:
                first = sheet.receipts[:1]
                again = send(server.port, sheet)
                assert not first or first == [again]
        except NotAcknowledged as error:
            raise AssertionError("a restarted server must take every answer") from error
    assert sorted(evidence.stored(settings)) == sorted(sheet.receipts[-1] for sheet in people)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_harness_sees_answers_lost_when_durability_is_off(settings: Settings) -> None:
    acknowledged, kept = cycles(settings, 4, seed=9, application="tests.support.faults.ack_before_commit:application")
    assert acknowledged - set(kept), "the control acknowledges before it stores: some must be missing"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that both tests may kill."""
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder)) as started:
        yield started


@pytest.mark.parametrize("careful", [True, False], ids=["durable", "control"])
def test_kill_9_of_postgresql_itself(cluster: Cluster, tmp_path: Path, careful: bool, turns: Turns) -> None:
    settings = Settings(cluster.url, factories.SECRET, instance=tmp_path / "instance")
    times = turns(4, 200 if careful else 20)
    acknowledged = cluster.under_load(settings, careful, [cluster.kill] * times)
    kept = evidence.stored(settings)
    lost = acknowledged - set(kept)
    print(f"{times} kills of PostgreSQL, {len(acknowledged)} acknowledged, {len(lost)} of them lost")
    assert len(acknowledged) > 40
    assert len(kept) == len(set(kept))
    assert bool(lost) != careful
