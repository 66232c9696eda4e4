"""What may be called how: values by nouns, each type by a name of its own, nothing by a word that says nothing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from jinja2 import Environment, nodes

from survey.settings import ROOT

PRODUCT = ("survey", "analysis", "migrations", "bench")
EMPTY_WORDS = frozenset({"known", "found", "said", "made", "told"})  # say how a value came about, not what it is
VAGUE = re.compile(r"^_*(utils?|helpers?|common|core|manager|service|repository)$")


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield our Python files, parsed, by their places."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def bound(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name that a file binds, with its line: variables, parameters, imports, attributes, functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.alias):
            yield node.asname or node.name, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def types(tree: ast.Module) -> Iterator[str]:
    """Yield the names of a file's classes and of what stands for a type: capitalised, and not all capitals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if hasattr(node, "target") else []
        for target in targets:
            if isinstance(target, ast.Name) and re.match(r"_*[A-Z]\w*[a-z]", target.id):
                yield target.id


def test_no_file_or_function_has_a_name_that_says_nothing() -> None:
    stems = [
        path
        for folder in (*PRODUCT, "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".js", ".css", ".html") and VAGUE.match(path.stem)
    ]
    assert stems == []
    assert [
        f"{place}:{node.lineno} {node.name}"
        for place, tree in sources(*PRODUCT, "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and VAGUE.match(node.name.lower())
    ] == []


def test_values_are_called_by_nouns() -> None:
    assert [
        f"{place}:{line} {name}"
        for place, tree in sources(*PRODUCT)
        if not place.startswith("migrations/versions")
        for name, line in bound(tree)
        if name.strip("_") in EMPTY_WORDS
    ] == []


def bound_in_a_template(source: str) -> Iterator[str]:
    """Yield what a template binds: by `set` and `for`, and the parameters of macros."""
    for node in Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(source).find_all(nodes.Name):
        if node.ctx in ("store", "param"):
            yield node.name


def test_values_of_templates_are_called_by_nouns() -> None:
    folder = ROOT / "survey" / "templates"
    assert [
        f"{path.relative_to(folder)} {name}"
        for path in sorted(folder.rglob("*.html"))
        for name in bound_in_a_template(path.read_text(encoding="utf-8"))
        if name.strip("_") in EMPTY_WORDS
    ] == []


def test_what_a_template_binds_is_seen() -> None:
    source = "{% set a = 1 %}{% for b, c in d %}{{ e }}{% endfor %}{% macro f(g) %}{% endmacro %}"
    assert {*bound_in_a_template(source)} == {"a", "b", "c", "g"}


def test_a_name_that_says_nothing_is_seen_wherever_it_is_bound() -> None:
    source = """
import a as known
def f(said, *, told=1):
    made = [found for found in said]
    self._known = made
class C:
    def _told(self): ...
"""
    names = [name for name, _line in bound(ast.parse(source))]
    assert {name.strip("_") for name in names} >= EMPTY_WORDS
    assert "_told" in names


def test_each_type_has_a_name_of_its_own() -> None:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for place, tree in sources("survey", "analysis"):
        for name in types(tree):
            homes[name].append(place)
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


def test_a_class_and_an_alias_are_seen_as_types() -> None:
    source = "class A: ...\nBb = dict[str, int]\nCc: TypeAlias = int\n_Dd = TypeVar('_Dd')\nLIMIT = 3\nvalue = 4"
    assert list(types(ast.parse(source))) == ["A", "Bb", "Cc", "_Dd"]
