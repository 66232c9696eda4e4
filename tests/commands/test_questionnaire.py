"""`hailong import questionnaire` and `hailong export questionnaire`."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.errors import ImportRefused
from survey.models import VersionStatus
from survey.periods import parse
from survey.questionnaires import BANK, DocumentFault, documents

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)
TEXT = BANK.read_text(encoding="utf-8")
SHORT, FULL, _IN_PERSON = documents(TEXT)
Change = Callable[[dict[str, Any]], Any]


def changed(change: Change, document: dict[str, Any] = SHORT) -> dict[str, Any]:
    made = copy.deepcopy(document)
    change(made)
    return made


def said(faults: list[DocumentFault]) -> str:
    return "\n".join(f"{fault.path} {fault.message % fault.values}" for fault in faults)


def test_the_command_names_faults_by_line_and_column_and_imports_nothing(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    broken = TEXT.replace('en: "Very satisfied"', 'en: ""').replace("scale: wish4", "scale: wishes")
    broken = re.sub(r'version: "\d\.0"', 'version: "9.0"', broken)
    path = tmp_path / "bank.yaml"
    path.write_text(broken, encoding="utf-8")
    done = app.test_cli_runner().invoke(args=["hailong", "import", "questionnaire", str(path), "--lang", "en"])
    assert isinstance(done.exception, ImportRefused)
    lines = broken.splitlines()
    places = re.findall(r"bank\.yaml:(\d+):(\d+): (.+)", done.output)
    assert len(places) == 2
    for line, column, fault in places:
        begun = lines[int(line) - 1][int(column) - 1 :]
        assert begun.startswith('""' if "English" in fault else "wishes"), (begun, fault)
    session.rollback()
    assert {row.version for row in questionnaires.all_versions(session)} == {"1.0", "2.0"}


@pytest.mark.usefixtures("vietnamese")
def test_the_command_brings_a_version_out_and_in_again(app: Flask, session: Session, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    path = tmp_path / "full.yaml"
    assert run(args=["hailong", "export", "questionnaire", "full_sipas_online", "--out", str(path)]).exit_code == 0
    assert documents(path.read_text(encoding="utf-8")) == [FULL]
    path.write_text(path.read_text(encoding="utf-8").replace("version: '2.0'", "version: '2.1'"), encoding="utf-8")
    tried = run(args=["hailong", "import", "questionnaire", str(path), "--dry-run"])
    assert "full_sipas_online 2.1: bản nháp" in tried.output
    session.rollback()
    assert len(questionnaires.all_versions(session)) == 3
    session.rollback()
    assert run(args=["hailong", "import", "questionnaire", str(path)]).exit_code == 0
    assert questionnaires.named(session, "full_sipas_online", "2.1").status == VersionStatus.DRAFT
    session.rollback()
    published = run(args=["hailong", "import", "questionnaire", str(path), "--publish"])
    assert "full_sipas_online 2.1: đã ban hành" in published.output
    assert questionnaires.named(session, "full_sipas_online").version == "2.1"
