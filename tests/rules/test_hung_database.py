"""The database hangs in nine ways: everybody gets the page, and a receipt or an honest word in time, and keeps it."""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
import sqlalchemy as sa

from survey.db.engine import Database
from survey.settings import Settings
from tests.support import factories
from tests.support.faults import evidence
from tests.support.faults.cluster import Cluster
from tests.support.faults.network import Wire
from tests.support.faults.people import FIELD, RECEIPT, NotAcknowledged, Sheet, request, send
from tests.support.faults.restarted import forked

PEOPLE, WARM = 4, 40
COMMENT = "Chờ lâu quá, xin làm nhanh hơn"
LONGEST = 10.0  # seconds: five, as CITIZEN in survey/db/patience.py has it, and as much again for a busy machine
BACK = 60.0  # until everybody who was refused has a receipt


@dataclass
class Watch:
    """What people saw while the database hung."""

    pages: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)

    def visit(self, port: int) -> None:
        """Open the page and send it once."""
        sheet = Sheet("/q/TESTQR", 1 + len(self.sheets) % 5)
        self.sheets.append(sheet)
        try:
            status, page = self._timed(self.pages, port, "GET", sheet.path)
            if status != 200:
                self.wrong.append(f"the page itself: {status}")
                return
            sheet.fields = dict(FIELD.findall(page)) | {"S8": COMMENT}
            form = urlencode({**sheet.fields, "S1": str(sheet.rating)})
            status, page = self._timed(self.refusals, port, "POST", sheet.path, form)
        except NotAcknowledged:
            self.wrong.append("no reply")
            return
        receipts = RECEIPT.findall(page)
        if status == 200 and receipts:
            sheet.receipts.append(receipts[0])
        elif status != 503 or receipts or COMMENT not in page:
            self.wrong.append(f"neither a receipt nor the form given back: {status}")

    def _timed(self, seconds: list[float], port: int, *asked: str) -> tuple[int, str]:
        began = time.monotonic()
        try:
            return request(port, *asked)
        finally:
            seconds.append(time.monotonic() - began)
            if seconds[-1] > LONGEST:
                self.wrong.append(f"{asked[0]} took {seconds[-1]:.0f} s")

    def until(self, port: int, end: float) -> None:
        """Come again and again, several at once."""

        def come() -> None:
            while time.monotonic() < end:
                self.visit(port)
                threading.Event().wait(0.05)

        with ThreadPoolExecutor(PEOPLE) as pool:
            for person in [pool.submit(come) for _ in range(PEOPLE)]:
                person.result()

    def again(self, port: int) -> float:
        """Let whoever has no receipt send the same page again; return after how many seconds everybody had one."""
        began = time.monotonic()
        waiting = [sheet for sheet in self.sheets if not sheet.receipts and sheet.fields]
        while waiting and time.monotonic() - began < BACK:
            try:
                send(port, waiting[-1])
                waiting.pop()
            except NotAcknowledged:
                threading.Event().wait(0.1)
        assert waiting == []
        return time.monotonic() - began


@dataclass(frozen=True)
class Store:
    """An installation and what can be done to its database."""

    settings: Settings
    cluster: Cluster | None = None
    wire: Wire | None = None


def _stopped(processes: list[psutil.Process]) -> Iterator[None]:
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    yield
    for process in reversed(processes):
        process.send_signal(signal.SIGCONT)


def _postmaster(store: Store) -> psutil.Process:
    assert store.cluster
    return psutil.Process(store.cluster.server.get_pid())


@contextmanager
def server_stopped(store: Store) -> Iterator[None]:
    postmaster = _postmaster(store)
    yield from _stopped([postmaster, *postmaster.children(recursive=True)])


@contextmanager
def connections_stopped(store: Store) -> Iterator[None]:
    yield from _stopped([one for one in _postmaster(store).children() if "hailong" in " ".join(one.cmdline())])


@contextmanager
def postmaster_stopped(store: Store) -> Iterator[None]:
    yield from _stopped([_postmaster(store)])


@contextmanager
def table_locked(store: Store) -> Iterator[None]:
    with Database(store.settings.database_url) as database, database.session(writes=True) as other:
        other.execute(sa.text("LOCK TABLE response IN ACCESS EXCLUSIVE MODE"))
        other.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield
        other.rollback()


