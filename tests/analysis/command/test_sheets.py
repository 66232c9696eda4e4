"""Sheets of workbooks: titles above, several and hidden ones, rows that number columns or add up others."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from tests.analysis.command.program import run

RATED = ("--rating", "score")


def written(path: Path, *texts: str, header: str = "score") -> Path:
    path.write_text("\n".join([header, *(f'"{text}"' for text in texts)]) + "\n", encoding="utf-8")
    return path


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_with_a_title_above_and_the_table_on_the_second_sheet(tmp_path: Path) -> None:
    rows = [["Kết quả khảo sát"], [], ["Đơn vị", "Số phiếu", "Hài lòng"], ["Huế", 1234, 1200], ["Vinh", "1 000", 900.0]]
    path = workbook(tmp_path / "given.xlsx", About=[["Một câu"]], Data=rows)
    flags = ("--satisfied", "Hài lòng", "--answered", "Số phiếu", "--by", "Đơn vị", "--json")
    groups = run(path, *flags).json()["groups"]
    assert {g["Đơn vị"]: (g["answered"], g["satisfied"]) for g in groups} == {"Huế": (1234, 1200), "Vinh": (1000, 900)}


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".tsv"])
def test_a_row_that_numbers_the_columns_is_no_answer(tmp_path: Path, suffix: str) -> None:
    rows = [["BÁO CÁO"], ["unit", "month", "score"], ["(1)", "(2)", "(3)"], ["1", "2", "4"], ["1", "2", "1"]]
    path = tmp_path / f"given{suffix}"
    if suffix == ".xlsx":
        workbook(path, A=rows)
    else:
        sign = "," if suffix == ".csv" else "\t"
        path.write_text("".join(sign.join(row) + "\n" for row in rows), encoding="utf-8")
    total = run(path, *RATED, "--json").json()["total"]
    assert (total["answered"], total["satisfied"]) == (2, 1)
    if suffix != ".xlsx":
        path.write_text(path.read_text(encoding="utf-8") + sign.join(["1", "2", "7"]) + "\n", encoding="utf-8")
        assert run(path, *RATED).faults[0].startswith("line 6, column score: '7' is not a rating")


def test_which_of_several_sheets_is_meant_is_asked_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "given.xlsx", T9=[["score"], [5]], T10=[["score"], [1], [1]], Other=[["x"]])
    assert run(path, *RATED).faults == [
        "several sheets hold these columns: “T9”, “T10”: say which is meant as --sheet NAME"
    ]
    assert run(path, *RATED, "--sheet", "T10", "--json").json()["total"]["answered"] == 2
    assert "no sheet “T8”; there are: T9, T10, Other" in run(path, *RATED, "--sheet", "T8").faults[0]


def test_a_hidden_sheet_is_read_only_if_it_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "given.xlsx", Old=[["score"], [1]], New=[["score"], [5]])
    hide(path, "Old")
    told = run(path, *RATED, "--json")
    assert told.json()["total"]["satisfied"] == 1
    assert told.faults == [
        "the hidden sheet “Old” holds these columns too and is not read: name it as --sheet if it should be"
    ]
    hide(path, "New", shown="Old")
    assert run(path, *RATED, "--sheet", "New", "--json").json()["total"]["satisfied"] == 1
    path = workbook(tmp_path / "lone.xlsx", Cover=[["x"]], Old=[["score"], [1]])
    hide(path, "Old")
    assert "only a hidden sheet holds these columns: “Old”: say" in run(path, *RATED).faults[0]


def test_hidden_rows_are_counted_and_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "given.xlsx", A=[["score"], [5], [1], [2], [4]])
    assert run(path, *RATED).faults == []
    book = openpyxl.load_workbook(path)
    for row in (3, 4):
        book["A"].row_dimensions[row].hidden = True
    book.save(path)
    told = run(path, *RATED, "--json")
    assert told.json()["total"]["answered"] == 4
    assert told.faults == ["hidden rows from row 3 on: 2; they are counted like all others"]


def hide(path: Path, title: str, shown: str = "") -> None:
    book = openpyxl.load_workbook(path)
    if shown:
        book[shown].sheet_state = "visible"
    book[title].sheet_state = "hidden"
    book.active = book.sheetnames.index(shown or next(name for name in book.sheetnames if name != title))
    book.save(path)


def test_a_wrong_cell_of_a_workbook_is_named_by_its_row(tmp_path: Path) -> None:
    path = workbook(tmp_path / "given.xlsx", A=[["Title"], ["score"], [5], [None], [7]])
    assert run(path, *RATED).faults[0].startswith("row 5, column score: '7' is not a rating")


@pytest.mark.parametrize(
    "total",
    ["Tổng cộng", "TỔNG", "Total", "Tổng cộng:", "Toàn tỉnh", "Tổng số phiếu", "Cộng (A + B)", "Cả nước", "Totals"],
)
def test_a_row_that_adds_up_the_others_is_not_counted_twice(tmp_path: Path, total: str) -> None:
    rows = [["unit", "k", "n"], ["a", 9, 10], ["b", 8, 10], [total, 17, 20]]
    counts = ("--satisfied", "k", "--answered", "n", "--by", "unit")
    for path in (workbook(tmp_path / "t.xlsx", A=rows), tmp_path / "t.csv"):
        if path.suffix == ".csv":
            path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
        assert f"“{total}” adds up other rows, which would count twice" in run(path, *counts).faults[0]
        chosen = run(path, *counts, "--where", f"unit!={total}", "--json").json()["total"]
        assert chosen["answered"] == 20


def test_a_name_that_only_begins_like_a_total_is_one_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "given.csv"
    path.write_text("unit,scope,k,n\nTổng công ty Điện lực,Toàn tỉnh,9,10\nCộng Hòa,Toàn tỉnh,8,10\n", encoding="utf-8")
    for by in ("unit", "scope"):
        shown = run(path, "--satisfied", "k", "--answered", "n", "--by", by, "--json")
        assert shown.json()["total"]["answered"] == 20


def test_a_workbook_is_read_as_imports_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["office", "score"])
        sheet.merge_range("A2:A4", "Sở Nội vụ")
        for row, rating in enumerate((5, 4, 2), 1):
            sheet.write(row, 1, rating)
    merged = run(path, "--rating", "score", "--by", "office", "--json").json()
    assert [(group["office"], group["answered"]) for group in merged["groups"]] == [("Sở Nội vụ", 3)]
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
        new.writestr("xl/media/zeros", bytes(20_000_000))
    [fault] = run(bomb, "--rating", "score").faults
    assert fault.startswith("the workbook is too large")
