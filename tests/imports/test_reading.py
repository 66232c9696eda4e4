"""Whatever program wrote a table, and whatever a hostile one did, it is read or refused with what to do."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from survey.errors import ImportRefused
from survey.imports import cases as case_file
from survey.imports.faults import Findings
from survey.models import Filing, Respondent
from tests.support.files import ENGLISH, HEADERS, ROW, as_csv, lines


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [
        ("utf-8", ","),
        ("utf-8-sig", ";"),
        ("utf-16", "\t"),
        ("utf-16-le", ";"),
        ("utf-16-be", ","),
    ],
)
@pytest.mark.parametrize("headers", [HEADERS, ENGLISH], ids=["vi", "en"])
def test_any_spreadsheet_programs_csv_is_understood(
    tmp_path: Path, encoding: str, separator: str, headers: tuple[str, ...]
) -> None:
    rows = [("\ufeff" * (encoding[6:] in ("-le", "-be")) + headers[0], *headers[1:]), ROW]
    path = as_csv(tmp_path / "cases.csv", rows, encoding, separator)
    findings = Findings()
    found = [row.values for row in case_file.table.rows(path, case_file.COLUMNS, findings)]
    assert not findings.faults
    assert found == [
        {
            "case_code": ROW[0],
            "procedure": "1.001193",
            "receiving": "H61.51",
            "resolving": "H61.50",
            "received": dt.date(2026, 10, 1),
            "due": dt.date(2026, 10, 6),
            "finished": dt.date(2026, 10, 5),
            "filing": Filing.ONLINE,
            "respondent": Respondent.CITIZEN,
        }
    ]


def test_unaccented_headers_and_real_date_and_number_cells_of_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ("ma ho so", " Mã  Thủ-tục ", "CO QUAN GIAI QUYET", "ngay_tra", "kenh nop", "doi tuong"))
        sheet.write_row(1, 0, (ROW[0], 1.00489, "h61.50"))
        sheet.write_datetime(1, 3, dt.datetime(2026, 10, 5), day)  # noqa: DTZ001
        sheet.write_row(1, 4, (2.0, "DOANH NGHIEP"))
    findings = Findings()
    [row] = case_file.table.rows(path, case_file.COLUMNS, findings)
    assert (row.line, findings.faults) == (2, [])
    assert row.values["procedure"] == "1.004890" and row.values["finished"] == dt.date(2026, 10, 5)
    assert (row.values["filing"], row.values["respondent"]) == (Filing.ONLINE, Respondent.BUSINESS)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel"),
        ("Mã hồ sơ;".encode("cp1258", "replace"), "UTF-8"),
        (b"PK\x03\x04 nothing", "xlsx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "picture"),
        (b"\xff\xd8\xff\xe1\0\x10Exif", "picture"),
        (",".join(HEADERS).encode(), "no row"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_files_that_are_no_table_are_refused_with_what_to_do(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=word):
        list(case_file.table.rows(path, case_file.COLUMNS, Findings()))


def test_an_archive_that_unpacks_to_far_more_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, HEADERS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", bytes(64 * 1024 * 1024))
    with pytest.raises(ImportRefused, match="too large"):
        lines(path)


def test_entities_in_a_spreadsheet_are_not_followed(tmp_path: Path) -> None:
    path, hostile = tmp_path / "good.xlsx", tmp_path / "hostile.xlsx"
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET OF THE MACHINE")
    book = openpyxl.Workbook()
    book.active.append(["Mã hồ sơ"])  # type: ignore[union-attr]
    book.save(path)
    kind = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(hostile, "w") as archive:
        for part in good.infolist():
            content = good.read(part)
            if part.filename.endswith(("sheet1.xml", "sharedStrings.xml")):
                start = content.index(b"?>") + 2 if content.startswith(b"<?xml") else 0
                content = content[:start] + kind + content[start:].replace("Mã hồ sơ".encode(), b"&e;")
            archive.writestr(part, content)
    try:
        seen = repr(lines(hostile))
    except ImportRefused as error:
        seen = str(error)
    assert "SECRET" not in seen


@hypothesis_settings(max_examples=300, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail),
        st.text(max_size=300).map(lambda text: (",".join(HEADERS) + "\n" + text).encode("utf-8", "surrogatepass")),
        st.lists(st.lists(st.text(max_size=20), max_size=12), max_size=5).map(
            lambda rows: (";".join(HEADERS) + "\n" + "\n".join(";".join(row) for row in rows)).encode(
                "utf-16", "replace"
            )
        ),
    )
)
def test_no_bytes_whatever_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary"
    path.write_bytes(content)
    findings = Findings()
    try:
        rows = list(case_file.table.rows(path, case_file.COLUMNS, findings))
    except ImportRefused as error:
        assert error.message
    else:
        assert all(row.whole or row.line in findings.lines for row in rows)


@hypothesis_settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 5000), byte=st.integers(0, 255))
def test_a_spreadsheet_damaged_anywhere_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        sheet.write_row(1, 0, ROW)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(bytes(content))
    try:
        list(case_file.table.rows(path, case_file.COLUMNS, Findings()))
    except ImportRefused as error:
        assert error.message


def test_a_first_line_that_names_the_separator_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("sep=;\nMã hồ sơ;Ghi chú\n1,5;a\n\n2,5;b\n", encoding="utf-8")
    assert lines(path) == [(2, ["Mã hồ sơ", "Ghi chú"]), (3, ["1,5", "a"]), (5, ["2,5", "b"])]


def test_a_line_that_is_no_text_is_named_also_after_a_line_that_names_the_separator(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(b"sep=;\nm;n\n" + b"1;a\n" * 20_000 + b"\xff;b\n")
    with pytest.raises(ImportRefused) as refused:
        lines(path)
    assert refused.value.values["line"] > 3
