"""A mechanism that several parts need stands in one module, and the others ask for it."""

from __future__ import annotations

import re

import pytest

from survey.settings import ROOT

HOMES = {
    r"0123456789ABCDEFGHJKMNPQRSTVWXYZ": "survey/security/base32.py",
    r'"=", "\+", "-", "@"': "analysis/formulas.py",
    r"register_font_directory|\bDATA / \"fonts\"": "survey/fonts.py",
    r"\.in_\(\w+\[\w+ : \w+ \+ ": "survey/db/slices.py",
    r"AuditEntry\(at=": "survey/audit/trail.py",
    r"on_conflict_do_nothing": "survey/db/upsert.py",
    r"AESGCM\(": "survey/security/sealing.py",
}


@pytest.mark.parametrize("pattern", HOMES)
def test_a_mechanism_stands_once(pattern: str) -> None:
    sources = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for package in ("survey", "analysis")
        for path in (ROOT / package).rglob("*.py")
    }
    assert {name for name, source in sources.items() if re.search(pattern, source)} == {HOMES[pattern]}
