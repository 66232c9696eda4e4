"""Acts are a closed list: each is recorded somewhere, spelt one way, and said in both languages."""

from __future__ import annotations

import ast
import re
from typing import get_type_hints

import pytest

from survey.audit import trail
from survey.audit.acts import Act
from survey.i18n import speaking
from survey.settings import ROOT

OWN = ("survey/audit/acts.py", "survey/audit/trail.py")
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "survey").rglob("*.py"))
    if str(path.relative_to(ROOT)) not in OWN
}


def test_an_act_is_spelt_as_a_noun_and_what_was_done() -> None:
    for act in Act:
        assert re.fullmatch(
            r"[a-z_]+\.[a-z_]*(ed|made|reset|drawn|shown|taken|written|chosen)(_on|_off|_up|_in|_back|_over)?",
            act.value,
        ), act
        assert act.name == act.value.replace(".", "_").upper()
        assert len(act.value) <= 60


def test_only_an_act_can_be_put_on_record() -> None:
    assert get_type_hints(trail.append)["act"] is Act
    strays = [
        path.name for path, source in SOURCES.items() if "AuditEntry(" in source and "class AuditEntry(" not in source
    ]
    assert strays == []
    for path, source in SOURCES.items():
        for act in recorded(source):
            spelt = [
                node.value for node in ast.walk(act) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
            assert spelt == [], f"{path.name} spells an act by hand"


def recorded(source: str) -> list[ast.expr]:
    """Return what a source hands to the record as the act."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.args[2] for call in calls if ast.unparse(call.func) == "trail.append"]


def test_every_act_is_recorded_somewhere() -> None:
    named = {name for source in SOURCES.values() for name in re.findall(r"\bAct\.([A-Z_]+)", source)}
    assert named == {act.name for act in Act}
    assert sum(len(recorded(source)) for source in SOURCES.values()) > 20, "the calls are found"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_act_has_words_of_its_own(language: str) -> None:
    with speaking(language):
        words = [act.words for act in Act]
    assert len(set(words)) == len(words)
    assert all(words)
    assert (words == [act.message for act in Act]) is (language == "en")
