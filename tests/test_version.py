"""The version: said once in pyproject.toml, and shown where somebody looks for it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import docx
import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import reports
from survey.settings import ROOT
from survey.version import version
from tests.support import commands
from tests.support.officials import official, sign_in
from tests.support.pages import check_page
from tests.support.reporting import answers, build

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.fixture
def engine_name() -> str:
    """A version is the same on both databases."""
    return "sqlite"


def test_what_is_installed_is_what_the_project_says() -> None:
    assert version() == VERSION, "run `make .venv/run`: pyproject.toml is newer than the installation"


def test_the_command_line_shows_it() -> None:
    assert commands.hailong("--version").stdout == f"hailong {VERSION}\n"


def test_staff_pages_show_it_to_who_has_signed_in(client: FlaskClient, session: Session) -> None:
    assert VERSION not in client.get("/staff/sign-in").text
    official(session)
    sign_in(client)
    for language, words in (("vi", f"Hài Lòng, phiên bản {VERSION}"), ("en", f"Hài Lòng, version {VERSION}")):
        assert words in check_page(client.get(f"/staff/account?lang={language}"), language).words


def test_reports_say_what_made_them(session: Session, tmp_path: Path) -> None:
    answers(session)
    document, book, data = reports.write(build(session), tmp_path, ("docx", "xlsx", "json"))
    made_by = f"hailong {VERSION}"
    assert docx.Document(str(document)).core_properties.comments == made_by
    assert openpyxl.load_workbook(book).properties.description == made_by
    assert json.loads(data.read_text(encoding="utf-8"))["made_by"] == made_by
