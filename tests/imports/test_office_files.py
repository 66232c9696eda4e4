"""Tables as offices and portals make them: titles above, signatures below, two-row headers, sheets hidden or second."""

from __future__ import annotations

import datetime as dt
import re
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from survey.errors import ImportRefused
from survey.imports import cases, reading, table
from survey.imports.faults import Findings
from survey.imports.table import Row
from tests.support.files import HEADERS, ROW, as_csv, changed, feed, named

TITLES = [("ỦY BAN NHÂN DÂN TỈNH VĨNH LONG",), ("DANH SÁCH HỒ SƠ ĐÃ GIẢI QUYẾT",), ("(Kèm theo công văn)",)]
FOOT = [
    ("", "Tổng cộng:", "", "", "3"),
    (),
    ("", "", "", "", "", "Vĩnh Long, ngày 31 tháng 10 năm 2026"),
    ("Người lập biểu", "", "", "", "", "THỦ TRƯỞNG ĐƠN VỊ"),
    ("(Ký, ghi rõ họ tên)",),
    ("Nguyễn Văn A",),
]


def as_xlsx(path: Path, *sheets: list[tuple[Any, ...]]) -> openpyxl.Workbook:
    """Write the rows of each sheet; save the workbook again after changing it."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Trang {number}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def read(path: Path, findings: Findings | None = None) -> list[Row]:
    """Return the rows of a file of cases; the file is refused if it has a fault."""
    findings = findings or Findings()
    rows = list(table.rows(path, cases.COLUMNS, findings))
    findings.check()
    return rows


def codes(rows: list[Row]) -> list[str]:
    return [row.values["case_code"] for row in rows]


def warned(findings: Findings) -> set[tuple[int, str]]:
    return {(one.line, one.value) for one in findings.warnings}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_titles_above_numbers_below_the_header_and_totals_and_signatures_at_the_foot(tmp_path: Path, kind: str) -> None:
    numbers = tuple(f"({number})" for number in range(1, 10))
    rows = [*TITLES, (), HEADERS, numbers, *feed(3), *FOOT]
    path, findings = tmp_path / f"a.{kind}", Findings()
    as_csv(path, rows) if kind == "csv" else as_xlsx(path, rows)
    assert codes(whole := read(path, findings)) == [row[0] for row in feed(3)]
    assert [row.line for row in whole] == [7, 8, 9]
    assert warned(findings) == {(10, "Tổng cộng:"), (12, "Vĩnh Long, ngày 31 tháng 10 năm 2026")}


@pytest.mark.parametrize("line", [1, 19, 20, 21])
def test_the_header_may_stand_in_any_of_the_first_twenty_rows(tmp_path: Path, line: int) -> None:
    path = as_csv(tmp_path / "a.csv", [("Danh sách",)] * (line - 1) + [HEADERS, ROW])
    if line <= 20:
        assert codes(read(path)) == [ROW[0]]
    else:
        with pytest.raises(ImportRefused):
            read(path)


def test_a_row_between_others_that_says_too_little_is_a_fault_and_not_the_foot(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", [HEADERS, ROW, ("Hồ sơ 3", ROW[1], ROW[2]), *feed(3)[1:]])
    with pytest.raises(ImportRefused) as refused:
        read(path)
    assert {line for line, _ in named(refused.value)} == {3}


@pytest.mark.parametrize("last", [changed(ROW, c0=""), changed(ROW, c0="hồ sơ 3"), (ROW[0], "", "", "", "", "", "")])
def test_a_last_row_that_may_be_a_case_is_never_taken_for_the_foot(tmp_path: Path, last: tuple[str, ...]) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(as_csv(tmp_path / "a.csv", [HEADERS, *feed(2), last]))
    assert {line for line, _ in named(refused.value)} == {4}


def test_a_header_of_two_rows_with_merged_groups(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    over = ("Mã hồ sơ", "Mã TTHC", "Cơ quan", None, "Ngày", None, None, "Kênh nộp", "Đối tượng")
    under = (None, None, "tiếp\nnhận", "giải quyết", "tiếp nhận", "hẹn trả", "trả", None, None)
    book = as_xlsx(path, [("DANH SÁCH",), over, under, ROW])
    for cells in ("A2:A3", "B2:B3", "C2:D2", "E2:G2", "H2:H3", "I2:I3", "A1:I1"):
        book.worksheets[0].merge_cells(cells)
    book.save(path)
    assert [row.values for row in read(path)] == [
        row.values for row in read(as_csv(tmp_path / "a.csv", [HEADERS, ROW]))
    ]


def test_cells_that_are_merged_downwards_say_the_same_in_each_row(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [changed(row, c2=code, c3=code) for row, code in zip(feed(3), ("H61.51", "", ""), strict=True)]
    book = as_xlsx(path, [HEADERS, *rows, changed(feed(4)[3], c2="H61.50", c3="H61.50")])
    for cells in ("C2:C4", "D2:D4"):
        book.worksheets[0].merge_cells(cells)
    book.save(path)
    assert [row.values["receiving"] for row in read(path)] == ["H61.51"] * 3 + ["H61.50"]


def test_line_breaks_remarks_and_names_beside_codes_in_a_header(tmp_path: Path) -> None:
    heads = (
        "Mã hồ sơ (*)",
        "Mã\nTTHC",
        "Cơ quan giải quyết",
        "Mã cơ quan\ngiải quyết",
        "Ngày trả (dd/mm/yyyy)",
        "Đối tượng *",
    )
    row = (ROW[0], ROW[1], "UBND phường Long Châu", "H61.50", ROW[6], ROW[8])
    findings = Findings()
    [case] = read(as_csv(tmp_path / "a.csv", [heads, row]), findings)
    assert case.values["resolving"] == "H61.50"
    assert [(one.line, one.column) for one in findings.warnings] == [(1, "Cơ quan giải quyết")]


def test_a_header_that_is_printed_again_on_the_next_page_is_no_row(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", [HEADERS, *feed(2), HEADERS, *feed(4)[2:]])
    assert codes(read(path)) == [row[0] for row in feed(4)]


def test_the_second_sheet_is_found_and_hidden_ones_are_told(tmp_path: Path) -> None:
    path, findings = tmp_path / "a.xlsx", Findings()
    book = as_xlsx(path, [("Hướng dẫn",), ("Điền vào trang sau",)], [HEADERS, *feed(2)], [HEADERS, *feed(9)])
    book.worksheets[2].sheet_state = "hidden"
    book.worksheets[1].row_dimensions[3].hidden = True
    book.save(path)
    assert len(read(path, findings)) == 2, "hidden rows are cases too"
    assert warned(findings) == {(1, "Trang 2"), (1, "Trang 3"), (3, "")}


def test_of_two_tables_none_is_chosen_silently(tmp_path: Path) -> None:
    as_xlsx(tmp_path / "a.xlsx", [HEADERS, *feed(2)], [HEADERS, *feed(3)])
    with pytest.raises(ImportRefused, match="Trang 1, Trang 2"):
        read(tmp_path / "a.xlsx")


def test_a_hundred_thousand_rows_that_are_formatted_and_empty_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    as_xlsx(tmp_path / "small.xlsx", [HEADERS, *feed(2)])
    empty = b"".join(
        b'<row r="%d" s="1" ht="15" customHeight="1"><c r="A%d"/></row>' % (i, i) for i in range(4, 100_004)
    )
    with zipfile.ZipFile(tmp_path / "small.xlsx") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, content.replace(b"</sheetData>", empty + b"</sheetData>"))
    tracemalloc.start()
    try:
        assert len(read(path)) == 2
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "DANH SÁCH, tháng 10, năm 2026\n{head}\n{row}\n{row}\n",
        "sep=;\n{head}\n{row}\n",
        "{head}\n{row};Xã A, huyện B, tỉnh C\n{row};Xã A, huyện B, tỉnh C\n{row};\n",
    ],
)
def test_the_separator_is_the_one_that_fits_most_rows(tmp_path: Path, text: str) -> None:
    head, row = (";".join(cells) for cells in (HEADERS, ROW))
    head += ";Địa chỉ" if "huyện" in text else ""
    path = tmp_path / "a.csv"
    path.write_text(text.format(head=head, row=row), encoding="utf-8")
    assert set(codes(read(path))) == {ROW[0]}


TIMES = ["05/10/2026 08:30", "08:30 05/10/2026", "05/10/2026 08:30:15 SA", "5-10-2026 2:05:00 PM"]
TIMES += ["05/10/2026 8h30", "08:30:15, 05/10/2026", "2026-10-05 08:30:15.123"]


@pytest.mark.parametrize("written", TIMES)
def test_a_day_may_say_the_time_too(tmp_path: Path, written: str) -> None:
    [row] = read(as_csv(tmp_path / "a.csv", [HEADERS, changed(ROW, c6=written)]))
    assert row.values["finished"] == dt.date(2026, 10, 5)


def test_day_and_month_that_a_spreadsheet_has_exchanged_are_named(tmp_path: Path) -> None:
    def sheet(*days: dt.datetime | str) -> Path:
        rows = [(*row[:6], day, *row[7:]) for row, day in zip(feed(9), days, strict=False)]
        as_xlsx(tmp_path / "a.xlsx", [(*HEADERS[:4], "Ghi chú", "x", *HEADERS[6:]), *rows])
        return tmp_path / "a.xlsx"

    may, late = dt.datetime(2026, 5, 10), dt.datetime(2026, 10, 25)  # noqa: DTZ001 - as spreadsheets give it
    with pytest.raises(ImportRefused) as refused:
        read(sheet("25/10/2026", may, "31/10/2026"))
    assert [(one.line, one.column, one.value) for one in refused.value.faults] == [(3, "Ngày trả", "10/05/2026")]
    for sound in ((may, late), ("25/10/2026", may, late), ("25/10/2026", "05/10/2026", may), ("25/10/2026",)):
        assert len(read(sheet(*sound))) == len(sound)


CODES = ["H61.50–261001–0001", "'H61.50-261001-0001", "’h61.50-261001-0001", "H61.50-261001-0001\u200b"]
CODES += ["H61.50 - 261001 - 0001", "\ufeffH61．50－261001－0001", "H61.50\u2011261001\u20110001\xa0"]


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_read_through_other_hyphens_apostrophes_and_invisible_signs(tmp_path: Path, code: str) -> None:
    assert codes(read(as_csv(tmp_path / "a.csv", [HEADERS, changed(ROW, c0=code, c1="’1.001193", c3="H61．50")]))) == [
        ROW[0]
    ]


@pytest.mark.parametrize(
    ("cell", "code", "sign"),
    [("c0", "H61.5О-261001-0001", "CYRILLIC"), ("c3", "H61_50", "LOW LINE"), ("c0", "H61.50-261001-0001²", "TWO")],
)
def test_a_sign_that_no_code_can_hold_is_named(tmp_path: Path, cell: str, code: str, sign: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(as_csv(tmp_path / "a.csv", [HEADERS, changed(ROW, **{cell: code})]))
    [fault] = refused.value.faults
    assert fault.line == 2 and sign in fault.values["name"]


@pytest.mark.parametrize("word", ["DN", "Tổ chức", "TO CHUC", "Doanh nghiệp/Tổ chức", "Hợp tác xã"])
def test_who_filed_may_be_said_in_the_words_of_offices(tmp_path: Path, word: str) -> None:
    [row] = read(as_csv(tmp_path / "a.csv", [HEADERS, changed(ROW, c8=word)]))
    assert row.values["respondent"].name == "BUSINESS"


@pytest.mark.parametrize(
    ("start", "word"),
    [
        (b"<html xmlns:x='urn:x'><table><tr><td>", "HTML"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "HTML"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "HTML"),
        (b"From: <Saved by a browser>\r\nSubject: x\r\nMIME-Version: 1.0\r\n", "HTML"),
        (b"<!-- saved --><div><table><tr><td>", "HTML"),
        (b"<font face='Arial'><table>", "HTML"),
        (b"{\\rtf1\\ansi", "Word"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "XML"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel"),
        (b"\xd0\xcf\x11\xe0" + bytes(2_000_000) + "EncryptedPackage".encode("utf-16-le"), "password"),
    ],
)
def test_what_only_bears_the_name_of_a_table_is_called_by_its_own(tmp_path: Path, start: bytes, word: str) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(start)
    with pytest.raises(ImportRefused, match=word):
        read(path)


@pytest.mark.parametrize(
    ("part", "word"), [("content.xml", "ods"), ("xl/workbook.bin", "xlsb"), ("word/document.xml", "Word")]
)
def test_another_kind_of_archive_is_called_by_its_name(tmp_path: Path, part: str, word: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, b"x")
    with pytest.raises(ImportRefused, match=re.escape(word)):
        reading.opened(path).__enter__()


CONTACTS = [
    (("an@example.vn", "0912345678"), "an@example.vn"),
    (("", 841234567), "+84841234567"),
    (("không có", 912345678.0), "+84912345678"),
    (("Ko", "–"), None),
    (("", "không có"), None),
    (("an(at)example", "0912 345 678"), "+84912345678"),
]


@pytest.mark.parametrize(("typed", "address"), CONTACTS)
def test_an_address_is_taken_from_whichever_column_has_one(
    tmp_path: Path, typed: tuple[object, object], address: str | None
) -> None:
    as_xlsx(tmp_path / "a.xlsx", [(*HEADERS, "Email", "Số điện thoại"), (*ROW, *typed)])
    [row] = read(tmp_path / "a.xlsx")
    where = cases.where_to(row.values)
    assert (where and where.address) == address
