"""The report of a nation, its files read back by other programs: the same figures in each, in either language."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from survey.i18n import speaking
from survey.periods import Basis, parse
from survey.reports import lake
from survey.reports.nation_files import write_nation
from survey.results.nation import NationFigures, ProvinceRegister, nation_figures
from survey.results.scope import Standard
from tests.support.decoding import texts
from tests.support.lakes import month_file
from tests.support.reporting import read_csv, spoken

AS_OF = dt.datetime(2026, 11, 30, 5, tzinfo=dt.UTC)
REGISTER = ProvinceRegister({"H98": {"vi": "Tỉnh Im Lặng", "en": "Silent Province"}}, {"H59": "H61"})


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> NationFigures:
    folder = tmp_path_factory.mktemp("lake")
    months = ("2026-07", "2026-08", "2026-09")
    for period in months:
        month_file(folder, "H61", period, (5, 5, 10, 180, 300), 3000)
        month_file(folder, "H01", period, (20, 20, 30, 100, 130), 900, name="An Giang")
    month_file(folder, "H59", "2026-07", (0, 1, 2, 30, 40), 200)
    month_file(folder, "H02", "2026-07", (1, 1, 1, 5, 6), 70, name="Bắc Ninh")
    month_file(folder, "H03", "2026-08", None, 40, answered=6, name="Cà Mau")
    read = lake.lake_months(str(folder / "**" / "*.parquet"), Basis.CALENDAR)
    return nation_figures(read, parse("2026-Q3"), Standard("0.90", 0.95), REGISTER)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_file_says_the_same(figures: NationFigures, tmp_path: Path, language: str) -> None:
    with speaking(language):
        document, pages, book, flat = write_nation(figures, tmp_path, "Bộ Nội vụ", AS_OF)
    assert flat.name == f"nation_2026-Q3_calendar_{language}.csv"
    lines = read_csv(flat)
    assert [(line["line"], line["code"], line["answered"], line["satisfied"]) for line in lines] == [
        ("total", "", "2487", "2211"),
        ("province", "H01", "900", "690"),
        ("province", "H02", "14", "11"),
        ("province", "H03", "6", ""),
        ("province", "H61", "1573", "1510"),
    ]
    assert [line["months_missing"] for line in lines] == ["7", "0", "2", "2", "0"]
    assert (lines[3]["withheld"], lines[3]["level_5"], lines[3]["rate"], lines[3]["lower"]) == ("few", "", "", "")
    _head, whole, *rows = openpyxl.load_workbook(book).worksheets[0].iter_rows(values_only=True)
    assert whole[2:5] == (2487, 2211, 0.889)
    assert [row[1] for row in rows] == ["H01", "H02", "H03", "H61"] and rows[2][3] is None
    printed = spoken(document)
    text = " ".join(" ".join(texts(pages.read_bytes())).split())
    rate, missing = {
        "vi": ("2.211/2.487 phiếu hài lòng (88,9%", "Tỉnh Im Lặng (H98)"),
        "en": ("2,211 of 2,487 answers are satisfied (88.9%", "Silent Province (H98)"),
    }[language]
    for words in (rate, missing):
        assert words in printed and words in text
    former = {"vi": "Tỉnh Trà Vinh (H59) tính vào Tỉnh Vĩnh Long (H61)", "en": "Trà Vinh Province (H59) counts as"}
    assert former[language] in printed


@pytest.mark.usefixtures("figures")
def test_nothing_is_marked_where_nothing_is_missing(tmp_path: Path) -> None:
    month_file(tmp_path, "H61", "2026-07", (5, 5, 10, 180, 300), 3000, demo=True)
    read = lake.lake_months(str(tmp_path / "**" / "*.parquet"), Basis.CALENDAR)
    with speaking("vi"):
        whole = nation_figures(read, parse("2026-07"), Standard("0.90", 0.95), ProvinceRegister())
        document, *_ = write_nation(whole, tmp_path, "", AS_OF)
    printed = spoken(document)
    assert "*" not in printed and "Các tháng còn thiếu" not in printed
    assert "Dữ liệu minh họa" in printed, "the figures of one demonstration mark the whole"


def test_the_same_figures_give_the_same_bytes(figures: NationFigures, tmp_path: Path) -> None:
    with speaking("vi"):
        once = [path.read_bytes() for path in write_nation(figures, tmp_path / "a", "", AS_OF)]
        again = [path.read_bytes() for path in write_nation(figures, tmp_path / "b", "", AS_OF)]
    assert once == again
