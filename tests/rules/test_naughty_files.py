"""Every string of a published list through files in, files out, drafts and commands: kept as typed, inert, no fault."""

from __future__ import annotations

import csv
import html
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
import xlsxwriter
import yaml
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from analysis.formulas import FORMULA
from survey import questionnaires
from survey.errors import ImportRefused, SurveyError
from survey.i18n import nfc
from survey.models import Agency, Level, Role
from survey.questionnaires import drafts
from tests.support import factories
from tests.support.files import AGENCY_HEADERS, HEADERS, ROW, as_csv, run
from tests.support.naughty import HARMLESS, check_inert, strings
from tests.support.officials import found, official, sign_in, token_on
from tests.support.reporting import NOON, read_csv, read_json, read_xlsx, spoken

NAMES = 70


def line(text: str) -> str:
    """Return a name as a list keeps it: composed, on one line."""
    return " ".join(nfc(text).split())


def names() -> list[str]:
    """Return names that hold every string, some in each, what a spreadsheet would compute at the beginning."""
    texts = sorted(filter(line, strings()), key=lambda text: not line(text).startswith(FORMULA))
    return [" ¦ ".join(texts[i::NAMES]) for i in range(NAMES)]


def as_xlsx(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate(rows):
            for k, cell in enumerate(row):
                sheet.write_string(i, k, cell)
    return path


@pytest.fixture
def named(app: Flask, session: Session, tmp_path: Path) -> list[str]:
    """An agency by each name, imported from a table; the same as a workbook changes nothing."""
    typed = names()
    rows = [AGENCY_HEADERS]
    rows += [(f"H61.{i}", text, text, "commune", "H61", "2025-07-01", "", "") for i, text in enumerate(typed, 100)]
    factories.response(session, 4, when=NOON)
    session.commit()
    flat = run(app, "import", "agencies", as_csv(tmp_path / "a.csv", rows))
    assert f"thêm mới {len(typed)}, giữ nguyên 0, cập nhật 0" in flat.output, flat.output
    book = run(app, "import", "agencies", as_xlsx(tmp_path / "a.xlsx", rows))
    assert f"thêm mới 0, giữ nguyên {len(typed)}, cập nhật 0" in book.output, book.output
    return [line(name) for name in typed]


def test_names_are_kept_and_every_output_shows_them_inert(
    app: Flask, client: FlaskClient, session: Session, named: list[str], tmp_path: Path
) -> None:
    kept = found(
        session, sa.select(Agency.name).where(Agency.level == Level.COMMUNE, Agency.id > 6).order_by(Agency.id)
    )
    assert kept == [{"vi": name, "en": name} for name in named]
    done = run(
        app,
        "report",
        "--period",
        "2026-10",
        "--out",
        tmp_path,
        *("--format", "docx"),
        *("--format", "xlsx"),
        *("--format", "csv"),
        *("--format", "json"),
    )
    assert done.exit_code == 0, done.output
    docx, xlsx, flat, data = (next(tmp_path.glob(f"*2026*.{ending}")) for ending in ("docx", "xlsx", "csv", "json"))
    cells = [value for row in read_csv(flat) for value in row.values()]
    assert {f"'{name}" if name.startswith(FORMULA) else name for name in named} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    shown = {value for row in read_xlsx(xlsx) for value in row.values()}
    assert set(named) <= shown
    check_workbook(xlsx)
    assert set(named) <= {unit["name"]["vi"] for unit in read_json(data)["channels"]["invitation"]["units"]}
    text = line(spoken(docx))
    assert not [name for name in named if name[1:] not in text], "but for a capital at the beginning"
    official(session)
    sign_in(client)
    page = client.get("/staff/units?period=2026-10&view=full")
    assert page.status_code == 200
    check_inert(page.text, [client.get("/staff/units?period=2026-10&agency=H61&view=full").text])
    assert not [name for name in named if name not in line(html.unescape(page.text))]


def check_workbook(path: Path) -> None:
    import openpyxl

    for sheet in openpyxl.load_workbook(path).worksheets:
        assert not [cell.value for row in sheet for cell in row if cell.data_type == "f" or cell.hyperlink]


def test_a_strange_cell_is_named_by_its_line_or_taken(app: Flask, tmp_path: Path) -> None:
    rows = [
        tuple(text if k == i % len(ROW) else cell for k, cell in enumerate(ROW)) for i, text in enumerate(strings())
    ]
    for path in (as_csv(tmp_path / "c.csv", [HEADERS, *rows]), as_xlsx(tmp_path / "c.xlsx", [HEADERS, *rows])):
        result = run(app, "import", "cases", path)
        assert isinstance(result.exception, ImportRefused), result.output
        lines = {fault.line for fault in result.exception.faults}
        assert len(lines) > 400
        with (tmp_path / f"{path.name}.faults.csv").open(encoding="utf-8-sig", newline="") as file:
            told = list(csv.reader(file))[1:]
        assert len(told) == len(result.exception.faults)
        assert not [cell for row in told for cell in row if cell.startswith(FORMULA)]


def test_no_argument_of_a_command_makes_a_fault(app: Flask, tmp_path: Path) -> None:
    for text in strings():
        for arguments in (
            ("--period", text),
            ("--period", "2026-10", "--agency", text),
            ("--period", "2026-10", "--lang", text),
        ):
            result = run(app, "report", *arguments, "--format", "json", "--out", tmp_path)
            refused = isinstance(result.exception, SurveyError | SystemExit | click.ClickException)
            assert refused and result.exit_code in (1, 2), (arguments, result.exception)


def test_texts_of_a_draft_are_kept_as_typed_and_previewed_inert(client: FlaskClient, session: Session) -> None:
    official(session, role=Role.MANAGER)
    sign_in(client)
    base = "/staff/questionnaires"
    number = questionnaires.named(session, "short_online").id
    session.rollback()
    made = client.post(f"{base}/{number}/draft", data={"csrf_token": token_on(client, f"{base}/")}).location
    row = questionnaires.find(session, int(made.rpartition("/")[2]))
    places = [drafts.pointer(at) for at in drafts.editable(row.document) if at[-1] != "show_if"]
    session.rollback()
    form = {"csrf_token": token_on(client, made)}
    like = []
    every = [HARMLESS] * len(places) + strings()
    for revision, start in enumerate(range(0, len(every), len(places)), 1):
        group = every[start : start + len(places)]
        typed = dict(zip(places, group, strict=False))
        answer = client.post(made, data={**form, **typed, "revision": str(revision)})
        assert answer.status_code == 303, (revision, answer.text[:200])
        session.expire_all()
        document = questionnaires.find(session, row.id).document
        session.rollback()
        kept = {drafts.pointer(at): text_at(document, at) for at in drafts.editable(document) if at[-1] != "show_if"}
        assert {place: kept[place] for place in typed} == {place: nfc(text) for place, text in typed.items()}
        pages = [
            client.get(made).text,
            client.get(f"{made}/preview").text,
            client.get(f"{made}/preview?preview_lang=en").text,
        ]
        like = like or pages
        for page, alike in zip(pages, like, strict=True):
            check_inert(page, [alike])
        assert yaml.safe_load(client.get(f"{made}.yaml").text)
    session.expire_all()
    assert places and like


def text_at(document: object, at: tuple[str | int, ...]) -> object:
    for key in at:
        document = document.get(key, "") if isinstance(document, dict) else document[key]  # type: ignore[index]
    return document
