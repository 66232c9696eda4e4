"""Names whose letters were garbled on the way are refused with the name that is meant; and levels in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.errors import ImportRefused
from survey.imports import procedures
from survey.imports.faults import Findings
from tests.support.files import as_csv, named

PARTS = ("Mã TTHC", "Tên TTHC", "Lĩnh vực", "Mức độ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Chøng thùc b¶n sao", "Chứng thực bản sao"),
        ("Chá»©ng thá»±c", "Chứng thực"),
        ("Ch?ng th?c", None),
        ("Ch\ufffdng", None),
    ],
)
def test_a_file_with_a_garbled_name_is_refused_with_its_line(tmp_path: Path, name: str, value: str | None) -> None:
    path = as_csv(tmp_path / "p.csv", [PARTS, ("2.000815", name, "Chứng thực", "Toàn trình")])
    with pytest.raises(ImportRefused) as refused:
        procedures.check(path, Findings(), bool)
    assert named(refused.value) == {(2, "Tên TTHC")}
    assert [fault.values.get("name") for fault in refused.value.faults] == [value]


def test_a_garbled_header_is_understood(tmp_path: Path) -> None:
    heads = ("M· TTHC", "T\xaan TTHC", "LÜnh vùc", "Møc ®é")
    path = as_csv(tmp_path / "p.csv", [heads, ("2.000815", "Khai sinh", "Khai sinh", "Toàn trình")])
    assert [entry.code for entry in procedures.check(path, Findings(), bool)] == ["2.000815"]


LEVELS = [("Mức độ 4", "LEVEL_4"), ("mức độ IV", "LEVEL_4"), ("Mức độ ba", "LEVEL_3"), ("3", "LEVEL_3")]
LEVELS += [
    ("DVC trực tuyến toàn trình", "FULLY_ONLINE"),
    ("DVCTT một phần", "PARTLY_ONLINE"),
    ("Một phần", "PARTLY_ONLINE"),
]


@pytest.mark.parametrize(("words", "level"), LEVELS)
def test_a_level_may_be_said_in_words(tmp_path: Path, words: str, level: str) -> None:
    path = as_csv(tmp_path / "p.csv", [PARTS, ("2.000815", "Khai sinh", "Hộ tịch", words)])
    assert [entry.delivery.name for entry in procedures.check(path, Findings(), bool)] == [level]
