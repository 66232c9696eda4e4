"""A thousand connections that send a byte now and then hold up nobody who comes through the shipped nginx."""

from __future__ import annotations

import math
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from survey.db.engine import Database
from survey.settings import Settings
from tests.deploy.test_nginx import Behind, answer
from tests.support import factories
from tests.support.faults import evidence
from tests.support.faults.people import NotAcknowledged, Sheet, open_page, send
from tests.support.faults.running import running
from tests.support.nginx import NAME, UNPROVED, in_front_of

HEAD = "POST /q/TESTQR HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
EACH = 100  # connections of one address; nginx lets each hold three hundred
LONGEST = 15.0  # seconds: what takes half a second when idle; one that waits for slow senders takes minutes


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    shutil.copy(sqlite_template, tmp_path / "hailong.db")
    settings = Settings(f"sqlite:///{tmp_path / 'hailong.db'}", factories.SECRET, instance=tmp_path)
    with Database(settings.database_url) as database, database.session(writes=True) as session:
        factories.placement(session)
        session.commit()
    return settings


@contextmanager
def slow_senders(port: int, number: int, tls: bool) -> Iterator[list[socket.socket]]:
    """Hold so many connections from several addresses, each of which sends a byte of its form each second."""
    with ExitStack() as stack:
        lines, stop = list[socket.socket](), threading.Event()
        for place in range(number):
            source = (f"127.0.1.{1 + place // EACH}", 0)
            line = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30, source))
            if tls:
                line = stack.enter_context(UNPROVED.wrap_socket(line, server_hostname=NAME))
            line.sendall(HEAD.format(NAME if tls else "127.0.0.1").encode() + b"Content-Length: 60000\r\n\r\nS1=4")
            lines.append(line)

        def drip() -> None:
            while not stop.wait(1):
                for line in lines:
                    with suppress(OSError):
                        line.sendall(b"&")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            yield lines
        finally:
            stop.set()
            dripping.join()


def still_held(lines: list[socket.socket]) -> int:
    """Return how many connections nobody has closed or answered."""
    number = 0
    for line in lines:
        line.setblocking(False)
        try:
            number += bool(line.recv(1) is None)
        except OSError:  # nothing to be read
            number += 1
        line.setblocking(True)
    return number


def timed(visit: Callable[[], bool]) -> float:
    """Return after how many seconds somebody has a receipt; never, if there is none."""
    began = time.monotonic()
    try:
        receipt = visit()
    except (NotAcknowledged, OSError):
        receipt = False
    return time.monotonic() - began if receipt else math.inf


def test_a_thousand_slow_connections_hold_up_nobody_behind_nginx(
    settings: Settings, turns: Callable[[int, int], int], tmp_path: Path
) -> None:
    number, visits = turns(300, 1000), turns(20, 500)
    (tmp_path / "nginx").mkdir()
    server = Behind(settings)
    try:
        server.start()
        with (
            in_front_of(server.port, tmp_path / "nginx") as nginx,
            slow_senders(nginx.port, number, tls=True) as lines,
        ):
            seconds = sorted(timed(lambda: answer(nginx, "/q/TESTQR")) for _ in range(visits))
            held = still_held(lines)
    finally:
        server.kill()
    p50, p99 = (1000 * seconds[int(share * (len(seconds) - 1))] for share in (0.5, 0.99))
    print(f"{held} of {number} slow connections held; {visits} visits, p50 {p50:.0f} ms, p99 {p99:.0f} ms, 0 failed")
    assert held > 0.9 * number
    assert seconds[-1] < LONGEST
    assert len(evidence.agreed(settings)[0]) == visits


def test_a_server_without_a_proxy_and_with_few_threads_is_seen_to_be_held_up(settings: Settings) -> None:
    """So the harness would see it: this one has four threads for each of its processes."""
    sheet = Sheet("/q/TESTQR", 4)

    def visit() -> bool:
        open_page(server.port, sheet)
        return bool(send(server.port, sheet))

    with running(settings, "survey.wsgi:application") as server, slow_senders(server.port, 100, tls=False):
        assert timed(visit) > LONGEST
