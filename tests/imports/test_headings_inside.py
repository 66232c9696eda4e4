"""Lists as offices group them: headings between the cases name those below them, and are told and not read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from survey.errors import ImportRefused
from survey.imports import cases, table
from survey.imports.faults import Findings
from tests.support.files import HEADERS, as_csv, feed, named


def as_xlsx(path: Path, rows: list[tuple[str, ...]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_a_row_that_only_names_those_below_it_is_told_and_not_read(tmp_path: Path, write: Callable[..., Path]) -> None:
    first, second, third = feed(3)
    rows = [
        ("STT", *HEADERS),
        ("A", "Lĩnh vực đất đai"),
        ("1", *first),
        ("B", "Lĩnh vực hộ tịch"),
        ("", "Xã Long Châu"),
    ]
    path = write(tmp_path / ("a.csv" if write is as_csv else "a.xlsx"), [*rows, ("2", *second), ("3", *third)])
    findings = Findings()
    read = list(table.rows(path, cases.COLUMNS, findings))
    findings.check()
    assert [row.values["case_code"] for row in read] == [row[0] for row in feed(3)]
    headings = {(one.line, one.value) for one in findings.warnings if "heading" in str(one.message)}
    assert headings == {(2, "A"), (4, "B"), (5, "Xã Long Châu")}


def test_headings_alone_are_no_table(tmp_path: Path) -> None:
    findings = Findings()
    with pytest.raises(ImportRefused) as refused:
        list(table.rows(as_csv(tmp_path / "a.csv", [HEADERS, ("Lĩnh vực đất đai",)]), cases.COLUMNS, findings))
        findings.check()
    assert {line for line, _ in named(refused.value)} == {2}
