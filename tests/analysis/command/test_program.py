"""`python -m analysis FILE`: figures, words, exit codes, and forms that other programs read."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from defusedxml import ElementTree

from analysis.tables import NEEDED, summary
from tests.analysis.command.program import PROJECT, run

OFFICES = "office,satisfied,answered,cases\nHà Nội,475,500,2000\nĐà Nẵng,160,200,400\nHuế,92,100,100\nVinh,0,0,50\n"


@pytest.fixture
def offices(tmp_path: Path) -> Path:
    path = tmp_path / "offices.csv"
    path.write_text(OFFICES, encoding="utf-8")
    return path


COUNTS = ("--satisfied", "satisfied", "--answered", "answered", "--by", "office")


def test_the_table_says_the_verdict_in_words(offices: Path) -> None:
    shown = run(offices, *COUNTS)
    assert shown.code == 0
    rows = {line.split("  ")[0]: line for line in shown.out.splitlines() if "  " in line}
    assert "92.7 % to 96.8 %" in rows["Hà Nội"] and rows["Hà Nội"].rstrip().endswith("met")
    assert "73.7 % to 85.4 %" in rows["Đà Nẵng"] and "not met" in rows["Đà Nẵng"]
    assert "At least" not in shown.out
    assert "Still needed: at least 54 more answers if all are satisfied, about 775 if the rate holds." in shown.out
    assert "Vinh: No answers yet." in shown.out


def test_columns_of_figures_stand_under_each_other(offices: Path) -> None:
    lines = run(offices, *COUNTS).out.splitlines()
    end = lines[0].index("answered") + len("answered")
    assert [line[:end].split()[-1] for line in lines[2:6]] == ["100", "500", "0", "200"]
    assert all(line[end] == " " for line in lines[2:6])


def test_columns_of_the_usual_names_need_not_be_named(offices: Path, tmp_path: Path) -> None:
    assert run(offices, "--by", "office").out == run(offices, *COUNTS).out
    path = tmp_path / "answers.csv"
    path.write_text("Đơn vị;Mức độ hài lòng\nA;Rất hài lòng\nA;Bình thường\n", encoding="utf-8")
    assert run(path, "--json").json()["total"]["satisfied"] == 1


def test_too_few_answers_ever_to_conclude_are_said(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("satisfied,answered\n20,20\n")
    shown = run(path, "--satisfied", "satisfied", "--answered", "answered").out
    assert "So few answers can never prove “met”: it takes at least 36." in shown
    assert "for internal use" in shown


def test_the_csv_is_what_the_package_computes(offices: Path) -> None:
    got = run(offices, *COUNTS, "--csv").frame().sort_values("office", ignore_index=True)
    wanted = summary(pd.read_csv(offices), by=["office"]).sort_values("office", ignore_index=True)
    needed = dict.fromkeys(NEEDED, "Int64")
    pd.testing.assert_frame_equal(got[wanted.columns].astype(needed), wanted, check_dtype=False, rtol=1e-14)


def test_another_program_reads_the_csv(offices: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text(run(offices, *COUNTS, "--csv").out, encoding="utf-8")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert {row["office"]: row["verdict"] for row in csv.DictReader(file)}["Hà Nội"] == "met"
    if program := shutil.which("Rscript"):
        exact = "binom.test(475, 500)$conf.int[1]"
        code = f'd <- read.csv("{path}", fileEncoding="UTF-8-BOM"); cat(d$lower[d$answered == 500] - {exact})'
        done = subprocess.run([program, "-e", code], capture_output=True, text=True, check=True)
        assert abs(float(done.stdout)) < 1e-10


def test_json_has_groups_total_and_no_nan(offices: Path) -> None:
    result = run(offices, *COUNTS, "--population", "cases", "--json").json()
    assert result["target"] == "9/10"
    assert [group["office"] for group in result["groups"]] == ["Huế", "Hà Nội", "Vinh", "Đà Nẵng"]
    empty = result["groups"][2]
    assert (empty["answered"], empty["rate"], empty["verdict"]) == (0, None, "inconclusive")
    assert result["total"]["population"] == 2550
    assert result["total"]["rate"] is None
    assert result["total"]["covered_share"] == pytest.approx(2500 / 2550)


def test_the_total_weighs_groups_by_their_cases(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("unit,k,n,N\na,45,50,200\nb,80,90,500\nc,19,20,60\n")
    counts = ("--satisfied", "k", "--answered", "n", "--by", "unit", "--population", "N", "--json")
    total = run(path, *counts).json()["total"]
    assert total["rate"] == pytest.approx(0.896637, abs=1e-6)
    narrowed = run(path, *counts, "--design", "random").json()["total"]
    assert (narrowed["lower"], narrowed["n_eff"]) == pytest.approx((0.843919, 187.5102), abs=1e-4)
    assert narrowed["upper"] - narrowed["lower"] < total["upper"] - total["lower"]


def test_what_the_silent_could_change_is_said(offices: Path) -> None:
    shown = run(offices, *COUNTS, "--population", "cases").out
    assert "800 of 2,550 cases were rated (31.4 %)." in shown
    assert "2.0 % of the cases lie in groups without answers" in shown


def test_weights_widen_the_interval(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("score,w\n" + "5,1\n" * 90 + "1,3\n" * 10)
    total = run(path, "--rating", "score", "--weight", "w", "--json").json()["total"]
    assert total["rate"] == pytest.approx(90 / 120)
    assert total["n_eff"] == pytest.approx(120**2 / 180)


def test_weighted_figures_are_called_weighted_beside_the_share_of_the_counts(tmp_path: Path) -> None:
    path, picture = tmp_path / "persons.csv", tmp_path / "chart.svg"
    path.write_text("office,score,w\n" + "A,5,1\n" * 90 + "A,1,3\n" * 10)
    flags = (path, "--rating", "score", "--weight", "w", "--by", "office")
    shown = run(*flags, "--chart", picture).out
    both = "(90.0 %, weighted 75.0 %; 95 % interval of the weighted rate "
    assert f"In all: Not met. 90 of 100 answers satisfied {both}" in shown
    assert "90.0 %, weighted 75.0 %" in shown.splitlines()[2]
    assert run(*flags, "--json").json()["total"]["unweighted_rate"] == 0.9
    assert "in all, weighted" in picture.read_text(encoding="utf-8")


def test_a_total_that_weighs_groups_by_their_cases_is_called_weighted(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("unit,k,n,N\na,99,100,200\nb,60,100,9000\n")
    shown = run(path, "--satisfied", "k", "--answered", "n", "--by", "unit", "--population", "N").out
    assert "In all: Not met. 159 of 200 answers satisfied (79.5 %, weighted 60.8 %; 95 % interval of the" in shown
    assert "a: Met. 99 of 100 answers satisfied (99.0 %; 95 % interval 94." in shown


def test_a_few_cases_are_never_asked_for_more_answers_than_they_are(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("k,n,N\n17,17,20\n")
    shown = run(path, "--satisfied", "k", "--answered", "n", "--population", "N").out
    assert "36" not in shown and "weigh" not in shown


def test_the_chart_is_an_svg_with_every_group(offices: Path, tmp_path: Path) -> None:
    picture = tmp_path / "chart.svg"
    assert run(offices, *COUNTS, "--chart", picture).code == 0
    texts = {text for node in ElementTree.parse(picture).iter() if (text := node.text)}
    assert {"Hà Nội", "Đà Nẵng", "Vinh"} <= texts
    assert any("90 %" in text for text in texts)


def test_parquet_gives_the_same_as_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame({"office": ["A", "B", "A", None], "score": [5, 4, None, 2]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "a.parquet")
    flags = ("--rating", "score", "--by", "office", "--csv")
    assert run(tmp_path / "a.csv", *flags).out == run(tmp_path / "a.parquet", *flags).out


@pytest.mark.parametrize(
    "flags",
    [
        ("--rating", "score", "--satisfied", "k"),
        ("--satisfied", "k"),
        ("--rating", "score", "--target", "1.2"),
        ("--rating", "score", "--target", "much"),
        ("--rating", "score", "--level", "95"),
        ("--satisfied", "k", "--answered", "n", "--weight", "w"),
        ("--rating", "score", "--json", "--csv"),
        ("--rating", "score", "--chart", "x.docx"),
        ("--rating", "score", "--design", "census"),
        ("--by", "rate"),
        ("--rating", "score", "--scale", "5-1"),
        ("--rating", "score", "--scale", "1-10"),
        ("--rating", "score", "--satisfied-from", "1"),
        ("--rating", "score", "--words", "good"),
        ("--rating", "score", "--where", "office"),
        ("--rating", "score", "--by", '"office'),
    ],
)
def test_wrong_use_ends_with_two_and_says_how(offices: Path, flags: tuple[str, ...]) -> None:
    shown = run(offices, *flags)
    assert (shown.code, shown.out) == (2, "")
    assert "usage: python -m analysis" in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("written", ["0.9", "0,9", "90%", "90 %", "9/10"])
def test_a_target_can_be_written_in_every_usual_way(offices: Path, written: str) -> None:
    assert run(offices, *COUNTS, "--target", written, "--json").json()["target"] == "9/10"


def test_a_reader_that_has_gone_gets_no_traceback(offices: Path) -> None:
    ours, gone = socket.socketpair()
    gone.close()
    command = [sys.executable, "-m", "analysis", str(offices), *COUNTS]
    with ours:
        done = subprocess.run(command, cwd=PROJECT, stdout=ours, stderr=subprocess.PIPE, timeout=120)
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_upper_limit_never_prints_as_the_target_it_misses(tmp_path: Path) -> None:
    path = tmp_path / "close.csv"
    path.write_text("k,n\n40,50\n")
    shown = run(path, "--satisfied", "k", "--answered", "n").out
    assert "Not met. 40 of 50 answers satisfied (80.0 %; 95 % interval 66.2 % to below 90 %)" in shown


def test_a_large_file_shows_progress_to_a_person_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"score,comment\n" + (b"5," + b"x" * 200 + b"\n") * 110_000)
    watched, terminal = os.openpty()
    command = [sys.executable, "-m", "analysis", str(path), "--rating", "score"]
    with os.fdopen(watched, "rb", buffering=0) as screen:
        with (
            os.fdopen(terminal, "wb", buffering=0) as error,
            subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=error) as process,
        ):
            assert process.stdout is not None
            assert b"110,000 of 110,000 answers" in process.stdout.read()
        assert "Reading [" in screen.read(100_000).decode()
    assert run(path, "--rating", "score").err == ""
