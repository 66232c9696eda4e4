"""Names whose letters were garbled on the way: what is meant is told, and no good name is taken for one."""

from __future__ import annotations

import csv
import unicodedata

import pytest

from analysis import garbled
from analysis.garbled import meant
from survey.settings import DATA

NAMES = {
    "Sở Nội vụ": ("Së Néi vô", "Sôû Noäi vuï"),
    "Phường Trà Vinh": ("Ph\xadêng Trµ Vinh", "Phöôøng Traø Vinh"),
    "Đặc khu Phú Quốc": ("§Æc khu Phó Quèc", "Ñaëc khu Phuù Quoác"),
    "UBND thị trấn Cầu Quan": ("UBND thÞ trÊn CÇu Quan", "UBND thò traán Caàu Quan"),
    "Quỹ người nghèo, gìn giữ": ("Quü ng\xadêi nghÌo, g×n gi÷", "Quyõ ngöôøi ngheøo, gìn giöõ"),
    "Văn phòng Đăng ký đất đai": ("V¨n phßng §¨ng ký ®Êt ®ai", "Vaên phoøng Ñaêng kyù ñaát ñai"),
}


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
