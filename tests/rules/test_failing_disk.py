"""The disk is full or broken at each write in turn: nobody gets a false receipt, and all is well again afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.db import engine
from survey.db.engine import Database
from survey.settings import Settings
from tests.support import factories
from tests.support.faults import evidence, strace
from tests.support.faults.cluster import Cluster
from tests.support.faults.lone_writer import Habits, LoneWriter, writing

HABITS = {
    "log": Habits(),
    "short log": Habits(log_pages=8),  # which is written back at nearly each commit
    "journal": Habits(journal="DELETE"),  # of a library that cannot be trusted with a log
}
FAULTS = {"EIO": 1, "ENOSPC": 12}  # a sector is bad once; a disk stays full for so many writes
LAST = 200


def one_fault(writer: LoneWriter, fault: str, first: int, paths: list[Path], log: Path) -> tuple[int, list[str]]:
    """Let the `first` write and those after it fail while people answer; return how many did, and what was wrong."""
    wrong: list[str] = []
    calls = strace.failing(fault, first, first + FAULTS[fault] - 1, paths)
    with strace.attached(writer.pid, options=calls, log=log):
        for _ in range(LAST):  # each answer is several writes
            wrong += writer.answer(1)
            if strace.injected(log):
                break
        wrong += writer.answer(2)
    wrong += writer.again()
    return strace.injected(log), wrong


def campaign_of_faults(settings: Settings, habits: Habits, fault: str, times: int, folder: Path) -> tuple[int, int]:
    """Try so many places from the first write to the 200th; return how many faults there were and how many answers."""
    with Database(settings.database_url) as database, database.session(writes=True) as session:
        factories.placement(session)
        session.commit()
    file = Path(str(sa.make_url(settings.database_url).database))
    paths = [file, *(file.with_name(f"{file.name}-{kind}") for kind in ("wal", "journal"))]
    with writing(settings, habits, folder / "promises") as writer:
        failed, checkpoint = 0, None
        for turn in range(times):
            first = 1 + turn * (LAST - 1) // max(1, times - 1)
            failures, wrong = one_fault(writer, fault, first, paths, folder / "trace")
            assert wrong == [], f"write {first}"
            assert failures > 0
            failed += failures
            assert writer.acknowledged == {receipt for sheet in writer.sheets for receipt in sheet.receipts[:1]}
            kept, checkpoint = evidence.agreed(settings, checkpoint)
            lost = writer.acknowledged - set(kept)
            assert not lost, f"{len(lost)} lost at write {first}"
            assert len(kept) == len(set(kept)) == len(writer.sheets), f"write {first}"
        return failed, len(kept)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("habits", HABITS)
def test_no_answer_is_acknowledged_that_a_failing_disk_did_not_take(
    settings: Settings,
    habits: str,
    fault: str,
    turns: Callable[[int, int], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "journal_mode", lambda _version: HABITS[habits].journal)
    times = turns(3, LAST)
    failed, kept = campaign_of_faults(settings, HABITS[habits], fault, times, tmp_path)
    print(f"{habits}, {fault}: {times} places, {failed} failed writes, {kept} answers, 0 lost, 0 doubled")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_writer_that_does_not_look_whether_it_could_write_is_caught(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="lost at write"):
        campaign_of_faults(settings, Habits(careless=True), "ENOSPC", 3, tmp_path)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder)) as started:
        yield started


@pytest.mark.parametrize("careful", [True, False], ids=["durable", "control"])
def test_no_answer_is_acknowledged_that_the_disk_of_postgresql_did_not_take(
    cluster: Cluster, careful: bool, turns: Callable[[int, int], int], tmp_path: Path
) -> None:
    settings = Settings(cluster.url, factories.SECRET, instance=tmp_path / "instance")
    times, failed = turns(2, LAST if careful else 4), 0

    def faults() -> Iterator[Callable[[], None]]:
        nonlocal failed
        for turn in range(times):
            fault, first = list(FAULTS)[turn % 2], 1 + turn
            log = tmp_path / f"trace{turn}"
            yield partial(cluster.fail_to_write, fault, first, FAULTS[fault], log)
            failed += strace.injected(log)

    acknowledged = cluster.under_load(settings, careful, faults())
    kept = evidence.stored(settings)
    lost = acknowledged - set(kept)
    print(f"PostgreSQL: {times} places, {failed} failed writes, {len(acknowledged)} acknowledged, {len(lost)} lost")
    assert failed >= times / 2 and acknowledged
    assert len(kept) == len(set(kept))
    assert bool(lost) != careful
