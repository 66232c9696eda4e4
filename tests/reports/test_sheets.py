"""The sheets of the workbook: names and numbers together on paper and screen, every answer once, charts of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.orm import Session

from survey import reports
from survey.i18n import speaking
from survey.periods import parse
from survey.reports.columns import LETTERS, MEASURES
from survey.results.scope import scope_for
from survey.results.verdict_text import headline, row_word
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.reporting import NOON, WrittenReport, answers, build, read_json, read_xlsx

SHEETS = ["Tóm tắt", "Đơn vị", "Thủ tục", "Yếu tố", "Lý do", "Diễn biến", "Kênh tham khảo", "Định nghĩa cột"]


def test_its_sheets_are_those_of_the_annexes(written: dict[str, WrittenReport]) -> None:
    assert openpyxl.load_workbook(written["vi"].book).sheetnames == SHEETS


def test_a_column_adds_up_to_what_was_answered_once(written: dict[str, WrittenReport]) -> None:
    channels = read_json(written["vi"].data)["channels"]
    for sheet, names in (
        ("Đơn vị", ["invitation"]),
        ("Thủ tục", ["invitation"]),
        ("Kênh tham khảo", ["open", "kiosk"]),
    ):
        rows = read_xlsx(written["vi"].book, sheet)
        for head, key in (("Số phiếu", "answered"), ("Phiếu hài lòng", "satisfied")):
            assert sum(row[head] for row in rows) == sum(channels[name]["total"][key] for name in names)


def test_rows_that_are_put_together_stand_apart_from_those_that_they_are_of(session: Session, tmp_path: Path) -> None:
    for code, number in (("H61.50", 40), ("H61.51", 6), ("H61.52", 7)):
        for _ in range(number):
            factories.response(session, 4, code, when=NOON)
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
    report = reports.build(session, scope, replace(STANDARD, fewest=10), NOON.date(), language="vi")
    [path] = reports.write(report, tmp_path, ["xlsx"])
    rows = read_xlsx(path, "Đơn vị")
    assert sum(row["Số phiếu"] for row in rows) == 53
    assert [row["Phiếu hài lòng"] for row in rows if row["Mã"] in ("H61.51", "H61.52")] == [None, None]
    summary = [[cell.value for cell in row[:4]] for row in openpyxl.load_workbook(path)["Tóm tắt"].iter_rows()]
    assert ["Các đơn vị ít phiếu", 13, 13, 1] in summary


def test_names_stay_in_view_and_on_every_page(written: dict[str, WrittenReport]) -> None:
    for sheet in openpyxl.load_workbook(written["vi"].book).worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$A")
        assert sheet.oddFooter.right.text == "&P/&N"
        assert "tháng 10 năm 2026" in str(sheet.oddHeader.right.text)
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9


def test_no_printed_page_is_wider_than_the_paper_and_none_holds_a_lone_column(
    written: dict[str, WrittenReport],
) -> None:
    for sheet in openpyxl.load_workbook(written["vi"].book).worksheets[1:]:
        widths = [
            column.width for column in sheet.column_dimensions.values() for _ in range(column.min, column.max + 1)
        ]
        ends = [brk.id for brk in sheet.col_breaks.brk] + [len(widths)]
        for first, end in zip([1, *ends], ends, strict=False):
            millimetres = (widths[0] + sum(widths[first:end])) * 8 * (sheet.page_setup.scale or 100) / 100 * 25.4 / 96
            assert millimetres <= 297 - 20
            assert end - first > 1 or len(ends) == 1


@pytest.mark.usefixtures("vietnamese")
def test_the_summary_is_one_page_with_verdict_and_two_native_charts(written: dict[str, WrittenReport]) -> None:
    sheet = openpyxl.load_workbook(written["vi"].book)["Tóm tắt"]
    assert {sheet.page_setup.fitToHeight, sheet.page_setup.fitToWidth} <= {None, 1}
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    words = [str(row[0].value) for row in sheet.iter_rows()]
    assert headline(written["vi"].report.units) in words
    assert len(sheet._charts) == 2  # type: ignore[attr-defined]


def test_verdicts_are_those_of_the_other_formats(written: dict[str, WrittenReport]) -> None:
    units = written["vi"].report.units
    rows = {row["Mã"]: row["Kết luận"] for row in read_xlsx(written["vi"].book, "Đơn vị")}
    with speaking("vi"):
        assert rows == {row.code: row_word(row, closed=False) for row in units.judged.rows}
    assert rows["H61.2"] == "Chưa có phiếu"


def test_every_column_is_defined(written: dict[str, WrittenReport]) -> None:
    defined = {row["Khóa trong .json và .csv"] for row in read_xlsx(written["vi"].book, "Định nghĩa cột")}
    assert {column.key for column in MEASURES} - defined == {column.key for column in LETTERS}
    assert all(row["Ý nghĩa"] for row in read_xlsx(written["vi"].book, "Định nghĩa cột"))


def test_codes_of_procedures_are_texts_and_no_head_is_cut(written: dict[str, WrittenReport]) -> None:
    for sheet in openpyxl.load_workbook(written["vi"].book).worksheets[1:]:
        for cell in sheet[1]:
            room = sheet.row_dimensions[1].height // 16.5 * sheet.column_dimensions[cell.column_letter].width
            assert len(str(cell.value)) <= room, cell.value
        texts = [cell for cell in sheet[2] if cell.number_format == "@"]
        assert texts and all(cell.alignment.indent == 1 for cell in texts)
        assert {cell.data_type for cell in texts if cell.value is not None} <= {"s"}


@pytest.mark.usefixtures("vietnamese")
def test_an_office_without_units_and_answers_has_a_workbook_all_the_same(session: Session, tmp_path: Path) -> None:
    answers(session)
    for code in ("H61.51", "H61.2"):
        [path] = reports.write(build(session, agency=code), tmp_path, ["xlsx"])
        assert openpyxl.load_workbook(path).sheetnames[:3] == SHEETS[:3]
        assert [row["Mã"] for row in read_xlsx(path, "Đơn vị")] == [code]
