"""Counts of those who were called go through the program to figures of all cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.command.program import run

COUNTS = ("--satisfied", "satisfied", "--answered", "answered", "--population", "cases", "--by", "unit")
CALLS = ("--called", "called", "--called-satisfied", "happy")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_text(
        "unit,answered,satisfied,cases,called,happy,away\nA,190,169,1000,60,41,0\nB,472,430,2540,120,96,9\n",
        encoding="utf-8",
    )
    return path


def test_all_cases_are_judged_in_words(units: Path) -> None:
    text = run(units, *COUNTS, *CALLS, "--unreached", "away").out
    assert "After call-back: 137 of 180 called were satisfied, 9 could not be reached." in text
    assert "Of all cases 73.0 % to 88.5 % are (95 % limits; 83.1 % if they think like those reached): not met." in text
    unit = next(line for line in text.splitlines() if line.startswith("A: "))
    assert "41 of 60 called were satisfied. Of all cases 61.9 % to 81.1 % are (95 % limits; estimate 72.3 %)" in unit


def test_the_figures_come_as_json(units: Path) -> None:
    result = run(units, *COUNTS, *CALLS, "--json").json()
    first, second = result["groups"]
    assert (first["all_rate"], first["all_lower"], first["all_verdict"]) == (0.7225, 0.619, "not_met")
    assert (second["unreached"], result["total"]["called"]) == (0, 180)
    assert result["total"]["all_lower"] < result["total"]["all_rate"] < result["total"]["all_upper"]


def test_more_called_than_are_silent_is_refused_with_the_group(units: Path) -> None:
    units.write_text(
        units.read_text(encoding="utf-8").replace("A,190,169,1000,60", "A,190,169,200,60"), encoding="utf-8"
    )
    done = run(units, *COUNTS, *CALLS)
    assert done.code == 1
    assert done.faults == [
        "column called: A: 60 called, 41 of them satisfied and 0 not reached, of 10 who did not answer: correct one of"
        " these"
    ]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--called", "called", *COUNTS), "go together"),
        (("--unreached", "away", *COUNTS), "go together"),
        ((*CALLS, "--satisfied", "satisfied", "--answered", "answered"), "needs counts"),
        ((*CALLS, "--rating", "satisfied", "--population", "cases"), "needs counts"),
    ],
)
def test_calls_without_what_they_need_are_wrong_use(units: Path, flags: tuple[str, ...], words: str) -> None:
    done = run(units, *flags)
    assert done.code == 2
    assert words in done.err
