"""Anybody's table is read as it comes: scales in words, other scales, workbooks, titles above, old encodings."""

from __future__ import annotations

import shlex
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from analysis.command.cells import KeptRows, Wanted, add_up
from analysis.command.faults import FileRefused
from analysis.command.reading import open_table
from analysis.command.scale import WORDS, Scale
from tests.analysis.command.program import PROJECT, run
from tests.analysis.kansas_city import residents

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


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("Rất hài lòng", 5),
        ("HÀI LÒNG", 4),
        ("Bình thường", 3),
        ("Không hài lòng", 2),
        ("rất không hài lòng", 1),
        ("Very satisfied", 5),
        ("satisfied", 4),
        ("Neutral", 3),
        ("Dissatisfied", 2),
        ("very dissatisfied", 1),
        ("Strongly agree", 5),
        ("Neither agree nor disagree", 3),
        ("không đồng ý", 2),
        (unicodedata.normalize("NFD", "Chưa hài lòng"), 2),
        ("Rất  hài\u200b lòng ", 5),
        ("Hai long", 4),
        ("4 - Hài lòng", 4),
        ("4. Hài lòng", 4),
        ("(5) Very satisfied", 5),
        ("Satisfied (4)", 4),
        ("5=Excellent", 5),
        ("A4", 4),
        ("a5", 5),
        ("4/5", 4),
        ("4,0", 4),
        ("4.000", 4),
        ("Không biết", 0),
        ("Don’t know", 0),
        ("9.0", 0),
    ],
)
def test_a_rating_is_read_in_words_and_numbers(text: str, rating: int) -> None:
    assert Scale().read(text) == rating


@pytest.mark.parametrize("text", ["4.5", "4/10", "44", "Q4", "4-5", "4 of 10", "good", "good 4", "0", "-1", "½", "A"])
def test_what_is_no_rating_is_not_made_one(text: str) -> None:
    with pytest.raises(ValueError, match="is not a rating from 1 to 5"):
        Scale().read(text)


def test_a_word_and_a_number_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="if 1 is the best, say --reverse"):
        Scale().read("1 - Very satisfied")
    assert Scale(reverse=True).read("1 - Very satisfied") == Scale(reverse=True).read("1") == 5


@given(
    st.sampled_from(sorted(WORDS)),
    st.sampled_from([str.upper, str.title, str.casefold]),
    st.sampled_from(["NFC", "NFD"]),
)
def test_a_word_is_the_same_in_any_case_and_spelling(word: str, case: Any, form: Any) -> None:
    assert Scale().read(unicodedata.normalize(form, case(word))) == WORDS[word]


@given(st.integers(0, 1), st.integers(2, 100), st.data())
def test_every_number_of_a_scale_has_its_place_and_no_other_has_one(low: int, high: int, data: st.DataObject) -> None:
    rating = data.draw(st.integers(low, high))
    assert Scale(low, high, high).read(str(rating)) == rating - low + 1
    assert Scale(low, high, high, reverse=True).read(str(rating)) == high - rating + 1
    with pytest.raises(ValueError, match="not a rating"):
        Scale(low, high, high, missing=("",)).read(str(high + 1))


def test_a_longer_scale_says_from_where_on_people_are_satisfied(tmp_path: Path) -> None:
    path = written(tmp_path / "ten.csv", *["10"] * 8, "9", "8", "1", "NA")
    total = run(path, *RATED, "--scale", "1-10", "--satisfied-from", "9", "--json").json()["total"]
    assert (total["answered"], total["satisfied"]) == (11, 9)
    assert "mean" not in total and "level_5" not in total
    assert "--scale 1-10" in run(path, *RATED).err
    assert run(path, *RATED, "--scale", "1-10").code == 2


def test_words_of_ones_own_and_a_scale_that_is_turned_round(tmp_path: Path) -> None:
    path = written(tmp_path / "words.csv", "Tốt, lắm", "tốt, LẮM", "Tồi")
    words = 'Tồi=1,"Tốt, lắm=5"'
    assert run(path, *RATED, "--words", words, "--json").json()["total"]["satisfied"] == 2
    path = written(tmp_path / "german.csv", "1", "2", "5")
    assert run(path, *RATED, "--reverse", "--json").json()["total"]["satisfied"] == 2


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
    assert run(path, *RATED, "--json").json()["total"]["satisfied"] == 1
    hide(path, "New", shown="Old")
    assert run(path, *RATED, "--sheet", "New", "--json").json()["total"]["satisfied"] == 1
    path = workbook(tmp_path / "lone.xlsx", Cover=[["x"]], Old=[["score"], [1]])
    hide(path, "Old")
    assert "only a hidden sheet holds these columns: “Old”: say" in run(path, *RATED).faults[0]


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


