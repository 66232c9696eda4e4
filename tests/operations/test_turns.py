"""Few requests are worked on at once, and who waits for a sender, or for nothing at all, needs no turn."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from survey.operations.turns import TakingTurns


class Sender(io.BytesIO):
    """A body of which the rest comes when it is let."""

    def __init__(self) -> None:
        super().__init__(b"rest")
        self.asked, self.comes = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.asked.set()
        assert self.comes.wait(10)
        return super().read(size)


def ask(server: TakingTurns, path: str, body: Any = None) -> bytes:
    environ = {"PATH_INFO": path, "wsgi.input": body or io.BytesIO()}
    return b"".join(server(environ, lambda *_: None))  # type: ignore[arg-type]  # as short as it can be


def test_no_more_requests_are_worked_on_than_there_are_turns() -> None:
    at_work, most, gate = [0], [0], threading.Lock()
    busy = threading.Barrier(3)

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        with gate:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        busy.wait(10)
        with gate:
            at_work[0] -= 1
        return [b"ok"]

    server = TakingTurns(application, 3)  # type: ignore[arg-type]  # as short as it can be
    with ThreadPoolExecutor(12) as people:
        assert list(people.map(lambda _: ask(server, "/"), range(12))) == [b"ok"] * 12
    assert most == [3]


def test_who_waits_for_the_rest_of_a_form_has_no_turn_meanwhile() -> None:
    server = TakingTurns(lambda environ, _start: [environ["wsgi.input"].read()], 1)
    slow = Sender()
    with ThreadPoolExecutor(1) as apart:
        waiting = apart.submit(ask, server, "/slow", slow)
        assert slow.asked.wait(10)
        assert [ask(server, "/", io.BytesIO(b"whole")) for _ in range(3)] == [b"whole"] * 3
        slow.comes.set()
        assert waiting.result(10) == b"rest"


def test_every_way_of_reading_a_body_gives_it_back_and_the_turn_too() -> None:
    lines = b"one\ntwo\nthree"
    ways = (lambda body: body.readline(), lambda body: body.readlines()[0], lambda body: next(iter(body)))
    for way in ways:
        server = TakingTurns(lambda environ, _start, way=way: [way(environ["wsgi.input"])], 1)
        assert [ask(server, "/", io.BytesIO(lines)) for _ in range(3)] == [b"one\n"] * 3


def test_a_request_that_fails_gives_its_turn_back() -> None:
    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        raise ValueError

    server = TakingTurns(application, 1)  # type: ignore[arg-type]  # as short as it can be
    with ThreadPoolExecutor(1) as apart:
        for _ in range(3):
            assert isinstance(apart.submit(ask, server, "/").exception(10), ValueError)


def test_a_path_that_waits_for_nothing_is_answered_while_every_turn_is_taken() -> None:
    release, waiting = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            waiting.set()
            assert release.wait(10)
        return [b"ok"]

    server = TakingTurns(application, 1, at_once=frozenset({"/healthz"}))  # type: ignore[arg-type]  # as short as it can be
    with ThreadPoolExecutor(1) as apart:
        slow = apart.submit(ask, server, "/slow")
        assert waiting.wait(10)
        assert ask(server, "/healthz") == b"ok"
        assert not slow.done()
        release.set()
        assert slow.result(10) == b"ok"


def test_officials_have_turns_of_their_own() -> None:
    busy = threading.Barrier(2)

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        if environ["PATH_INFO"] != "/q/SAT":
            busy.wait(10)
        return [b"ok"]

    server = TakingTurns(application, 1, apart=frozenset({"staff"}))  # type: ignore[arg-type]  # as short as it can be
    with ThreadPoolExecutor(1) as apart:
        slow = apart.submit(ask, server, "/staff/dashboard")
        assert [ask(server, "/q/SAT") for _ in range(3)] == [b"ok"] * 3
        busy.wait(10)
        assert slow.result(10) == b"ok"
