"""What we take from others is pinned, may be taken, stands in the bill of materials, and is asked about anew."""

from __future__ import annotations

import json
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import cyclonedx.schema
import jsonschema_rs
import pytest

from tests.support import dependencies
from tests.support.dependencies import ACCEPTABLE, licence, parts, pins

SCHEMAS = Path(next(iter(cyclonedx.schema.__path__))) / "_res"


def schema(address: str) -> Any:
    """Return a schema of CycloneDX by the last part of its address, as it ships with the library."""
    return json.loads((SCHEMAS / address.rpartition("/")[2]).read_text(encoding="utf-8"))


def test_every_licence_is_known_and_acceptable() -> None:
    page = dependencies.page()
    assert "unclear" not in page
    here = {dist.metadata["Name"].lower() for dist in metadata.distributions()}
    installed = [pin.name for pin in pins() if pin.name.lower() in here]
    assert len(installed) > 40
    assert {name: licence(name) for name in installed if not set(parts(licence(name))) <= set(ACCEPTABLE)} == {}


@pytest.mark.parametrize("words", ["SSPL-1.0", "MIT AND GPL-2.0-only"])
def test_a_licence_that_nobody_has_weighed_is_not_accepted(words: str) -> None:
    assert not set(parts(words)) <= set(ACCEPTABLE)


def test_the_bill_of_materials_names_each_pinned_package_with_licence_and_hashes() -> None:
    bill = json.loads(dependencies.bill())
    jsonschema_rs.validator_for(schema("bom-1.6.SNAPSHOT.schema.json"), retriever=schema).validate(bill)
    listed = {(one["name"], one["version"]): one for one in bill["components"]}
    assert set(listed) == {(pin.name, pin.version) for pin in pins()}
    assert all(one["hashes"] and one["purl"].startswith("pkg:pypi/") for one in listed.values())
    here = {dist.metadata["Name"].lower() for dist in metadata.distributions()}
    assert all(one.get("licenses") for one in listed.values() if one["name"].lower() in here)
    assert bill["metadata"]["component"]["name"] == "hailong"


def test_a_newer_release_of_what_is_pinned_is_told_and_a_repair_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(*rows: tuple[str, str, str]) -> int:
        told = json.dumps([dict(zip(("name", "version", "latest_version"), row, strict=True)) for row in rows])
        done = subprocess.CompletedProcess([], 0, stdout=told)
        monkeypatch.setattr(subprocess, "run", lambda *_arguments, **_options: done)
        return dependencies.outdated()

    assert listed(("pytest", "9.2.0", "9.2.1"), ("flask", "3.1.3", "3.2.0")) == 0, (
        "pytest does not run with the product"
    )
    assert capsys.readouterr().out == "flask 3.1.3: 3.2.0 is newer\n"
    assert listed(("Flask", "3.1.3", "3.1.4"), ("jinja2", "3.1.6", "4.0.0")) == 1
    assert capsys.readouterr().out.splitlines()[0] == "Flask 3.1.3: 3.1.4 repairs it"
