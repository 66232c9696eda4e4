"""One door per topic: modules whose name begins with "_" do the work, and nobody outside the package names them."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import analysis

PROJECT = Path(__file__).resolve().parents[2]
CALLERS = ("survey", "bench", "migrations")
PACKAGE = PROJECT / "analysis"


def private_imports(source: str) -> list[str]:
    """The private modules of the package that a program text imports."""
    modules: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
    return sorted({module for module in modules if module.startswith("analysis._")})


def test_callers_come_through_the_public_modules() -> None:
    files = [file for folder in CALLERS for file in (PROJECT / folder).rglob("*.py")]
    assert len(files) > 100
    through = {str(file.relative_to(PROJECT)): private_imports(file.read_text(encoding="utf-8")) for file in files}
    assert {file: modules for file, modules in through.items() if modules} == {}


@pytest.mark.parametrize(
    "line",
    ["from analysis._binomial import wilson", "from analysis import _binomial", "import analysis._binomial"],
)
def test_a_private_import_is_noticed_in_every_form(line: str) -> None:
    assert "analysis._binomial" in private_imports(line)


def test_every_public_module_is_named_in_the_package_s_own_map() -> None:
    modules = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    public = {name for name in modules if not name.startswith("_")}
    lines = (analysis.__doc__ or "").splitlines()
    named = {name.strip() for line in lines if line.startswith("    ") for name in line[4:22].split(",")}
    assert public - named == set()


@pytest.mark.parametrize("name", ["interval", "verdict", "stratification", "publication", "comparison", "scores"])
def test_a_door_offers_what_it_promises(name: str) -> None:
    door = importlib.import_module(f"analysis.{name}")
    assert sorted(door.__all__) == door.__all__
    assert [public for public in door.__all__ if not hasattr(door, public)] == []
