"""Whoever reads a figure is told its type: nothing public in the results and the reports is of any type whatever."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.settings import ROOT

PACKAGES = ("results", "reports")
UNTYPED = "Any"


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / "survey" / package).glob("*.py"))]


def _names(node: ast.AST | None) -> set[str]:
    """Return the names in an annotation, also in one that is written as a string."""
    if node is None:
        return set()
    if isinstance(node, ast.Subscript) and "Literal" in _names(node.value):
        return set()  # its strings are values
    if isinstance(node, ast.Subscript) and "Annotated" in _names(node.value) and isinstance(node.slice, ast.Tuple):
        return _names(node.slice.elts[0])  # what follows says how a value is checked
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _names(ast.parse(node.value, mode="eval").body)
    name = {getattr(node, "id", None), getattr(node, "attr", None)} - {None}
    return {str(one) for one in name}.union(*map(_names, ast.iter_child_nodes(node)))


def _aliases(tree: ast.Module) -> set[str]:
    """Return the names that stand for a type which mentions an untyped one."""
    untyped = {UNTYPED}
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and _is_type(node):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if _names(node.value) & untyped:
                untyped |= {target.id for target in targets if isinstance(target, ast.Name)}
    return untyped


def _is_type(node: ast.Assign | ast.AnnAssign) -> bool:
    alias = isinstance(node, ast.AnnAssign) and "TypeAlias" in _names(node.annotation)
    return alias or isinstance(node.value, (ast.Subscript, ast.BinOp))


def _public(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the public annotations of a module: of functions, of fields and of methods."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield from _signature(node, node.name)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for part in node.body:
                if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    yield f"{node.name}.{part.target.id}", part.annotation
                if isinstance(part, ast.FunctionDef):
                    yield from _signature(part, f"{node.name}.{part.name}")


def _signature(function: ast.FunctionDef, name: str) -> Iterator[tuple[str, ast.expr | None]]:
    if function.name.startswith("_"):
        return
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    yield from ((f"{name}({one.arg})", one.annotation) for one in every)
    yield f"{name} ->", function.returns


def untyped(source: str) -> list[str]:
    tree = ast.parse(source)
    aliases = _aliases(tree)
    return [name for name, annotation in _public(tree) if _names(annotation) & aliases]


def frames(source: str) -> list[str]:
    """Return the public fields that hold a table whose columns no type names."""
    return [
        name for name, annotation in _public(ast.parse(source)) if "." in name and "DataFrame" in _names(annotation)
    ]


def test_no_field_is_a_table_whose_columns_nobody_knows() -> None:
    assert {
        str(path.relative_to(ROOT)): names for path in modules() if (names := frames(path.read_text("utf-8")))
    } == {}


def test_a_table_in_a_field_is_noticed() -> None:
    assert frames("class C:\n    rows: pd.DataFrame\n    n: int\n\ndef f() -> pd.DataFrame: ...") == ["C.rows"]


def test_no_public_figure_is_of_any_type() -> None:
    assert {
        str(path.relative_to(ROOT)): names for path in modules() if (names := untyped(path.read_text("utf-8")))
    } == {}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(x: dict[str, Any]) -> None: ...", "f(x)"),
        ("def f() -> Any: ...", "f ->"),
        ("Row: TypeAlias = Mapping[str, Any]\n\ndef f(*x: Row) -> None: ...", "f(x)"),
        ("Row = Mapping[str, typing.Any]\n\nclass C:\n    row: Row", "C.row"),
        ("class C:\n    def f(self, *, x: 'list[Any]') -> None: ...", "C.f(x)"),
    ],
)
def test_what_is_untyped_is_noticed(source: str, name: str) -> None:
    assert untyped(source) == [name]
    assert untyped(source.replace("Any", "int")) == []
