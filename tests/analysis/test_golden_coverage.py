"""No reference value lies about unasked: each kind is passed to a function by a test, or listed with the reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.analysis import golden
from tests.analysis.golden_asked import ASKED, NOT_ASKED

HERE = Path(__file__).resolve().parent
KINDS = sorted(
    {
        (file.stem, row.method)
        for file in golden.FOLDER.glob("*.csv")
        if file.stem != "data_apistrat"
        for row in golden.all_rows(file.stem)
    }
)


def texts_of(module: str) -> set[str]:
    """Every string written in a test module outside its docstrings."""
    tree = ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))
    result = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return result - {ast.get_docstring(tree) or ""}


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_each_kind_is_asked_or_excused(kind):
    assert (kind in ASKED) != (kind in NOT_ASKED), f"{kind}: name its test in golden_asked.py, or the reason"


def test_the_list_names_no_kind_that_does_not_exist():
    assert (set(ASKED) | set(NOT_ASKED)) == set(KINDS)
    assert all(len(reason.split()) > 3 for reason in NOT_ASKED.values())


@pytest.mark.parametrize(("kind", "modules"), ASKED.items(), ids=lambda value: "-".join(value))
def test_the_named_test_reads_these_rows(kind, modules):
    file, method = kind
    for module in modules:
        assert {file, method} <= texts_of(module), f"{module} does not read the rows {method} of {file}.csv"
