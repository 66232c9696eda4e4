"""Write down what each test sends to PostgreSQL, and choose by that which dear tests need only SQLite.

    pytest -p tests.support.sent_statements -k postgresql [FOLDER]    leaves build/sent/*.json; in parts, or all at once
    python -m tests.support.sent_statements                           writes on_sqlite_alone.csv of what was left there

A test is spared, the dearest first, if each statement that it sends is sent by two tests that are not. Two statements
are the same if they differ in values, in numbered names or in the length of a list alone; one that the database has
refused is another than the same one done, because only PostgreSQL then gives up the whole transaction.
"""

from __future__ import annotations

import csv
import json
import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.support.both_databases import TABLE

ROOT = Path(__file__).parent.parent.parent
LEFT = ROOT / "build/sent"
OTHERS = 2
DEAR_SECONDS = 0.2  # of processor time, of all that is tried of one test
# Never spared: what is about the database itself, about locks and processes, or about what people type in bad faith.
ALWAYS_BOTH = re.compile(
    r"tests/(db|migrations|operations|security)/|tests/delivery/test_(queue|worker)|tests/imports/test_(faults|office|"
    r"reading)|tests/web/api/test_fuzz|tests/rules/test_(hostile|naughty|unstorable|boundar|concurrency|kill|rehearsal|"
    r"broken|one_moment|matrix|scope|leak|row_numbers)"
)
SEVERAL = re.compile(
    r"threading|ThreadPool|multiprocessing|Popen|hailong\(|forked|running\(|serving\(|Barrier|served\(|Cluster|concurrent"
)
TOLD_BY_NAME = re.compile("meanwhile|others_can|anything|whatever|stored|held|lock|together|_once|refuses|two_at")
_sent: dict[str, set[str]] = defaultdict(set)
_seconds: dict[str, float] = {}
_test = [""]


@cache
def alike(statement: str) -> str:
    """Return what a statement has in common with those that are the same.

    >>> alike("SELECT a_1.b FROM a AS a_1 WHERE c IN (%(c_1)s, %(c_2)s)") == alike(
    ...     "SELECT a_2.b FROM a AS a_2 WHERE c IN (%(d_1)s)"
    ... )
    True
    """
    for pattern, instead in (
        (r"%\(\w+\)s(::(TIMESTAMP WITH(OUT)? TIME ZONE|DOUBLE PRECISION|[A-Z]+))?", "?"),
        (r"(\?, )+\?", "?"),
        (r"(\(\?\), )+\(\?\)", "(?)"),
        (r"\b[a-z_]+_\d+\b|test_[0-9a-f]+", "x"),
    ):
        statement = re.sub(pattern, instead, statement)
    return sha256(statement.encode()).hexdigest()[:12]


def pytest_configure() -> None:
    """Listen to every engine."""
    sa.event.listen(Engine, "before_cursor_execute", _note)
    sa.event.listen(Engine, "handle_error", _note_refused)


def _note(connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
    if connection.dialect.name == "postgresql":
        _sent[_test[0]].add(alike(statement))


def _note_refused(context: sa.ExceptionContext) -> None:
    if context.dialect.name == "postgresql" and context.statement:
        _sent[_test[0]].add("refused " + alike(context.statement))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Say whose statements they are, and what they take; what says itself on which database it runs is never dear."""
    marked = any("engine_name" in mark.args[0] for mark in item.iter_markers("parametrize"))
    _test[0], began = item.nodeid, sum(os.times()[:4])
    try:
        return (yield)
    finally:
        _seconds[item.nodeid] = 0 if marked else sum(os.times()[:4]) - began


def pytest_sessionfinish() -> None:
    """Leave what was noted."""
    LEFT.mkdir(parents=True, exist_ok=True)
    noted = {test: {"seconds": _seconds[test], "sent": sorted(_sent[test])} for test in _sent if test}
    LEFT.joinpath(f"{time.time_ns()}.json").write_text(json.dumps(noted), encoding="utf-8")


def spared(noted: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """Return file and name of the tests that need only SQLite, of what each is told to send and to take."""
    sent: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    for node, about in noted.items():
        file, _, name = node.partition("::")
        test = (file, name.partition("[")[0])
        sent[test].update(about["sent"])
        seconds[test] += about["seconds"]
    left = sum(sent.values(), Counter())
    chosen = []
    for test, cost in sorted(seconds.items(), key=lambda item: -item[1]):
        if cost < DEAR_SECONDS or ALWAYS_BOTH.match(test[0]) or TOLD_BY_NAME.search(test[1]):
            continue
        if SEVERAL.search((ROOT / test[0]).read_text("utf-8")):
            continue
        if all(left[one] - number >= OTHERS for one, number in sent[test].items()):
            left.subtract(sent[test])
            chosen.append(test)
    return sorted(chosen)


if __name__ == "__main__":
    everything = {}
    for part in sorted(LEFT.glob("*.json")):
        everything |= json.loads(part.read_text(encoding="utf-8"))
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("file", "test"), *spared(everything)])
