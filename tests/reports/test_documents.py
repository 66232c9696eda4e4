"""The document: laid out as Decree 30/2020 asks, so that an official can number, date and sign it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from sqlalchemy.orm import Session

from survey import i18n, reports
from survey.i18n import text
from survey.models import Installation, Level
from survey.results.verdict_text import sentence
from tests.support import factories
from tests.support.reporting import FILES, WrittenReport, answers, build, read_csv, read_json, read_words, spoken


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    """Words need a language, as under a command."""
    with i18n.speaking("vi"):
        yield


def test_the_document_is_laid_out_as_decree_30_asks(written: dict[str, WrittenReport]) -> None:
    document = docx.Document(str(written["vi"].document))
    first, annex = document.sections
    assert (round(first.page_width.mm), round(first.page_height.mm)) == (210, 297)
    for name, low, high in (("top", 20, 25), ("bottom", 20, 25), ("left", 30, 35), ("right", 15, 20)):
        for section in (first, annex):
            assert low <= round(getattr(section, f"{name}_margin").mm, 1) <= high
    assert annex.page_width > annex.page_height
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 14)
    assert first.different_first_page_header_footer
    assert "PAGE" in first.header._element.xml and "PAGE" not in first.first_page_header._element.xml
    head = document.tables[0]
    assert "w:tblBorders" not in head._tbl.xml and head.style.name != "Table Grid"
    state = head.cell(0, 1).paragraphs
    assert [p.text for p in state[:2]] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert "w:pBdr" in state[2]._p.xml and not any(run.underline for p in state for run in p.runs)
    assert [p.text for p in head.cell(0, 0).paragraphs[:2]] == ["ỦY BAN NHÂN DÂN", "TỈNH VĨNH LONG"]
    assert head.cell(1, 0).text.startswith("Số:") and "DỰ THẢO" in head.cell(1, 0).text
    assert head.cell(1, 1).text == "Vĩnh Long, ngày …… tháng …… năm 2026"
    body = [p for p in document.paragraphs if p.text.startswith("1. ")]
    assert all(p.paragraph_format.first_line_indent == Mm(12.7) for p in body)
    assert all(p.paragraph_format.space_before.pt >= 6 for p in body)
    assert "từ ngày 01/10/2026 đến hết ngày 31/10/2026" in body[0].text
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [text.split(".")[0] for text in headings] == ["I", "II", "III", "IV"]
    ends = [p.text for p in document.paragraphs if p.text.endswith("./.")]
    assert len(ends) == 1
    assert "Nơi nhận:" in document.tables[4].cell(0, 0).text


def test_tables_repeat_their_head_and_keep_rows_whole(written: dict[str, WrittenReport]) -> None:
    tables = docx.Document(str(written["vi"].document)).tables
    ruled = [table for table in tables if table.style.name == "Table Grid"]
    assert len(ruled) == 7
    for table in ruled:
        assert table.rows[0]._tr.find(".//" + qn("w:tblHeader")) is not None
        assert all(row._tr.find(".//" + qn("w:cantSplit")) is not None for row in table.rows)
        grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.findall(qn("w:gridCol"))]
        assert sum(grid) <= (Mm(248) if len(grid) > 7 or table is ruled[-2] else Mm(161)) / 635


def test_each_picture_has_its_words(written: dict[str, WrittenReport]) -> None:
    drawn = docx.Document(str(written["vi"].document)).inline_shapes
    said = [shape._inline.docPr.get("descr") for shape in drawn]
    assert len(said) == 3 and all("90%" in one for one in said[:2])
    assert "phường Trà Vinh: 100,0%" in said[1]
    assert "Rất hài lòng" in said[2], "the five levels"


def test_a_report_of_many_units_draws_their_funnel(session: Session, tmp_path: Path) -> None:
    answers(session)
    province = factories.agency_id(session, "H61")
    for number in range(10):
        name = f"Ủy ban nhân dân xã Số {number}"
        factories.agency(session, f"H61.7{number}", Level.COMMUNE, name, f"Commune {number}", province)
        factories.response(session, 5, f"H61.7{number}", when=dt.datetime(2026, 10, 7, 5, tzinfo=dt.UTC))
    [path] = reports.write(build(session), tmp_path, ["docx"])
    assert any(
        "đơn vị cao hoặc thấp khác thường" in paragraph.text for paragraph in docx.Document(str(path)).paragraphs
    )


@pytest.mark.parametrize(("language", "annex"), [("vi", r"Bảng PL(\d)\."), ("en", r"Table A(\d)\.")])
def test_tables_and_figures_are_numbered_without_a_gap(
    session: Session, tmp_path: Path, language: str, annex: str
) -> None:
    for rating in (5, 5, 2):  # no reasons, no funnel of few units, no channel for reference
        factories.response(session, rating, when=dt.datetime(2026, 10, 7, 5, tzinfo=dt.UTC), ratings={"r1": rating})
    [path] = reports.write(build(session, language), tmp_path, ["docx"])
    lines = "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    table, figure = {"vi": ("Bảng", "Hình"), "en": ("Table", "Figure")}[language]
    for pattern, most in ((rf"{table} (\d)\.", 3), (rf"{figure} (\d)\.", 2), (annex, 3)):
        assert re.findall(rf"^{pattern}", lines, re.M) == [str(number) for number in range(1, most + 1)], lines


def test_a_figure_on_several_pictures_has_one_number(session: Session, tmp_path: Path) -> None:
    answers(session)
    province = factories.agency_id(session, "H61")
    for number in range(30):
        factories.agency(session, f"H61.8{number:02}", Level.COMMUNE, f"Xã {number}", f"Commune {number}", province)
    [path] = reports.write(build(session), tmp_path, ["docx"])
    captions = [one.text for one in docx.Document(str(path)).paragraphs if "và khoảng tin cậy, so với" in one.text]
    assert [caption.split(" Tỷ lệ")[0] for caption in captions] == ["Hình 2.", "Hình 2 (tiếp theo)."]


def test_a_department_stands_below_its_province_and_a_commune_alone(session: Session, tmp_path: Path) -> None:
    for code, lines in (
        ("H61.1", ["ỦY BAN NHÂN DÂN", "TỈNH VĨNH LONG", "SỞ NỘI VỤ"]),
        ("H61.51", ["ỦY BAN NHÂN DÂN", "XÃ CÀNG LONG"]),
    ):
        [path] = reports.write(build(session, agency=code), tmp_path, ["docx"])
        issuer = docx.Document(str(path)).tables[0].cell(0, 0)
        assert [p.text for p in issuer.paragraphs if p.text] == lines
        assert "KẾT QUẢ THEO THỦ TỤC HÀNH CHÍNH" in spoken(path)


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_data_say_so_on_every_page(session: Session, tmp_path: Path, demo: bool) -> None:
    found = session.get(Installation, 1)
    assert found is not None
    found.demo = demo
    session.flush()
    document, book, flat, data, words = reports.write(build(session), tmp_path, FILES)
    mark = "Dữ liệu minh họa"
    section = docx.Document(str(document)).sections[0]
    for said in (section.footer.paragraphs[0].text, section.first_page_footer.paragraphs[0].text, spoken(document)):
        assert (mark in said) is demo
    assert {line["demo"] for line in read_csv(flat)} == {"true" if demo else "false"}
    assert {line["Dữ liệu minh họa"] for line in read_words(words)} == {"có" if demo else "không"}
    sheets = openpyxl.load_workbook(book).worksheets
    assert (mark in str(sheets[0]["A1"].value)) is demo
    assert {mark in str(sheet.oddFooter.left.text) for sheet in sheets} == {demo}
    assert read_json(data)["demo"] is demo


def test_the_title_never_breaks_the_name_of_the_service(written: dict[str, WrittenReport]) -> None:
    assert "đối với dịch\u00a0vụ\u00a0công trực\u00a0tuyến tháng 10" in spoken(written["vi"].document)


def test_the_sentence_in_the_document_is_the_sentence_of_the_figures(written: dict[str, WrittenReport]) -> None:
    units = written["vi"].report.units
    assert sentence(units.judged.total, units.standard) in spoken(written["vi"].document)


def test_names_come_in_the_language_of_the_report(session: Session, tmp_path: Path) -> None:
    [path] = reports.write(build(session, "en", agency="H61.2"), tmp_path, ["docx"])
    assert "DEPARTMENT OF FINANCE" in spoken(path)
    assert text({"vi": "Sở Tài chính"}, "en") == "Sở Tài chính"
