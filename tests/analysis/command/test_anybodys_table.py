"""Anybody's table is read as it comes: scales in words, other scales, workbooks, titles above, old encodings."""

from __future__ import annotations

import shlex
import unicodedata
from pathlib import Path
from typing import Any

import pytest
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
        (b"<html><table></table>", "a web page, XML, a PDF, a document or a picture, not a table"),
        (b"<!-- saved --><div>", "a web page, XML"),
        (b"%PDF-1.7", "a web page, XML"),
        (b"\x89PNG\r\n\x1a\n", "a web page, XML, a PDF, a document or a picture"),
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
