"""Every figure can be traced: each statistical function names its source, and errors are listed in one shape."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import analysis

PACKAGE = Path(analysis.__file__).parent
FUNCTIONS = sorted(name for name in analysis.__all__ if inspect.isfunction(getattr(analysis, name)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_statistical_function_names_its_source_on_a_line_of_its_own(name: str) -> None:
    lines = (inspect.getdoc(getattr(analysis, name)) or "").splitlines()
    assert [line for line in lines if line.startswith("Source: ")], name


def test_errors_are_listed_in_a_section_of_their_own() -> None:
    docstrings = [
        (file.name, ast.get_docstring(node) or "")
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert sum("Raises:\n" in text for _, text in docstrings) > 80
    assert [(name, text) for name, text in docstrings if re.search(r"Raises: *\S", text)] == []
