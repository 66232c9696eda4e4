"""Files as programs write them: workbooks with formulas and false sizes, blank lines, files beyond the limits."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from survey.errors import ImportRefused
from survey.imports import reading
from tests.support.files import lines


def workbook(path: Path, rows: int) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line in range(rows):
            sheet.write_row(line, 0, ["Mã", line])
    return path


def rewritten(path: Path, pattern: bytes, by: bytes) -> Path:
    """Write a workbook again with its sheet changed."""
    target = path.with_suffix(".changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                text, changed = re.subn(pattern, by, text)
                assert changed
            new.writestr(part.filename, text)
    return target


def test_a_formula_is_read_as_what_it_showed(tmp_path: Path) -> None:
    path = tmp_path / "formula.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_formula("A1", "=1+1", value=2)
    assert lines(path) == [(1, [2])]


def test_rows_beyond_the_size_that_a_sheet_claims_are_read(tmp_path: Path) -> None:
    path = rewritten(workbook(tmp_path / "a.xlsx", 3), rb'<dimension ref="[^"]+"/>', b'<dimension ref="A1"/>')
    assert [cells for _line, cells in lines(path)] == [["Mã", 0], ["Mã", 1], ["Mã", 2]]


def test_a_sheet_whose_rows_are_numbered_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = rewritten(workbook(tmp_path / "a.xlsx", 2), rb'<row r="2"', b'<row r="1048578"')
    with pytest.raises(ImportRefused, match=r"more than|cannot be read"):
        lines(path)


def test_lines_of_blanks_are_none_and_keep_the_numbers_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n , \t\n\n,\n1,2\n", encoding="utf-8")
    assert lines(path) == [(1, ["a", "b"]), (5, ["1", "2"])]


@pytest.mark.parametrize(("over", "message"), [(0, "not UTF-8|cannot be read"), (1, "too large")])
def test_a_file_is_as_large_as_can_be_read_at_all(tmp_path: Path, over: int, message: str) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n\xff\n")
        file.truncate(reading.MOST_BYTES + over)  # takes no room on the disk
    with pytest.raises(ImportRefused, match=message):
        lines(path)


@pytest.mark.parametrize(("rows", "least", "most"), [(1, 1, 5), (1000, 50, 1000)])
def test_the_number_of_rows_is_guessed_well_enough_to_show_progress(
    tmp_path: Path, rows: int, least: int, most: int
) -> None:
    assert least <= reading.estimate(workbook(tmp_path / "a.xlsx", rows)) <= most
    text = tmp_path / "a.csv"
    text.write_text("a,b\n" * rows, encoding="utf-8")
    assert reading.estimate(text) == rows
    empty = tmp_path / "b.csv"
    empty.write_text("a", encoding="utf-8")
    assert reading.estimate(empty) == 1
