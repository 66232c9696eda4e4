"""What one cell of a file may say, and how its faults are shown."""

from __future__ import annotations

import datetime as dt

import pytest

from analysis.sheet_rows import Cell
from survey.errors import ImportRefused
from survey.imports import cells, faults
from survey.imports.cells import Unreadable
from survey.imports.faults import Findings


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        ("  Hồ sơ ", "Hồ sơ"),
        (12.0, "12"),
        (12.5, "12.5"),
        (True, "True"),
        (dt.datetime(2026, 10, 5), "2026-10-05"),  # noqa: DTZ001 - as spreadsheets give it
        (dt.datetime(2026, 10, 5, 8, 30), "2026-10-05 08:30:00"),  # noqa: DTZ001
        (dt.date(2026, 10, 5), "2026-10-05"),
    ],
)
def test_a_cell_is_read_as_somebody_would_type_it(cell: Cell, written: str) -> None:
    assert cells.written(cell) == written


@pytest.mark.parametrize(
    "cell",
    [
        dt.datetime(2026, 10, 5, 23, 59),  # noqa: DTZ001
        dt.date(2026, 10, 5),
        "5.10.2026",
        "05-10-2026 08:30",
        "05/10/2026\u200b",
        "05/10/2026\u00a008:30",
        "'05/10/2026",
        "05–10–2026",
        "5 / 10 / 2026",
        "０５/１０/２０２６",
        "2026-10-05T23:59:59",
        "2026-10-05T16:59:59Z",
        "2026-10-04T17:00:00+00:00",
        "2026-10-05T00:00:00+07:00",
    ],
)
def test_a_day_is_that_of_viet_nam_however_it_is_written(cell: Cell) -> None:
    assert cells.day(cell) == dt.date(2026, 10, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "31/12/1989",
        "01/01/2101",
        dt.date(1989, 12, 31),
        "30/02/2026",
        "0000-01-01",
        "2026-10-05T25:00:00Z",
        "hôm nay",
        "05/1²/2026",
        "9999-12-31T23:59:59Z",
        None,
    ],
)
def test_what_is_no_day_of_these_times_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        cells.day(cell)


def test_the_first_and_the_last_year_are_taken() -> None:
    assert [cells.day(f"{day}").year for day in ("01/01/1990", "31/12/2100")] == [1990, 2100]


def test_a_text_may_be_as_long_as_its_column_holds() -> None:
    read = cells.words(5)
    assert read(" năm \n c ") == "năm c"
    with pytest.raises(Unreadable):
        read("năm ch")


def test_a_value_in_a_list_of_faults_is_cut_where_nobody_reads_on() -> None:
    assert faults.shown("x" * faults.LONGEST) == "x" * 80
    assert faults.shown("x" * (faults.LONGEST + 1)) == "x" * 79 + "…"


def test_a_file_of_faults_alone_is_put_down_after_ten_thousand() -> None:
    findings = Findings()
    with pytest.raises(ImportRefused) as stopped:
        for line in range(20_000, 0, -1):
            findings.fault(line, "Mã hồ sơ", "?", "wrong")
    assert len(stopped.value.faults) == len(findings.lines) == 10_000
    assert [fault.line for fault in stopped.value.faults] == list(range(10_001, 20_001))


def test_warnings_are_all_counted_and_the_first_ten_thousand_kept() -> None:
    findings = Findings()
    for line in range(10_005):
        findings.warn(line, "", None, "odd")
    findings.check()
    assert (findings.odd, len(findings.warnings), findings.warnings[-1].line) == (10_005, 10_000, 9_999)
