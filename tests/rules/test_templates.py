"""What a template shows is handed to it, what is handed to it is shown, and what it names has a rule of style."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from jinja2 import DictLoader, Environment, meta, nodes

from survey.app import create_app
from survey.settings import ROOT, SETTINGS, STATIC, Settings
from survey.web.survey import survey_of
from tests.rules.test_names import EMPTY_WORDS

TEMPLATES = ROOT / "survey" / "templates"
STYLES = {"staff": ["staff", "."], "citizen": ["citizen"], "public": ["citizen", "public", "."]}

INLINE = "(?:a|b|bdi|code|span|strong)"
# Words, a tag of a condition that ends its line, words at the beginning of the next: Jinja takes the line break away.
GLUED = re.compile(
    rf"(?:\}}\}}|[\w.,;:!?)”]|</{INLINE}>)\{{% (?!endblock|endmacro)[^%]*%\}}\n(?:\{{%[^%\n]*%\}})*"
    rf"(?=\{{\{{|<{INLINE}\b|[\w(“])"
)


class Names(NamedTuple):
    """What a template takes from whoever renders it: what must be there, and what it asks for before it uses it."""

    needed: frozenset[str]
    optional: frozenset[str]


def names(env: Environment, template: str, everywhere: frozenset[str]) -> Names:
    """Return the names that a template takes, with those of what it extends and includes."""
    assert env.loader is not None
    tree = env.parse(env.loader.get_source(env, template)[0])
    own = {name.name for kind in (nodes.Assign, nodes.With) for node in tree.find_all(kind) for name in _targets(node)}
    own |= {node.target.name for node in tree.find_all(nodes.AssignBlock) if isinstance(node.target, nodes.Name)}
    own |= {macro.name for macro in tree.find_all(nodes.Macro)}
    own |= {imported.target for imported in tree.find_all(nodes.Import)}
    own |= {one if isinstance(one, str) else one[1] for each in tree.find_all(nodes.FromImport) for one in each.names}
    needed, optional = set(meta.find_undeclared_variables(tree)), set[str]()
    for guard in tree.find_all((nodes.Test, nodes.Filter)):
        if guard.name in ("defined", "default") and isinstance(guard.node, nodes.Name):
            optional.add(guard.node.name)
    for reference in tree.find_all((nodes.Extends, nodes.Include)):
        assert isinstance(reference.template, nodes.Const)
        other = names(env, reference.template.value, everywhere)
        needed, optional = needed | other.needed, optional | other.optional
    return Names(frozenset(needed - own - optional - everywhere), frozenset(optional - own))


def _targets(node: nodes.Node) -> Iterator[nodes.Name]:
    targets = [node.target] if isinstance(node, nodes.Assign) else getattr(node, "targets", [])
    for target in targets:
        yield from [target] if isinstance(target, nodes.Name) else target.find_all(nodes.Name)


class Call(NamedTuple):
    """One place at which a template is rendered, and what is handed to it."""

    place: str
    template: str
    given: frozenset[str]


def calls(source: str, place: str) -> Iterator[Call]:
    """Yield the calls of `render_template`: each names its template and every value, so that both can be looked for."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("render_template"):
            [template] = node.args
            assert isinstance(template, ast.Constant), f"{place}:{node.lineno} names no template"
            given = [keyword.arg for keyword in node.keywords]
            assert None not in given, f"{place}:{node.lineno} hands over what it does not name"
            yield Call(f"{place}:{node.lineno}", str(template.value), frozenset(name for name in given if name))


