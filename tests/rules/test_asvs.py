"""Each requirement of OWASP ASVS 5.0 that is in scope stands once in docs/asvs.csv, with what shows it.

The wording there is ours. A row is `met` by tests, sections of documents and files that are there, `open` or
`not applicable` with the reason. docs/security.md prints how many there are, so that no open one is lost quietly.
"""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from survey.settings import ROOT
from survey.web import headers

# By chapter: all of levels 1 and 2 that apply to a survey without WebRTC and the like, which issues no tokens of OAuth,
# and some of level 3 (*).
SCOPE = {
    1: "1.1 1.2 2.1 2.2 2.3 2.4 2.5 2.9 2.10* 3.2 3.3 3.6 3.7 3.10 3.11 3.12* 4.1 4.2 4.3 5.1 5.2 5.3*",
    2: "1.1 1.2 1.3 2.1 2.2 2.3 3.1 3.2 3.3 3.4 3.5* 4.1",
    3: "2.1 2.2 3.1 3.2 3.3 3.4 3.5* 4.1 4.2 4.3 4.4 4.5 4.6 4.7* 4.8* 5.1 5.2 5.3 5.4 5.6* 5.7* 5.8* 6.1* 7.1 7.2",
    4: "1.1 1.2 1.3 1.4* 2.1 2.2*",
    5: "1.1 2.1 2.2 2.3 3.2 3.3* 4.1 4.2",
    6: "1.1 1.2 1.3 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 3.1 3.2 3.3 3.4 3.7* 3.8* 4.1 4.2 4.3 4.4 4.6* "
    "5.1 5.2 5.3 5.4 5.5 5.6* 5.8* 6.2 6.3 8.1 8.2 8.4",
    7: "1.1 1.2 1.3 2.1 2.2 2.3 2.4 3.1 3.2 4.1 4.2 4.3 4.4 4.5 5.1 5.2 5.3* 6.1 6.2",
    8: "1.1 1.2 2.1 2.2 2.3 3.1 3.2* 3.3* 4.1",
    9: "1.1 1.2 1.3 2.1 2.2 2.3 2.4",
    10: "1.1 1.2 2.1 2.2 2.3* 5.1 5.2 5.3 5.4 5.5",
    11: "1.1 1.2 2.1 2.2 2.3 2.4* 3.1 3.2 3.3 4.1 4.2 4.3 4.4 5.1 5.2* 6.1",
    12: "1.1 1.2 2.1 2.2 3.1 3.2 3.3 3.4",
    13: "1.1 1.2* 1.3* 1.4* 2.1 2.2 2.3 2.4 2.5 3.1 3.2 3.4* 4.1 4.2 4.3 4.4 4.5 4.6* 4.7*",
    14: "1.1 1.2 2.1 2.2 2.3 2.4 2.5* 2.6* 2.7* 3.1 3.2 3.3",
    15: "1.1 1.2 1.3 2.1 2.2 2.3 2.4* 3.1 3.2 3.3 3.4 3.5 3.6 3.7 4.1* 4.2* 4.3*",
    16: "1.1 2.1 2.2 2.3 2.4 2.5 3.1 3.2 3.3 3.4 4.1 4.2 4.3 5.1 5.2 5.3 5.4*",
}
COLUMNS = ["requirement", "level", "about", "state", "evidence", "reason"]
STATES = ("met", "open", "not applicable")
LEAVES_OUT = {"skip", "skipif", "xfail", "importorskip"}
SECURITY = ROOT / "docs" / "security.md"


@cache
def rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def evidence() -> Iterator[tuple[str, str]]:
    for row in rows():
        for named in filter(None, row["evidence"].split("; ")):
            yield row["requirement"], named


def asvs_section() -> str:
    return SECURITY.read_text(encoding="utf-8").split("\n## ASVS\n")[1].split("\n## ")[0]


