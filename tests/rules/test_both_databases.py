"""What is spared PostgreSQL is there, and is sent to it by others."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from pathlib import Path

import pytest

from survey.settings import ROOT
from tests.support import sent_statements
from tests.support.both_databases import TABLE
from tests.support.sent_statements import ALWAYS_BOTH, alike, spared

pytest_plugins = ["pytester"]


def listed() -> list[tuple[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["test"]) for row in csv.DictReader(file)]


def test_the_tests_of_the_table_are_there_once_and_in_order() -> None:
    assert listed() == sorted(set(listed()))
    for file, test in listed():
        names = {
            node.name
            for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
            if isinstance(node, ast.FunctionDef)
        }
        assert test in names, f"{file}::{test} has another name now: write it in {TABLE.name}, or take the row out"
        assert not ALWAYS_BOTH.match(file)


def test_a_dear_test_is_spared_only_while_two_others_send_all_that_it_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_statements, "ROOT", tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text("import threading" if name == "b" else "", "utf-8")

    def noted(**tests: tuple[str, float, str]) -> list[str]:
        every = {
            f"{file}.py::{test}[postgresql]": {"seconds": seconds, "sent": sent.split()}
            for test, (file, seconds, sent) in tests.items()
        }
        return [test for _file, test in spared(every)]

    others = {"first": ("a", 0.1, "x y"), "second": ("a", 0.1, "x y")}
    assert noted(dear=("a", 1.0, "x y"), **others) == ["dear"]
    assert noted(dear=("a", 1.0, "x y z"), **others) == [], "nobody else sends z"
    two = noted(dear=("a", 1.0, "x"), dearer=("a", 2.0, "x"), first=others["first"])
    assert two == ["dearer"], "the other one is needed then"
    assert noted(dear=("b", 1.0, "x y"), **others) == [], "its file starts threads"
    assert noted(cheap=("a", 0.1, "x y"), **others) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "UPDATE a SET b=%(b)s::VARCHAR WHERE a.id = %(id_1)s::INTEGER",
            "UPDATE a SET b=%(b)s WHERE a.id = %(x)s",
            True,
        ),
        ("INSERT INTO a VALUES (%(a0)s, %(b0)s), (%(a1)s, %(b1)s)", "INSERT INTO a VALUES (%(a0)s, %(b0)s)", True),
        ("SELECT a.b FROM a ORDER BY a.b", "SELECT a.b FROM a", False),
        ("SELECT a.b FROM a WHERE a.b IS NULL", "SELECT a.b FROM a WHERE a.b IS NOT NULL", False),
    ],
)
def test_statements_are_the_same_if_values_and_the_length_of_lists_alone_differ(
    one: str, other: str, same: bool
) -> None:
    assert (alike(one) == alike(other)) is same


def test_what_is_listed_runs_on_sqlite_alone_and_a_property_tries_a_fifth_on_postgresql(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest(
        """
        import pytest
        from tests.support import both_databases

        def pytest_addoption(parser):
            parser.addoption("--campaign", action="store_true")

        def pytest_configure(config):
            both_databases.on_sqlite_alone = lambda: {("test_a.py", "test_dear")}
            config.pluginmanager.register(both_databases)

        @pytest.fixture(params=["sqlite", "postgresql"])
        def engine_name(request):
            return request.param
        """
    )
    pytester.makepyfile(
        test_a="""
        from collections import Counter
        from hypothesis import HealthCheck, example, given, settings
        from hypothesis import strategies as st

        TRIED = Counter()

        def test_dear(engine_name):
            TRIED["dear", engine_name] += 1

        def test_other(engine_name):
            TRIED["other", engine_name] += 1

        @settings(max_examples=50, suppress_health_check=list(HealthCheck), database=None)
        @given(st.integers())
        @example(7)
        def test_property(engine_name, number):
            TRIED["property", engine_name] += 1

        def test_tried():
            print("TRIED", dict(TRIED))
        """
    )
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = pytester.runpytest_subprocess("-s", "-p", "no:cacheprovider")
    [tried] = [line for line in done.outlines if "TRIED" in line]
    assert eval(tried[tried.index("{") : tried.index("}") + 1]) == Counter(  # noqa: S307 - what was printed above
        {
            ("dear", "sqlite"): 1,
            ("other", "sqlite"): 1,
            ("other", "postgresql"): 1,
            ("property", "sqlite"): 51,
            ("property", "postgresql"): 11,
        }
    )