def faults(env: Environment, call: Call, everywhere: frozenset[str]) -> list[str]:
    """Return what a call does not hand over though the template needs it, and what it hands over for nothing."""
    needed, optional = names(env, call.template, everywhere)
    missing = [f"{call.place} {call.template} lacks {name}" for name in sorted(needed - call.given)]
    return missing + [f"{call.place} {call.template} never uses {n}" for n in sorted(call.given - needed - optional)]


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Flask]:
    """The application, whose pages nobody opens."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'none.db'}", secret_key="t" * 32, instance=tmp_path))
    with survey_of(app).database:
        yield app


@pytest.fixture
def everywhere(application: Flask) -> frozenset[str]:
    """The names that every template has: the globals, and what Flask puts into each context."""
    context: dict[str, object] = {}
    with application.test_request_context():
        application.update_template_context(context)
    return frozenset(application.jinja_env.globals) | frozenset(context)


def test_every_template_is_given_what_it_shows_and_nothing_else(application: Flask, everywhere: frozenset[str]) -> None:
    sources = sorted((ROOT / "survey").rglob("*.py"))
    rendered = [call for path in sources for call in calls(path.read_text(encoding="utf-8"), path.name)]
    assert len(rendered) > 25
    assert [fault for call in rendered for fault in faults(application.jinja_env, call, everywhere)] == []


def test_every_template_is_used_and_what_is_imported_needs_nothing(
    application: Flask, everywhere: frozenset[str]
) -> None:
    env, sources = application.jinja_env, sorted((ROOT / "survey").rglob("*.py"))
    used = {call.template for path in sources for call in calls(path.read_text(encoding="utf-8"), path.name)}
    imported = set()
    for path in TEMPLATES.rglob("*.html"):
        tree = env.parse(path.read_text(encoding="utf-8"))
        used |= {name for name in meta.find_referenced_templates(tree) if name}
        imported |= {node.template.value for node in tree.find_all((nodes.Import, nodes.FromImport))}
    assert {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")} == used
    assert {name: names(env, name, everywhere).needed for name in imported} == dict.fromkeys(imported, frozenset())


PAGES = {
    "page": "{% extends 'base' %}{% set a = 1 %}{% include 'part' %}{{ a }}{{ text(b) }}",
    "base": "{{ c | default('') }}{{ d if d is defined else '' }}",
    "part": "{{ a }}{% for one in e %}{{ one.f }}{% endfor %}",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("render_template('page', b=1, e=2)", []),
        ("flask.render_template('page', b=1, e=2, c=3, d=4)", []),
        ("render_template('page', b=1)", ["lacks e"]),
        ("render_template('page', e=2, f=3)", ["lacks b", "never uses f"]),
    ],
)
def test_a_name_that_nobody_hands_over_or_shows_is_seen(source: str, expected: list[str]) -> None:
    [call] = calls(source, "view.py")
    seen = faults(Environment(loader=DictLoader(PAGES), autoescape=True), call, frozenset({"text"}))
    assert seen == [f"view.py:1 page {words}" for words in expected]


def test_values_in_templates_are_called_by_nouns(application: Flask) -> None:
    wordless = [
        f"{path.name}:{name.lineno} {name.name}"
        for path in TEMPLATES.rglob("*.html")
        for name in application.jinja_env.parse(path.read_text(encoding="utf-8")).find_all(nodes.Name)
        if name.name in EMPTY_WORDS or (name.ctx == "store" and name.name == "verdict")
    ]
    assert wordless == []


CLASS = re.compile(r'\bclass="((?:[^"{]|\{\{.*?\}\})*)"')


def classes(template: str) -> set[str]:
    """Return the classes that a template gives, those in expressions by their literals; what a value is part of apart.

    >>> sorted(classes('<p class="a{{ " b" if x }} c-d e{{ y }}"></p>'))
    ['a', 'b', 'c-d']
    """
    given = [re.sub(r"[\w-]*\{\{[^\"'}]*\}\}[\w-]*", " ", one) for one in CLASS.findall(template)]
    words = " ".join([re.sub(r"\{\{.*?\}\}", " ", one) for one in given])
    literals = " ".join(re.findall(r"[\"']([^\"']*)[\"']", " ".join(re.findall(r"\{\{.*?\}\}", " ".join(given)))))
    return set(re.findall(r"[\w-]+", f"{words} {literals}"))


@pytest.mark.parametrize("audience", STYLES)
def test_every_class_has_a_rule_of_style(audience: str) -> None:
    sheets = [path.read_text(encoding="utf-8") for name in STYLES[audience] for path in (STATIC / name).glob("*.css")]
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", " ".join(sheets), flags=re.S)
    ruled = set(re.findall(r"\.([A-Za-z][\w-]*)", selectors))
    given = {path.name: classes(path.read_text(encoding="utf-8")) for path in (TEMPLATES / audience).glob("*.html")}
    assert {name: rest for name, each in given.items() if (rest := each - ruled)} == {}
    assert sum(map(len, given.values())) > 5


def test_attributes_with_texts_stand_in_double_quotes() -> None:
    """A text is printed as it is, and English ones have apostrophes."""
    given = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    single = re.compile(r"\w='\{\{ (?!\S+ \| tojson)[^}]*")  # JSON has double quotes, and its apostrophes are escaped
    assert {name: place for name, text in given.items() if (place := single.findall(text))} == {}


def test_no_page_names_a_setting_of_the_server() -> None:
    """Officials do not set them; whoever runs the server reads of them in its own documents."""
    templates = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    own = {setting.variable for setting in SETTINGS} - {"PORT"}
    assert {name: named for name, text in templates.items() if (named := [one for one in own if one in text])} == {}


def test_no_words_are_glued_together_where_a_condition_ends_its_line() -> None:
    assert GLUED.search("{{ one }}{% endif %}\n{{ two }}")
    assert not GLUED.search("{{ one }}{% endif %} {{ two }}\n{% endif %}\n<p>three</p>")
    for path in sorted(TEMPLATES.rglob("*.html")):
        glued = GLUED.search(path.read_text(encoding="utf-8"))
        assert glued is None, (path.name, glued)
