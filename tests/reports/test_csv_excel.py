"""The .csv for Excel: under Vietnamese settings numbers are numbers, days are days, and no code becomes either."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from babel.numbers import NumberFormatError, parse_decimal
from sqlalchemy.orm import Session

from survey import reports
from survey.i18n import gettext
from survey.reports.columns import MEASURES
from survey.reports.csv_excel import COLUMNS, excel_cell
from survey.reports.printed_cells import BelowTarget
from tests.support.reporting import WrittenReport, answers, build, read_json, read_words

KINDS = {column.key: column for column in COLUMNS}
# What spreadsheets take for a day or a month, beside numbers, whatever separates its parts.
DAY_LIKE = re.compile(r"\s*\d{1,4}\s*[-./]\s*\d{1,4}(\s*[-./]\s*\d{1,4})?\s*")


def read_as(text: str) -> object:
    """What a spreadsheet under Vietnamese settings makes of a cell: a number, a day, or the text that it is."""
    for number in (text, text.removesuffix("%")):
        try:
            return parse_decimal(number, locale="vi") / (1 if number == text else 100)
        except NumberFormatError:
            pass
    return dt.date if DAY_LIKE.fullmatch(text) else text


def test_a_code_without_its_word_would_be_lost() -> None:
    assert read_as("2.001610") != "2.001610" and read_as("2026-10") is dt.date
    assert read_as("TTHC 2.001610") == "TTHC 2.001610" and read_as("H61.51") == "H61.51"


@pytest.mark.usefixtures("vietnamese")
def test_numbers_are_numbers_and_texts_stay_texts(written: dict[str, WrittenReport]) -> None:
    lines = read_words(written["vi"].words)
    codes = {line["Mã"] for line in lines if line["Phân theo"] == "Thủ tục"}
    assert codes - {""} and all(code.startswith("TTHC ") for code in codes - {""})
    for column in COLUMNS:
        for value in {line[gettext(column.head)] for line in lines} - {""}:
            kind = column.kind
            if kind in ("text", "long", "flag"):
                assert read_as(value) == value, (column.key, value)
            elif kind == "day":
                assert read_as(value) is dt.date
            elif not value.startswith("<"):
                assert read_as(value) not in (value, dt.date), (column.key, value)


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize(
    ("key", "value", "cell"),
    [
        ("answered", 1240, "1240"),
        ("rate", 0.638, "63,8%"),
        ("upper", 0.9025, "90,25%"),
        ("upper", BelowTarget(0.9), "<90,0%"),
        ("lower", 1.0, "100,0%"),
        ("mean", 2.675, "2,68"),
        ("first_day", dt.date(2026, 10, 1), "01/10/2026"),
        ("closed", False, "không"),
        ("name", "=1+1", "'=1+1"),
        ("rate", None, ""),
    ],
)
def test_a_cell_is_written_as_vietnamese_settings_read_it(key: str, value: object, cell: str) -> None:
    assert excel_cell(KINDS[key], value) == cell  # type: ignore[arg-type]


@pytest.mark.usefixtures("vietnamese")
def test_nothing_is_advised_that_cannot_come(session: Session, tmp_path: Path) -> None:
    answers(session)
    data, words = reports.write(build(session), tmp_path, ["json", "csv-excel"])
    units = {one["code"]: one for one in read_json(data)["channels"]["invitation"]["units"]}
    lines = {line["Mã"]: line for line in read_words(words) if line["Kênh"].startswith("Theo lời mời")}
    head = "Số phiếu cần thêm nếu tỷ lệ giữ nguyên"
    for code, unit in units.items():
        needed = lines[code][head]
        assert not needed or 0 < int(needed) <= unit["finished"] - unit["rated"]
        assert not needed or unit["verdict"] == "inconclusive"
        share = lines[code]["Tỷ lệ người không đánh giá phải hài lòng để đạt chỉ tiêu"]
        assert not share or 0 < float(share.rstrip("%").replace(",", ".")) <= 100
    assert lines["H61.2"]["Kết luận"] == "Chưa có phiếu" and lines["H61.2"]["Cận trên"] == ""


def test_every_measure_of_the_table_for_programs_is_here_too() -> None:
    assert {column.key for column in MEASURES} <= set(KINDS)
