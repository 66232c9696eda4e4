"""Names whose letters were garbled on the way: refused with the name that is meant, and no good name with them."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest

from survey.errors import ImportRefused
from survey.imports import garbled, procedures
from survey.imports.faults import Findings
from survey.imports.garbled import meant
from survey.settings import DATA
from tests.support.files import as_csv, named

NAMES = {
    "Sở Nội vụ": ("Së Néi vô", "Sôû Noäi vuï"),
    "Phường Trà Vinh": ("Ph\xadêng Trµ Vinh", "Phöôøng Traø Vinh"),
    "Đặc khu Phú Quốc": ("§Æc khu Phó Quèc", "Ñaëc khu Phuù Quoác"),
    "UBND thị trấn Cầu Quan": ("UBND thÞ trÊn CÇu Quan", "UBND thò traán Caàu Quan"),
    "Quỹ người nghèo, gìn giữ": ("Quü ng\xadêi nghÌo, g×n gi÷", "Quyõ ngöôøi ngheøo, gìn giöõ"),
    "Văn phòng Đăng ký đất đai": ("V¨n phßng §¨ng ký ®Êt ®ai", "Vaên phoøng Ñaêng kyù ñaát ñai"),
}
PARTS = ("Mã TTHC", "Tên TTHC", "Lĩnh vực", "Mức độ")


def twice(name: str) -> str:
    """Return a name as it is when its UTF-8 is read as Windows-1252."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in name.encode())


@pytest.mark.parametrize("name", NAMES)
def test_a_garbled_name_tells_what_is_meant(name: str) -> None:
    assert {meant(text) for text in (*NAMES[name], twice(name))} == {name}
    assert meant(name) is None and meant(unicodedata.normalize("NFD", name)) is None


def test_no_name_that_ships_is_taken_for_a_garbled_one() -> None:
    cells = set()
    for path in (DATA / "agencies").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells |= {cell for row in csv.reader(file) for cell in row}
    assert len(cells) > 300 and not {cell for cell in cells if meant(cell) or garbled.lost(cell)}


@pytest.mark.parametrize(
    "name", ["Café Noël", "Zürich – São Paulo", "ភូមិ", "市役所", "Sở A · Sở B", "Ai? Ở đâu?", "a×b²"]
)
def test_other_languages_are_not_garbled(name: str) -> None:
    assert meant(name) is None and not garbled.lost(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Chøng thùc b¶n sao", "Chứng thực bản sao"),
        (twice("Chứng thực"), "Chứng thực"),
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
