"""What PostgreSQL is spared: a dear test whose statements two others send to it, and four examples of five.

Each test of the store runs on both databases. What can go wrong on one alone is a statement: how it is written, what it
gives back, how it fails. `on_sqlite_alone.csv` therefore names tests that take long and of which every statement is
sent to PostgreSQL by two tests besides; `sent_statements.py` says how they are found. Tests of locks, of other
processes and of what people type in bad faith are never among them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hypothesis
import pytest

TABLE = Path(__file__).parent / "on_sqlite_alone.csv"
FEWER = 5


@cache
def on_sqlite_alone() -> frozenset[tuple[str, str]]:
    """Return file and name of each test that is listed."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return frozenset((row["file"], row["test"]) for row in csv.DictReader(file))


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let what is listed run once, as if it were marked so."""
    file, _, name = metafunc.definition.nodeid.partition("::")
    noting = metafunc.config.pluginmanager.hasplugin("tests.support.sent_statements")
    if not noting and (file, name) in on_sqlite_alone():
        metafunc.definition.add_marker(pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Try a property on PostgreSQL with a fifth of the examples: the program that answers is the same.

    Those that a test names are tried on both, and all of them in `make campaign`.
    """
    test = getattr(item, "obj", None)
    engine = getattr(item, "callspec", None) and item.callspec.params.get("engine_name")  # type: ignore[attr-defined]
    if engine != "postgresql" or item.config.getoption("--campaign") or not hypothesis.is_hypothesis_test(test):
        return (yield)
    usual = test._hypothesis_internal_use_settings
    fewer = hypothesis.settings(usual, max_examples=max(usual.max_examples // FEWER, 3))
    test._hypothesis_internal_use_settings = fewer
    try:
        return (yield)
    finally:
        test._hypothesis_internal_use_settings = usual
