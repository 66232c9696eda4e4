"""The power is cut at any moment: what was acknowledged is there, the file is sound, the ledger continues."""

from __future__ import annotations

import base64
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.db import engine
from survey.db.engine import Database
from survey.ledger.notes import Checkpoint
from survey.operations.verification import verify
from survey.settings import Settings
from tests.support import factories
from tests.support.faults import evidence, power_loss, strace
from tests.support.faults.lone_writer import Habits, writing
from tests.support.faults.power_loss import Disk, Operation

HABITS = {
    "log": Habits(),
    "short log": Habits(log_pages=8),
    "journal": Habits(journal="DELETE"),
}
NAMES = ("hailong.db", "hailong.db-wal", "hailong.db-journal")


def traced(settings: Settings, habits: Habits, rounds: int, folder: Path) -> tuple[Disk, list[Operation]]:
    """Let people answer and the ledger be sealed; return the disk as it was, and all that was done to it since."""
    home = Path(str(sa.make_url(settings.database_url).database)).parent
    with Database(settings.database_url) as database, database.session(writes=True) as session:
        factories.placement(session)
        session.commit()
    evidence.key_of(settings)
    promises = folder / "promises"
    with writing(settings, habits, promises) as writer:
        assert writer.answer(1) == []
        writer.seal()
        before = Operation("append", promises, 0, promises.read_bytes())
        disk = Disk(home, [name for name in NAMES if (home / name).exists()])
        paths = [home, promises, *(home / name for name in NAMES)]
        with strace.attached(writer.pid, options=power_loss.options(paths), log=folder / "trace"):
            for _ in range(rounds):
                assert writer.answer(3) == []
                writer.seal()
    return disk, [before, *power_loss.operations(folder / "trace")]


class PowerCuts:
    """States after a power cut, each opened by the product and looked at."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.results: Counter[str] = Counter()
        self.promised: set[str] = set()
        self.signed: Checkpoint | None = None

    def try_all(self, disk: Disk, done: list[Operation], number: int) -> Counter[str]:
        """Cut the power `number` times, at moments from the first to the last; return what was left how often."""
        chance = random.Random(5)
        moments = Counter(round(turn * (len(done) - 1) / (number - 1)) for turn in range(number))
        for place, operation in enumerate(done):
            if operation.call == "append":
                self._promise(operation.data.decode())
            else:
                disk.replay(operation)
            for _ in range(moments[place]):
                how = power_loss.LEFT[self.results.total() % len(power_loss.LEFT)]
                self.results[self._state(disk.cut(how, chance))] += 1
        return self.results

    def _promise(self, lines: str) -> None:
        for line in lines.splitlines():
            kind, _, what = line.partition(" ")
            if kind == "sealed":
                size, root = what.split()
                self.signed = Checkpoint(evidence.ORIGIN, int(size), base64.b64decode(root))
            else:
                self.promised.add(kind)

    def _state(self, files: dict[str, bytes]) -> str:
        for old in self.folder.iterdir():
            old.unlink()
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        url = f"sqlite:///{self.folder / 'hailong.db'}"
        try:
            if self.results.total() % 20:
                with Database(url) as database:
                    receipts = evidence.receipts(database)
                    with database.session(writes=False) as session:
                        agree = not verify(session, since=self.signed).discrepancies
            else:  # and it goes on from there, though the note beside the key was lost
                evidence.key_of(self.settings).with_name("ledger_key.signed").unlink(missing_ok=True)
                receipts, _ = evidence.agreed(replace(self.settings, database_url=url), self.signed)
                agree = True
        except (sa.exc.DatabaseError, AssertionError):
            return "corrupt"
        if self.promised - set(receipts):
            return "lost"
        return "sound" if agree and len(receipts) == len(set(receipts)) else "ledger"


def cuts(settings: Settings, habits: Habits, number: int, folder: Path) -> Counter[str]:
    """Return what so many power cuts leave."""
    disk, done = traced(settings, habits, 4, folder)
    (folder / "state").mkdir()
    results = PowerCuts(settings, folder / "state").try_all(disk, done, number)
    print(f"{len(done)} operations, {number} states: {dict(results)}")
    return results


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("habits", HABITS)
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    settings: Settings,
    habits: str,
    turns: Callable[[int, int], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "journal_mode", lambda _version: HABITS[habits].journal)
    number = turns(40, 1700)
    assert cuts(settings, HABITS[habits], number, tmp_path) == {"sound": number}


CARELESS = {
    "no sync": Habits(synchronous="OFF"),
    "a sync at times": Habits(synchronous="NORMAL"),
    "no sync of the folder": Habits(journal="DELETE", synchronous="FULL"),  # a journal that comes back is rolled back
}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("habits", CARELESS)
def test_a_store_that_does_not_wait_for_the_disk_is_caught(
    settings: Settings, habits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "journal_mode", lambda _version: CARELESS[habits].journal)
    assert cuts(settings, CARELESS[habits], 40, tmp_path)["lost"] > 0