@contextmanager
def network_silent(store: Store) -> Iterator[None]:
    assert store.wire
    store.wire.fall_silent()
    yield
    store.wire.mend()


@contextmanager
def network_broken(store: Store) -> Iterator[None]:
    assert store.wire
    store.wire.break_all()
    yield
    store.wire.mend()


@contextmanager
def server_down(store: Store) -> Iterator[None]:
    assert store.cluster
    store.cluster.kill()
    yield
    store.cluster.restart()


@contextmanager
def file_locked(store: Store) -> Iterator[None]:
    """Another program, which knows nothing of the lock file, writes."""
    with Database(store.settings.database_url) as other, other.engine.connect() as backup:
        backup.exec_driver_sql("ROLLBACK")
        backup.exec_driver_sql("BEGIN EXCLUSIVE")
        yield
        backup.exec_driver_sql("ROLLBACK")


@contextmanager
def writer_stopped(store: Store) -> Iterator[None]:
    """One of our own stands still with the lock of those who write."""
    lock = os.open(f"{sa.make_url(store.settings.database_url).database}.lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    yield
    os.close(lock)


ON_POSTGRESQL = (
    server_stopped,
    connections_stopped,
    postmaster_stopped,
    table_locked,
    network_silent,
    network_broken,
    server_down,
)
ON_SQLITE = (file_locked, writer_stopped)
Hang = Callable[[Store], object]


def hung(store: Store, hang: Hang, seconds: float, application: str = "survey.wsgi:served") -> Watch:
    """Let the database hang for so long while people answer; return what they saw, once all have their receipts."""
    watch = Watch()
    with forked(store.settings, application) as server:
        while len(watch.sheets) < WARM:  # both processes have shown the page
            watch.until(server.port, time.monotonic() + 1)
        assert watch.wrong == []
        with hang(store):  # type: ignore[attr-defined]
            watch.until(server.port, time.monotonic() + seconds)
        if watch.wrong:
            return watch
        back = watch.again(server.port)
        watch.until(server.port, time.monotonic() + 1)
    kept, _ = evidence.agreed(store.settings)
    receipts = [receipt for sheet in watch.sheets for receipt in sheet.receipts]
    assert len(kept) == len(set(kept)) and set(receipts) <= set(kept)
    slowest = [f"{max(times):.2f}" for times in (watch.pages, watch.refusals)]
    print(f"{hang.__name__}: {len(watch.sheets)} people in {seconds:.0f} s, slowest page {slowest[0]} s,")  # type: ignore[attr-defined]
    print(f"  slowest reply to an answer {slowest[1]} s, everybody's receipt {back:.1f} s after its end")
    return watch


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder)) as running:
        yield running


@pytest.fixture
def wired(cluster: Cluster, tmp_path: Path) -> Iterator[Store]:
    """An installation whose way to PostgreSQL we hold."""
    url = sa.make_url(cluster.url)
    target = Path(str(url.query["host"])) / ".s.PGSQL.5432"
    with tempfile.TemporaryDirectory() as folder, Wire(target, Path(folder)) as wire:
        through = url.update_query_dict({"host": folder}).render_as_string(hide_password=False)
        instance = tmp_path / "instance"
        yield Store(Settings(through, factories.SECRET, instance=instance), cluster, wire)


@pytest.mark.parametrize("hang", ON_POSTGRESQL, ids=lambda hang: hang.__name__)
def test_while_postgresql_hangs_everybody_gets_an_honest_word(
    wired: Store, hang: Hang, turns: Callable[[int, int], int]
) -> None:
    assert hung(wired, hang, turns(3, 60)).wrong == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("hang", ON_SQLITE, ids=lambda hang: hang.__name__)
def test_while_sqlite_hangs_everybody_gets_an_honest_word(
    settings: Settings, code: str, hang: Hang, turns: Callable[[int, int], int]
) -> None:
    assert code == "/q/TESTQR"
    assert hung(Store(settings), hang, turns(3, 60)).wrong == []


def test_people_who_wait_without_end_are_seen(wired: Store) -> None:
    assert hung(wired, table_locked, 12, "tests.support.faults.patient:application").wrong