def test_rows_are_chosen_by_what_a_column_says(tmp_path: Path) -> None:
    path = tmp_path / "given.csv"
    path.write_text("office,kind,score\nA,x,5\nA,y,7\nB,x,1\n")
    wanted = Wanted(by=("office",), rating="score", where=(KeptRows("kind", "x"),))
    assert add_up(open_table(path), wanted)["answered"].tolist() == [1, 1]
    assert run(path, *RATED, "--where", "kind=z").faults == [
        "no rows below the header that --where chooses: there is nothing to judge"
    ]
    assert run(path, *RATED, "--where", "kind").code == 2


@pytest.mark.parametrize(("code", "word"), [("windows-1258", "Đà"), ("windows-1252", "Köln")])
def test_an_old_encoding_is_named_and_then_read(tmp_path: Path, code: str, word: str) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(f"office,score\n{word},5\n".encode(code))
    flags = (*RATED, "--by", "office")
    assert f"in {code} it is “{word}”: if so, add --encoding {code}" in run(path, *flags).faults[0]
    assert run(path, *flags, "--encoding", code, "--json").json()["groups"][0]["office"] == word
    assert run(path, *RATED, "--json").json()["total"]["answered"] == 1
    assert "no encoding that is known" in run(path, *flags, "--encoding", "klingon").err


def test_a_group_column_may_have_a_comma_in_its_name(tmp_path: Path) -> None:
    path = tmp_path / "comma.csv"
    path.write_text('"Office, district",month,score\nA,1,5\nB,2,4\n')
    for by in ("Office, district", '"Office, district"', '"Office, district",month'):
        assert "Office, district" in run(path, *RATED, "--by", by, "--json").json()["groups"][0]


def test_the_csv_is_opened_as_unicode_and_computes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "evil.csv"
    path.write_text('office,score\n"=HYPERLINK(""http://x"")",5\n＝1,4\nHuế,3\n', encoding="utf-8")
    out = run(path, *RATED, "--by", "office", "--csv").out
    assert out.startswith("\ufeffoffice,")
    assert "\n\"'=HYPERLINK" in out and "\n'＝1" in out and "\nHuế" in out


def test_trailing_separators_and_blank_rows_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_text("office,k,n\nA,9,10,,\n,,\nB,8,10\n,,\n")
    total = run(path, "--satisfied", "k", "--answered", "n", "--json").json()["total"]
    assert (total["satisfied"], total["answered"]) == (17, 20)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\xd0\xcf\x11\xe0 old", "an old workbook (.xls) or a protected one"),
        (b"<html><table></table>", "a web page, XML, a PDF or a document, not a table"),
        (b"<!-- saved --><div>", "a web page, XML"),
        (b"%PDF-1.7", "a web page, XML"),
        (b"PK\x03\x04 and nothing else", "cannot be read as .xlsx"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, start: bytes, words: str) -> None:
    path = tmp_path / "given.xls"
    path.write_bytes(start)
    with pytest.raises(FileRefused, match="^" + words.replace("(", r"\(").replace(")", r"\)").replace(".", r"\.")):
        open_table(path)


def test_the_line_of_the_readme_runs_as_it_is_printed() -> None:
    lines = (PROJECT / "README.md").read_text(encoding="utf-8").split("`")
    commands = [text for text in lines if text.startswith("python -m analysis ")]
    assert commands
    for command in commands:
        shown = run(*shlex.split(command)[3:])
        assert (shown.code, shown.err) == (0, ""), command


def test_which_column_is_meant_is_asked_for_where_it_cannot_be_told(tmp_path: Path) -> None:
    path = tmp_path / "which.csv"
    path.write_text("office,first,second\nA,5,4\n")
    assert "which column holds the ratings? Name it with --rating" in run(path).faults[0]


def test_every_rated_column_of_a_real_public_file_is_read(tmp_path: Path) -> None:
    frame = residents()
    path = tmp_path / "residents.csv"
    frame.to_csv(path, index=False)
    items = [column for column in frame if column.startswith("q") and column != "quarter"]
    assert len(items) == 73
    table = open_table(path)
    for item in items:
        counted = add_up(table, Wanted(rating=item))
        assert counted["answered"].sum() == frame[item].isin([1, 2, 3, 4, 5]).sum()


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
