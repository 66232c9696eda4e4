"""The documents say what is so: settings, commands, files, links."""

from __future__ import annotations

import doctest
import re
from collections import Counter
from pathlib import Path

import click
import pytest

import analysis
from survey.cli import cli
from survey.settings import ROOT, SETTINGS
from tests.support.maps import MAPS

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
STATISTICS = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CITING = sorted(
    path
    for folder in ("analysis", "survey", "tests", "bench")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".yaml")
)
SECTION = r"§\d+(?:\.\d+)*"
REFERENCE = re.compile(rf"((?:docs/[a-z][\w.-]*|\b[A-Z][A-Z_-]+)\.md)((?:(?: |, | and |–){SECTION})*)|({SECTION})")
COMMAND = re.compile(r"^ *(?:\.venv/bin/)?hailong ([a-z][a-z-]*(?: [a-z-]+)*(?: --[a-z-]+)*)", re.M)


def test_the_settings_table_is_the_settings() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", README, re.M)
    assert rows == [(s.variable, f"`{s.default}`" if s.default else "–", s.meaning) for s in SETTINGS]


@pytest.mark.parametrize("name", MAPS)
def test_the_maps_of_addresses_and_modules_are_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == MAPS[name](), "run `make maps`"


def test_the_map_of_addresses_lists_those_of_both_applications() -> None:
    rules = re.findall(r"^\| `(.+?)` \|", (ROOT / "docs" / "addresses.md").read_text(encoding="utf-8"), re.M)
    assert {"/", "/staff/", "/api/v1/me"} | {"/r/<token>", "/q/<code>", "/k/<code>", "/unsent", "/sw.js"} <= set(rules)


def test_readme_shows_the_two_commands_first() -> None:
    before_settings = README.split("## Settings")[0]
    assert "\nmake demo " in before_settings and "\nmake test " in before_settings


def test_readme_names_five_files_to_read() -> None:
    section = README.split("## Five files to read")[1].split("\n## ")[0]
    named = re.findall(r"^\d\. \[([^\]]+)\]\(([^)]+)\)", section, re.M)
    assert len(named) == 5
    assert all(text == path and (ROOT / path).is_file() for text, path in named)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path) if path else document
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.M)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return
    named = re.findall(
        r"\b(?:survey|analysis|tests|bench|migrations|deploy)/[\w./-]+\.\w+", document.read_text(encoding="utf-8")
    )
    assert [path for path in named if not (ROOT / path).exists() and "x/y" not in path and "x/test_y" not in path] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_in_the_documents_exists(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return
    text = document.read_text(encoding="utf-8")
    for words in COMMAND.findall(_code(text)):
        _follow(cli, words.split())
    for target in re.findall(r"\bmake ((?:[.a-z][a-z/-]*)+)", _code(text)):
        assert re.search(rf"^{re.escape(target)}:", MAKEFILE, re.M), target


def _code(text: str) -> str:
    return "\n".join(re.findall(r"```(.*?)```", text, re.S) + re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text))


def _follow(command: click.Command, words: list[str]) -> None:
    if words and isinstance(command, click.Group):
        assert words[0] in command.commands, f"hailong {words}"
        _follow(command.commands[words[0]], words[1:])
        return
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("--"):
            assert word in known | {"--help"}, f"{command.name} {word}"


def test_make_help_lists_every_target_that_people_use(capfd: pytest.CaptureFixture[str]) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.M))
    assert {"help", "demo", "demo-data", "test", "bench", "campaign", "lint"} <= targets
    assert targets == set(re.findall(r"[a-z-]+", MAKEFILE.split(".PHONY:")[1])), "each is .PHONY"


def test_the_licence_is_the_whole_text_of_the_agpl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "13. Remote Network Interaction" in text
    assert text.rstrip().endswith("<https://www.gnu.org/licenses/>.")
    assert "AGPL" in README


def test_every_document_and_section_that_is_cited_is_there() -> None:
    faults = {path: _dangling(path.read_text(encoding="utf-8")) for path in CITING}
    faults |= {path: _dangling(path.read_text(encoding="utf-8"), path) for path in DOCUMENTS}
    assert {str(path.relative_to(ROOT)): wrong for path, wrong in faults.items() if wrong} == {}


@pytest.mark.parametrize(
    "cited", ["docs/nowhere.{}", "GONE.{}", "docs/statistics.{} {}99", "docs/domain.{} {}1.2\n# and {}9.9"]
)
def test_a_reference_that_leads_nowhere_is_found(cited: str) -> None:
    assert _dangling("see docs/domain.md §4.2, " + cited.format("md", "§", "§")) != []


def test_a_section_without_a_document_is_one_of_the_document_itself() -> None:
    text = "as §{} says".format("13")
    assert _dangling(text) == ["§" + "13"]
    assert _dangling(text, ROOT / "docs" / "statistics.md") == []


def _dangling(text: str, own: Path | None = None) -> list[str]:
    """Return the references in a text that lead to no file, or to no heading of that number."""
    faults = []
    for named, cited, alone in REFERENCE.findall(re.sub(r"\s*\n[\s#>]*", " ", text)):
        file = ROOT / named if named else own
        if file is None or not file.is_file():
            faults.append(named or alone)
            continue
        headings = re.findall(r"^#+ (\d+(?:\.\d+)*)", file.read_text(encoding="utf-8"), re.M)
        faults += [f"{named} {s}".strip() for s in re.findall(SECTION, cited + alone) if s[1:] not in headings]
    return faults


def test_the_words_are_those_of_the_code() -> None:
    table = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8").split("| in code | meaning |")[1]
    names = re.findall(r"`(\w+)`", " ".join(row.split("|")[3] for row in table.splitlines() if row.count("|") == 5))
    files = (path for folder in ("analysis", "survey") for path in (ROOT / folder).rglob("*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert len(names) > 20
    assert [name for name in names if not re.search(rf"^ *(?:class |def |(?={name}:)){name}\b", code, re.M)] == []


def test_every_worked_number_of_the_statistics_is_what_the_code_gives() -> None:
    text = re.sub(r"^```.*$", "", STATISTICS, flags=re.M)
    examples = doctest.DocTestParser().get_doctest(text, {}, "statistics.md", "docs/statistics.md", 0)
    outcome = doctest.DocTestRunner().run(examples)
    assert outcome.attempted > 100 and not outcome.failed


def test_the_statistics_say_what_everything_is_that_analysis_offers() -> None:
    assert [name for name in analysis.__all__ if f"`{name}`" not in STATISTICS] == []


def test_no_change_is_told_twice() -> None:
    """Branches that meet leave an older wording beside the newer one."""
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    beginnings = Counter(line[:50] for line in lines if line.startswith("- "))
    assert beginnings and [line for line, number in beginnings.items() if number > 1] == []
