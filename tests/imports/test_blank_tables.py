"""Tables to fill in: an import takes them as they were downloaded, and what was added to them."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.i18n import speaking
from survey.imports import blank_tables, importing
from survey.imports.faults import Findings
from survey.imports.importing import ImportKind, ImportOutcome
from survey.settings import Settings

ADDED = {
    ImportKind.AGENCIES: ("H61.53", "Ủy ban nhân dân xã Hùng Hòa", None, "Xã", "H61", dt.date(2025, 7, 1)),
    ImportKind.PROCEDURES: ("1.000656", "=Thủ tục đăng ký khai tử", None, "Hộ tịch", None, "Một phần"),
    ImportKind.CASES: (
        *("H61.50-261001-0001", "1.001193", None, "H61.50", None, None, dt.date(2026, 10, 1)),
        *(None, None, None, "Doanh nghiệp", "a@example.vn"),
    ),
}


def imported(database: Database, settings: Settings, kind: ImportKind, path: Path) -> ImportOutcome:
    plan = importing.check(database, settings, kind, path, Findings(), lambda _rows: None)
    return importing.record(database, plan, None, lambda _rows: None, False)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # imports themselves are tried on both
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", blank_tables.SHEETS)
def test_a_table_changes_nothing_as_it_is_and_takes_what_is_added(
    store: Database, session: Session, settings: Settings, kind: ImportKind, language: str, tmp_path: Path
) -> None:
    with speaking(language):
        blank = blank_tables.table(session, kind)
        session.rollback()
        path = tmp_path / blank.name
        path.write_bytes(blank.content)
        rows = openpyxl.load_workbook(io.BytesIO(blank.content)).worksheets[0].max_row - 1
        if kind != ImportKind.CASES:
            same = imported(store, settings, kind, path)
            assert rows > 2 and (same.added, same.unchanged, same.updated) == (0, rows, 0)
        book = openpyxl.load_workbook(path)
        sheet, explained = book.worksheets
        assert [cell.value for cell in sheet[1]] == [row[0].value for row in explained.iter_rows(min_row=2)]
        sheet.append([value.lstrip("=") if isinstance(value, str) else value for value in ADDED[kind]])
        book.save(path)
        assert imported(store, settings, kind, path).added == 1