def test_every_requirement_of_the_scope_stands_there_once() -> None:
    scope = [(f"{chapter}.{one.rstrip('*')}", "*" in one) for chapter, line in SCOPE.items() for one in line.split()]
    assert len(scope) == 245
    assert [(row["requirement"], row["level"] == "3") for row in rows()] == scope
    assert {row["level"] for row in rows()} == {"1", "2", "3"}


def test_each_row_has_what_shows_it_or_the_reason_why_nothing_does() -> None:
    for row in rows():
        met = row["state"] == "met"
        assert row["state"] in STATES and row["about"], row
        assert (bool(row["evidence"]), bool(row["reason"])) == (met, not met), row
        assert met or re.fullmatch(r"(?!.*\. [A-Z]).+[^.]\.", row["reason"]), f"one sentence: {row}"


def test_every_test_that_is_named_is_there_and_is_never_left_out() -> None:
    named = sorted({one for _requirement, one in evidence() if "::" in one})
    assert len(named) > 100
    assert [one for one in named if not _runs(one)] == []


def _runs(named: str) -> bool:
    path, _, name = named.partition("::")
    source = ROOT / path
    return path.startswith("tests/") and source.is_file() and runs_always(source.read_text(encoding="utf-8"), name)


def runs_always(source: str, name: str) -> bool:
    """Return whether a module has this test, and neither it nor what it uses of the module skips or expects a fault."""
    body = ast.parse(source).body
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    if not name.startswith("test_") or name not in functions:
        return False
    of_all = [node for node in body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    used, waiting = set[str](), [name]
    while waiting:
        used.add(one := waiting.pop())
        waiting += (_names(functions[one]) & set(functions)) - used
    return not any(_leaves_out(node) for node in (*of_all, *(functions[one] for one in used)))


def _names(function: ast.FunctionDef) -> set[str]:
    """Return the names that a function uses, those of its fixtures among them."""
    every = list(ast.walk(function))
    fixtures = [str(node.value) for node in every if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    asked = [node.arg for node in every if isinstance(node, ast.arg)]
    return {*fixtures, *asked, *(node.id for node in every if isinstance(node, ast.Name))}


def _leaves_out(node: ast.AST) -> bool:
    return any(
        isinstance(one, ast.Attribute) and one.attr in LEAVES_OUT and ast.unparse(one).startswith("pytest.")
        for one in ast.walk(node)
    )


@pytest.mark.parametrize(
    ("source", "runs"),
    [
        ("def test_a() -> None: ...", True),
        ("@pytest.mark.parametrize('b', [1])\ndef test_a(b: int) -> None: ...", True),
        ("def test_b() -> None:\n    pytest.skip('no')\ndef test_a() -> None: ...", True),
        ("def test_b() -> None: ...", False),
        ("@pytest.mark.skip\ndef test_a() -> None: ...", False),
        ("@pytest.mark.skipif(True, reason='')\ndef test_a() -> None: ...", False),
        ("@pytest.mark.xfail\ndef test_a() -> None: ...", False),
        ("@pytest.mark.parametrize('b', [pytest.param(1, marks=pytest.mark.xfail)])\ndef test_a(b): ...", False),
        ("pytestmark = pytest.mark.skipif(True, reason='')\ndef test_a() -> None: ...", False),
        ("c = pytest.importorskip('c')\ndef test_a() -> None: ...", False),
        ("def test_a() -> None:\n    if b: pytest.skip('no')", False),
        ("@pytest.fixture\ndef b() -> None:\n    pytest.skip('no')\ndef test_a(b: None) -> None: ...", False),
        ("def c():\n    pytest.skip('no')\ndef b():\n    c()\ndef test_a() -> None:\n    b()", False),
    ],
)
def test_a_test_that_is_left_out_shows_nothing(source: str, runs: bool) -> None:
    assert runs_always(source, "test_a") is runs


def test_every_section_and_file_that_is_named_is_there() -> None:
    lost = [one for one in evidence() if "::" not in one[1] and not _stands(one[1])]
    assert lost == []


def _stands(named: str) -> bool:
    path, _, anchor = named.partition("#")
    if path.startswith("docs/"):
        text = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""
        return anchor in {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    return path.startswith(("deploy/", "survey/")) and not anchor and (ROOT / path).exists()


def test_the_document_prints_how_many_are_met_and_how_many_are_open() -> None:
    counted = Counter((row["state"], row["level"]) for row in rows())
    printed = re.findall(r"^\| ([a-z ]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", asvs_section(), re.M)
    by_level = {state: [counted[state, level] for level in "123"] for state in STATES}
    expected = [(state, *map(str, numbers), str(sum(numbers))) for state, numbers in by_level.items()]
    assert printed == expected


def test_each_requirement_that_the_document_names_is_open() -> None:
    states = {row["requirement"]: row["state"] for row in rows()}
    named = re.findall(r"\b\d{1,2}\.\d{1,2}\.\d{1,2}\b", asvs_section())
    assert named and {states.get(one) for one in named} == {"open"}


def test_no_code_of_ours_handles_memory_by_itself() -> None:
    ours = [path for folder in ("survey", "analysis", "migrations") for path in (ROOT / folder).rglob("*")]
    compiled = {".c", ".cc", ".cpp", ".h", ".pyx", ".pxd", ".rs", ".go", ".so", ".wasm"}
    assert [path.name for path in ours if path.suffix in compiled] == []
    foreign = re.compile(r"^\s*(?:import|from) (?:ctypes|cffi)\b", re.M)
    asking = [path.name for path in ours if path.suffix == ".py" and foreign.search(path.read_text(encoding="utf-8"))]
    assert asking == ["allocator.py"], "which tells the C library how much to keep, and hands it no memory"


def in_sources(pattern: str, folder: str, *suffixes: str) -> list[str]:
    """Return each line of our sources below a folder that holds a pattern."""
    wanted = re.compile(pattern)
    return [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in suffixes
        for line in path.read_text(encoding="utf-8").splitlines()
        if wanted.search(line)
    ]


def test_scripts_of_pages_write_text_and_never_markup_or_code() -> None:
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|\beval\(|\bFunction\("
    assert in_sources(markup, "survey/static", ".js") == []
    assert in_sources(r"\w\[[^\]]+\]\s*=[^=]|__proto__", "survey/static", ".js") == [], "no name is made of data"


def test_no_template_is_made_of_a_text() -> None:
    assert in_sources(r"render_template_string|\.from_string\(|\bTemplate\(", "survey", ".py") == []


def test_no_reply_is_opened_to_scripts_of_other_sites() -> None:
    assert in_sources(r"Access-Control-|jsonp", "survey", ".py", ".js") == []
    assert in_sources(r"Access-Control-", "deploy", ".conf") == []


def test_nothing_keeps_passwords_from_being_pasted() -> None:
    assert in_sources(r"onpaste|[\"']paste[\"']", "survey", ".html", ".js", ".py") == []
    assert in_sources(r"autocomplete=\"off\"[^>]*type=\"password\"", "survey", ".html") == []


def test_browsers_are_told_to_insist_on_https_for_more_than_a_year() -> None:
    told = dict(headers.always(secure=True))["Strict-Transport-Security"]
    assert int(told.partition("max-age=")[2].partition(";")[0]) > 365 * 24 * 3600 and "includeSubDomains" in told


def test_nginx_speaks_today_s_tls_and_opens_no_folder_but_that_of_its_pages() -> None:
    configuration = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"^ *ssl_protocols +(.+);", configuration, re.M) == ["TLSv1.2 TLSv1.3"]
    assert re.findall(r"^ *(?:root|alias) +(.+);", configuration, re.M) == ["/opt/hailong/deploy/proxy"]
    assert not re.search(r"autoindex|proxy_cache |proxy_ssl_verify +off", configuration)
