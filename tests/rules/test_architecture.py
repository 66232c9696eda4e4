"""The house rules that a machine can check: lint, types, imports, sizes, migrations, catalogues."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.pofile import read_po
from flask import Flask

import migrations
from survey.app import create_app
from survey.db.engine import Database
from survey.i18n import extraction
from survey.models import Base
from survey.settings import ROOT, Settings
from survey.web.survey import survey_of
from tests.support import factories, translation

BIN = Path(sys.executable).parent
OURS = ("survey", "analysis", "migrations", "tests", "bench")
PRODUCT = ("survey", "analysis", "migrations", "bench")
LONGEST = 300


def files(*kinds: str) -> Iterator[Path]:
    """Yield our source files of some kinds."""
    for folder in OURS:
        for kind in kinds:
            yield from sorted((ROOT / folder).rglob(f"*.{kind}"))


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
        ["djlint", "survey/templates", "--lint", "--quiet"],
    ],
    ids=" ".join,
)
def test_the_checkers_find_nothing(command: list[str]) -> None:
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files("py", "js", "css", "html")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long


def test_every_package_must_take_its_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = {contract["containers"][0]: contract for contract in contracts if contract["type"] == "layers"}
    assert {name for name, contract in layers.items() if contract["exhaustive"]} == {"survey", "survey.web"}
    assert not any("ignore_imports" in contract or "exhaustive_ignores" in contract for contract in contracts)


def test_all_but_the_web_and_what_starts_it_knows_no_flask() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [layers] = [each for each in contracts if each.get("containers") == ["survey"]]
    [free] = [each for each in contracts if "flask_wtf" in each.get("forbidden_modules", ())]
    floors = {f"survey.{name}" for layer in layers["layers"] for name in layer.split(" | ")}
    web = {f"survey.{name}" for name in ("__main__", "wsgi", "app", "cli", "commands", "web")}
    assert set(free["source_modules"]) == floors - web


def test_the_web_asks_the_package_that_owns_a_table() -> None:
    statements = re.compile(r"\bsa\.(select|insert|update|delete|text|func)\b|\.(scalars?|execute)\(")
    asking = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "survey" / "web").rglob("*.py")
        if statements.search(path.read_text(encoding="utf-8"))
    ]
    assert asking == []


OWNERS = {"Agency": "organisation", "Procedure": "organisation", "Staff": "accounts"}


def test_agencies_procedures_and_accounts_are_asked_of_the_package_that_owns_them() -> None:
    asked = re.compile(rf"\bsa\.select\(\s*({'|'.join(OWNERS)})\b")
    strangers = [
        f"{path.relative_to(ROOT)}: {table}"
        for path in (ROOT / "survey").rglob("*.py")
        for table in asked.findall(path.read_text(encoding="utf-8"))
        if path.relative_to(ROOT / "survey").parts[0] != OWNERS[table]
    ]
    assert strangers == []


UNCHECKED = re.compile(r"# (?:type: ignore(?:\[[^\]]*\])?|noqa(?:: [A-Z0-9, ]+)?|pragma: [\w ]+)(?P<reason>.*)")


def test_what_a_checker_is_told_to_pass_over_says_why() -> None:
    mute = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files("py")
        if path.relative_to(ROOT).parts[0] in PRODUCT
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (mark := UNCHECKED.search(line)) and not re.match(r"  # \w|- \w", mark["reason"].replace(" -", "-", 1))
    ]
    assert mute == []


def test_the_formatter_is_told_to_pass_over_nothing() -> None:
    told = re.compile(r"#\s*fmt:\s*(?:skip|off)")
    assert [str(path.relative_to(ROOT)) for path in files("py") if told.search(path.read_text("utf-8"))] == []


def test_every_public_name_of_the_product_says_what_it_is_for() -> None:
    bare = []
    for path in files("py"):
        if path.relative_to(ROOT).parts[0] in ("tests", "bench") or path.parent.name == "versions":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            bare.append(str(path))
        for node in tree.body:
            public = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
            signature = any(ast.unparse(mark) == "overload" for mark in getattr(node, "decorator_list", []))
            if public and not signature and not ast.get_docstring(node):
                bare.append(f"{path}:{node.name}")
    assert not bare


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        path.name
        for path in (ROOT / "survey").rglob("*.py")
        if re.search(r"\b(os\.environ|getenv)\b", path.read_text(encoding="utf-8"))
    ]
    assert readers == ["environment.py"]


def test_every_benchmark_can_be_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "none"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 2 and "no benchmark none; there are: " in done.stderr, done.stderr[-2000:]


def test_templates_carry_no_inline_style_or_handler() -> None:
    for path in (ROOT / "survey" / "templates").rglob("*.html"):
        found = re.findall(r"\s(style|on[a-z]+)=", path.read_text(encoding="utf-8"))
        assert not found, path


def test_what_is_installed_is_pinned_by_hashes_and_not_by_addresses() -> None:
    for name in (
        "requirements.txt",
        "requirements-test.txt",
        "package-lock.json",
        ".npmrc",
        "pyproject.toml",
        "Makefile",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!127\.0\.0\.1)|--(?:extra-)?index-url|find-links", text), name


@pytest.fixture
def blank(engine_name: str, database_url: str, tmp_path: Path) -> Iterator[Database]:
    """A database without a table."""
    url = f"sqlite:///{tmp_path / 'blank.db'}" if engine_name == "sqlite" else database_url
    with Database(url) as database:
        if engine_name == "postgresql":
            migrations.migrate(database, "base")
        yield database


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_every_migration_runs_up_down_and_up_and_leaves_what_the_models_say(blank: Database) -> None:
    assert tables(blank) == set()
    migrations.migrate(blank)
    assert tables(blank) == set(Base.metadata.tables)
    migrations.migrate(blank, "base")
    assert tables(blank) == set()
    for path in sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py")):
        assert not migrations.up_to_date(blank)
        migrations.migrate(blank, path.stem.split("_")[0])
    assert migrations.up_to_date(blank)
    migrations.check(blank)


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [path.stem.split("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")]
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_catalogues_are_complete_and_hold_just_what_the_sources_say(language: str) -> None:
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, language)
    assert [str(message.id) for message in catalogue if message.id and not extraction.complete(message.string)] == []
    said = {message.id for message in extraction.extracted() if message.id}
    kept = {message.id for message in catalogue if message.id}
    assert {str(each) for each in said ^ kept} == set(), "run `hailong translations`"
    assert not [message.id for message in catalogue if message.id and message.fuzzy]


def test_the_collector_sees_every_text_that_the_sources_say() -> None:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in extraction.extracted()}
    unseen = []
    for folder in extraction.FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
                if name not in extraction.KEYWORDS or not isinstance(node, ast.Call):
                    continue
                places = extraction.KEYWORDS[name] or (1,)
                texts = [node.args[place - 1] for place in places if place <= len(node.args)]
                said = [text.value for text in texts if isinstance(text, ast.Constant)]
                made = [text for text in texts if isinstance(text, ast.JoinedStr)]  # cannot be looked up
                if made or (said and said[0] not in known):
                    unseen.append(f"{path.name}:{node.lineno}")
    assert unseen == []


def test_vietnamese_texts_are_not_left_in_english() -> None:
    with (ROOT / "translations" / "vi" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, "vi")
    same = [message.id for message in catalogue if message.id and message.id == message.string]
    assert [text for text in same if re.search(r"[a-z]{4,} [a-z]{3,}", str(text))] == []


def test_a_third_language_is_data_only(settings: Settings, app: Flask, tmp_path: Path) -> None:
    """Copy the catalogues, add one in a language that nobody wrote, and read the citizen's page in it."""
    folder = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", folder)
    translation.pseudo(folder, "eo")
    database: Database = survey_of(app).database
    with database.session(writes=True) as session:
        translation.publish_pseudo(session, "eo")
        token = factories.invitation(session)
        session.commit()
    third = create_app(
        Settings(settings.database_url, settings.secret_key, instance=settings.instance, translations=folder)
    )
    with survey_of(third).database:
        page = third.test_client().get(f"/r/{token}?lang=eo")
    assert page.status_code == 200
    assert '<html lang="eo"' in page.text
    assert translation.pseudo_text("Overall, how satisfied are you")[:20] in page.text
    words = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", page.text, flags=re.S)
    left = [line.strip() for line in words.splitlines() if re.search(r"[A-Za-z]{4,} [a-z]{4,}", line)]
    assert left == [], "texts that no catalogue reaches"
    assert 'lang="vi"' in page.text, "the other languages are offered"
