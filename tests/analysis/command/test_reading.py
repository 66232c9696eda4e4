"""Anybody's file: every dialect is read, and everything wrong is named by line and column with what to do."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.command.cells import Wanted, add_up
from analysis.command.faults import FileRefused
from analysis.command.numbers import Numbers
from analysis.command.reading import Block, careful_blocks, fast_blocks, open_table
from analysis.command.scale import Scale
from analysis.command.values import stored
from tests.analysis.command.program import run

PERSONS = Wanted(by=("office",), rating="score")
COUNTS = Wanted(by=("office",), satisfied="k", answered="n")


def read(path: Path, text: str | bytes, wanted: Wanted = PERSONS, encoding: str = "utf-8") -> dict[str, Any]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return add_up(open_table(path), wanted)


def faults(path: Path, text: str | bytes, wanted: Wanted = PERSONS, encoding: str = "utf-8") -> list[str]:
    with pytest.raises(FileRefused) as refused:
        read(path, text, wanted, encoding)
    return [str(fault) for fault in refused.value.faults]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "given.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_usual_dialect_is_read(path: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = ["office,score", "Hà Nội,5", '"Hà\nNội",4', "Huế, 2 ", "Hà Nội,", "Hà Nội,9", ""]
    text = end.join(lines).replace(",", delimiter)
    result = read(path, text, encoding=encoding)
    assert result["office"] == ["Hà Nội", "Hà\nNội", "Huế"]
    assert result["answered"].tolist() == [1, 1, 1]
    assert result["satisfied"].tolist() == [1, 1, 0]
    assert result["no_answer"].tolist() == [2, 0, 0]


def test_line_breaks_inside_quotes_may_fall_on_the_edge_of_a_block(path: Path) -> None:
    path.write_text("office,score\n" + '"Hà\nNội",5\n' * 300_000, encoding="utf-8")
    blocks = list(fast_blocks(open_table(path), ["office", "score"]))
    assert len(blocks) > 1
    assert sum(block.size for block in blocks) == 300_000


def test_two_spellings_of_one_name_are_one_group(path: Path) -> None:
    assert read(path, "office,score\nHuế,5\nHue\u0302\u0301,4\n Huế ,3\n")["answered"].tolist() == [3]


def test_the_first_line_of_a_spreadsheet_may_name_the_separator(path: Path) -> None:
    assert read(path, "sep=;\noffice;score\nA;5\n")["satisfied"].tolist() == [1]
    assert faults(path, "sep=;\noffice;score\nA;5\nA;7\n")[0].startswith("line 4, column score: '7'")


def test_counts_may_carry_a_decimal_comma_when_semicolons_separate(path: Path) -> None:
    result = read(path, "office;k;n\nA;12,0;20\nA;3;5\n", COUNTS)
    assert (result["satisfied"].tolist(), result["answered"].tolist()) == ([15], [25])
    assert "12,5' is not a whole number" in faults(path, "office;k;n\nA;12,5;20\n", COUNTS)[0]


@pytest.mark.parametrize(
    ("text", "k", "n"),
    [
        ("office;k;n\nA;13.475;15.500\n", 13475, 15500),
        ("office;k;n\nA;9.000;10.000\nB;450;500\n", 9450, 10500),
        ('office,k,n\nA,"9,000","10,000"\n', 9000, 10000),
        ("office\tk\tn\nA\t1.234.567\t2.000.000\nB\t9.000\t10.000\n", 1243567, 2010000),
        ("office;k;n\nA;9 000;10\u00a0000\n", 9000, 10000),
        ("office|k|n\nA|9'000|1'000'000\n", 9000, 1000000),
        ("office;k;n\nA;９.０００;１０.０００\n", 9000, 10000),
    ],
)
def test_a_thousand_is_a_thousand(path: Path, text: str, k: int, n: int) -> None:
    result = read(path, text, COUNTS)
    assert (result["satisfied"].sum(), result["answered"].sum()) == (k, n)


@pytest.mark.parametrize(
    ("text", "wanted", "words"),
    [
        ("office,k,n\nA,9.000,10.000\n", COUNTS, "line 2, column k: '9.000' may mean two numbers, 9 or 9000"),
        ("office,k,n\nA,٩.٠٠٠,10\n", COUNTS, "line 2, column k: '9.000' may mean two numbers, 9 or 9000"),
        ("office;k;n\nA;5;6\nA;9,000;10\n", COUNTS, "line 3, column k: '9,000' may mean two numbers, 9 or 9000"),
        ("office\tk\tn\nA\t1\t1.234\n", COUNTS, "line 2, column n: '1.234' may mean two numbers"),
        ("office;k;n\nA;12.0;20\nA;1.000;2\n", COUNTS, "line 3, column k: '1.000' may mean two numbers"),
        ("office;k;n;N\nA;1;2;9,000\n", replace(COUNTS, population="N"), "line 2, column N: '9,000' may mean two"),
        ("office;score;w\nA;5;1.234\n", replace(PERSONS, weight="w"), "line 2, column w: '1.234' may mean two"),
        ("office;score;w\nA;5;1.5\nA;5;1,5\nA;5;1,500\n", replace(PERSONS, weight="w"), "line 4, column w: '1,500'"),
    ],
)
def test_a_number_of_two_readings_is_named_and_never_read_as_one(
    path: Path, text: str, wanted: Wanted, words: str
) -> None:
    assert faults(path, text, wanted)[0].startswith(words)


@pytest.mark.parametrize(
    ("weights", "total"), [(["1.234", "0.766"], 2), (["1,234", "0,5"], 1.734), (["1.234,5", "1.000"], 2234.5)]
)
def test_the_other_numbers_of_a_column_tell_how_it_is_written(path: Path, weights: list[str], total: float) -> None:
    text = "office;score;w\n" + "".join(f"A;5;{weight}\n" for weight in weights)
    assert read(path, text, replace(PERSONS, weight="w"))["weight"].sum() == pytest.approx(total)


@given(st.integers(0, 10**9), st.sampled_from([".", ",", " ", "\u00a0", "'"]), st.sampled_from([",", ";", "\t", "|"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_count_with_separators_is_itself_or_refused(path: Path, count: int, sign: str, delimiter: str) -> None:
    written = f"{count:,}".replace(",", sign)
    try:
        result = read(path, f'office{delimiter}k{delimiter}n\nA{delimiter}0{delimiter}"{written}"\n', COUNTS)
    except FileRefused as refused:
        assert "may mean two numbers" in str(refused) and len(written) <= 7
    else:
        assert result["answered"].tolist() == [count]


@given(st.floats(0, 1e6, allow_nan=False))
def test_a_number_that_a_program_stored_has_one_reading(value: float) -> None:
    assert Numbers(whole=False).read(stored(value)) == value
    assert Numbers(whole=False).read(stored(round(value, 3))) == round(value, 3)


@pytest.mark.parametrize("text", ["no opinion", "Không có ý kiến", "NA", "9", "9.0", ""])
def test_no_opinion_is_not_an_answer(path: Path, text: str) -> None:
    result = read(path, f"office,score\nA,{text}\nA,5\n")
    assert (result["answered"].tolist(), result["no_answer"].tolist()) == ([1], [1])


def test_the_reader_decides_what_means_no_answer_and_satisfied(path: Path) -> None:
    wanted = Wanted(by=("office",), rating="score", scale=Scale(missing=("99",), satisfied_from=5))
    result = read(path, "office,score\nA,99\nA,4\nA,5\n", wanted)
    assert (result["answered"].tolist(), result["satisfied"].tolist()) == ([2], [1])
    assert "'9' is not a rating" in faults(path, "office,score\nA,9\n", wanted)[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"sep=;", "the file is empty"),
        (b"office,score\n", "no rows below the header"),
        (b"office,rating\nA,5\n", "column score: no such column; there are: office, rating"),
        (b"office,score,score\nA,5,5\n", "column score: is there 2 times"),
        (b"office,score\nA,6\n", "line 2, column score: '6' is not a rating from 1 to 5"),
        (b"office,score\nA,5\nA,good\n", "line 3, column score: 'good' is not a rating"),
        (b"office,score\nA,4.5\n", "line 2, column score: '4.5' is not a rating"),
        (b"office,score\nA,5\nA,5,5\n", "line 3: 3 columns where the header has 2"),
        (b"office,score\nA,5\nA\n", "line 3: 1 columns where the header has 2"),
        (b'office,score\n"A\nB",5\nA,7\n', "line 4, column score: '7'"),
        (b'office,score\nA,5\n"A,5\nB,5\n', "line 3: 1 columns where the header has 2"),
        (b"office,score\nA,5\nH\xf4,5\n", "line 3, column office: not readable as UTF-8"),
        ("office,score\nĐà,5\n".encode("cp1258"), "line 2, column office: not readable as UTF-8"),
        (b"office,score\n\xaa\nA,5\n", "line 2: 1 columns where the header has 2"),
        (b"o\xffice,score\nA,5\n", "line 1 is not readable as UTF-8"),
        (b"PAR1 and nothing else", "a damaged Parquet file"),
    ],
)
def test_a_hostile_file_is_refused_with_the_place_and_the_cure(path: Path, text: bytes, words: str) -> None:
    assert faults(path, text)[0].startswith(words)


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    shown = run(tmp_path / "none.csv", "--rating", "score")
    assert (shown.code, shown.out) == (1, "")
    assert "No such file" in shown.err and "Traceback" not in shown.err


def test_the_first_twenty_faults_are_listed_in_order_and_no_figure_is_printed(path: Path) -> None:
    path.write_text("office,score\n" + "A,5\n" * 10 + "A,8\n" * 50, encoding="utf-8")
    shown = run(path, "--rating", "score", "--by", "office")
    assert (shown.code, shown.out) == (1, "")
    assert [line.split(",")[0] for line in shown.faults] == [f"line {number}" for number in range(12, 32)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("office,k,n\nA,5,4\n", "line 2, column k: 5 satisfied of 4 answered"),
        ("office,k,n\nA,-1,4\n", "line 2, column k: '-1' is not a whole number"),
        ("office,k,n\nA,,4\n", "line 2, column k: blank: give a number"),
        ("office,k,n\nA,1,inf\n", "line 2, column n: 'inf' is not a number"),
        ("office,k,n\nA,1,1e400\n", "line 2, column n: '1e400' is not a usable number"),
    ],
)
def test_impossible_counts_are_named(path: Path, text: str, words: str) -> None:
    assert faults(path, text, COUNTS)[0].startswith(words)


def test_one_group_of_persons_has_one_population(path: Path) -> None:
    wanted = Wanted(by=("office",), rating="score", population="cases")
    assert read(path, "office,score,cases\nA,5,9\nB,4,7\nA,3,9\n", wanted)["population"].tolist() == [9, 7]
    complaint = faults(path, "office,score,cases\nA,5,9\nB,4,7\nA,3,8\n", wanted)[0]
    assert complaint.startswith("line 4, column cases: 8 here, 9 on an earlier row")


def test_more_answers_than_cases_are_refused_by_group(path: Path) -> None:
    path.write_text("office,k,n,cases\nA,5,6,9\nB,5,6,5\n", encoding="utf-8")
    shown = run(path, "--satisfied", "k", "--answered", "n", "--by", "office", "--population", "cases")
    assert (shown.code, shown.out) == (1, "")
    assert shown.faults == ["column cases: B: 6 answers for 5 cases: remove duplicates, or correct the cases"]


def test_a_name_cannot_write_to_the_terminal(path: Path) -> None:
    path.write_text("office,score\nA\x1b[31m,5\n", encoding="utf-8")
    assert "\x1b" not in run(path, "--rating", "score", "--by", "office").out


def test_a_wrong_rating_in_parquet_is_named_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    pd.DataFrame({"office": ["A", "B"], "score": [5, 6]}).to_parquet(path)
    with pytest.raises(FileRefused, match="row 2, column score: '6' is not a rating"):
        add_up(open_table(path), PERSONS)


FIELD = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(FIELD, st.sampled_from("12345")), min_size=1, max_size=30),
    delimiter=st.sampled_from(",;\t"),
)
def test_both_readers_see_the_same_rows(path: Path, rows: list[tuple[str, str]], delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        pd.DataFrame(rows, columns=["office", "score"]).to_csv(file, sep=delimiter, index=False, quoting=1)
    table = open_table(path)

    def seen(blocks: Any) -> list[tuple[str, ...]]:
        def column(block: Block, name: str) -> list[str]:
            texts = block.columns[name]
            return [texts.texts[code] for code in texts.codes]

        return [pair for block in blocks for pair in zip(column(block, "office"), column(block, "score"), strict=True)]

    wrong: list[Any] = []
    assert (
        seen(careful_blocks(table, ["office", "score"], wrong)) == seen(fast_blocks(table, ["office", "score"])) == rows
    )
    assert not wrong


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(body=st.one_of(st.binary(max_size=80), st.text(alphabet='ab,;"\n\r5 9\u00e9', max_size=60).map(str.encode)))
def test_whatever_follows_the_header_is_counted_or_refused(path: Path, body: bytes) -> None:
    path.write_bytes(b"office,score\n" + body)
    try:
        result = add_up(open_table(path), PERSONS)
    except FileRefused as refused:
        assert refused.faults
        return
    assert result["answered"].sum() + result["no_answer"].sum() <= body.count(b"\n") + body.count(b"\r") + 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(content=st.binary(max_size=60))
def test_any_bytes_at_all_are_refused_in_words_or_read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with contextlib.suppress(FileRefused):
        open_table(path)


@pytest.mark.parametrize(
    ("office", "told"),
    [
        ("Së Néi vô", "probably for “Sở Nội vụ”"),
        ("Sôû Noäi vuï", "probably for “Sở Nội vụ”"),
        ("Sá»Ÿ Ná»™i vá»¥", "probably for “Sở Nội vụ”"),
        ("S? N?i v?", "letters of “S? N?i v?” are lost"),
        ("Sở \ufffdội vụ", "are lost"),
    ],
)
def test_a_garbled_group_is_named_by_its_line_as_imports_name_it(path: Path, office: str, told: str) -> None:
    for wanted, head, row in ((PERSONS, "office,score", "4"), (COUNTS, "office,k,n", "4,5")):
        [fault] = faults(path, f"{head}\nSở Nội vụ,{row}\n{office},{row}\n", wanted)
        assert fault.startswith("line 3, column office: ") and told in fault


def test_names_of_elsewhere_and_addresses_are_groups_as_they_are(path: Path) -> None:
    offices = ["Café Noël", "São Paulo", "https://a.vn/q?page=1", "Hài lòng? Không", "Москва", "市役所"]
    lines = "\n".join(f"{office},4" for office in offices)
    assert read(path, f"office,score\n{lines}\n")["office"] == offices
