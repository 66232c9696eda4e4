"""The document: laid out as Decree 30/2020 asks, edited by styles, the same bytes for ever."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
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
from survey.models import Installation
from survey.reports.issuing import Issuing
from survey.results import closing
from survey.results.verdict_text import sentence
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.reporting import FILES, NOON, WrittenReport, answers, build, read_csv, read_json, read_words, spoken

ISSUING = Issuing(
    symbol="BC-UBND",
    place="Long Châu",
    addressees=("Văn phòng Chính phủ",),
    bases=("Căn cứ Nghị định số 09/2019/NĐ-CP ngày 24 tháng 01 năm 2019 của Chính phủ",),
    signing=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"),
    position="Phó Chủ tịch",
    signer="Nguyễn Văn An",
    recipients=("Bộ Khoa học và Công nghệ",),
    drafting_unit="KSTT",
)


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    """Words need a language, as under a command."""
    with i18n.speaking("vi"):
        yield


def lines(path: Path, style: str) -> list[str]:
    """The paragraphs of a style, outside tables."""
    return [one.text for one in docx.Document(str(path)).paragraphs if one.style.name == style]


def part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode()


def test_the_document_is_laid_out_as_decree_30_asks(written: dict[str, WrittenReport]) -> None:
    path = written["vi"].document
    document = docx.Document(str(path))
    [section] = document.sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    for name, low, high in (("top", 20, 25), ("bottom", 20, 25), ("left", 30, 35), ("right", 15, 20)):
        assert low <= round(getattr(section, f"{name}_margin").mm, 1) <= high
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size.pt) == ("Times New Roman", 14)
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml and "PAGE" not in section.first_page_header._element.xml
    head = document.tables[0]
    assert "w:tblBorders" not in head._tbl.xml and head.style.name != "Table Grid"
    state = head.cell(0, 1).paragraphs
    assert [p.text for p in state[:2]] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert "w:pBdr" in state[2]._p.xml and not any(run.underline for p in state for run in p.runs)
    assert [p.text for p in head.cell(0, 0).paragraphs[:2]] == ["ỦY BAN NHÂN DÂN", "TỈNH VĨNH LONG"]
    assert head.cell(1, 0).text.startswith("Số:") and "DỰ THẢO" in head.cell(1, 0).text
    assert "Vĩnh Long, ngày …… tháng …… năm 2026" in head.cell(1, 1)._tc.xml
    body = document.styles["Văn bản"].paragraph_format
    assert (body.first_line_indent, body.space_before.pt) == (Mm(12.7), 6)
    assert "từ ngày 01/10/2026 đến hết ngày 31/10/2026" in spoken(path)
    assert lines(path, "Đề mục") == ["KẾT LUẬN", "NGUYÊN NHÂN VÀ Ý KIẾN", "NHIỆM VỤ, KIẾN NGHỊ", "GIỚI HẠN CỦA SỐ LIỆU"]
    assert [one for one in spoken(path).splitlines() if one.endswith("./.")] == [lines(path, "Văn bản")[-1]]
    assert lines(path, "Phụ lục")[:2] == ["Phụ lục I", "Phụ lục II"]
    assert all(title == title.upper() for title in lines(path, "Tên phụ lục"))
    assert all(one.startswith("(Kèm theo Báo cáo số") for one in lines(path, "Kèm theo"))


def test_what_an_office_writes_on_its_documents_stands_in_its_places(session: Session, tmp_path: Path) -> None:
    answers(session)
    [path] = reports.write(build(session, issuing=ISSUING), tmp_path, ["docx"])
    words, xml = spoken(path), part(path, "word/document.xml")
    assert lines(path, "Kính gửi") == ["Kính gửi: Văn phòng Chính phủ"]
    assert lines(path, "Căn cứ") == [f"{ISSUING.bases[0]};"]
    assert "/BC-UBND" in words and "Long Châu, ngày ……" in xml
    end = docx.Document(str(path)).tables
    [signing] = [one for one in end if "Nơi nhận:" in one.cell(0, 0).text]
    assert signing.cell(0, 0).text.split("\n") == [
        "Nơi nhận:",
        "- Như trên;",
        "- Bộ Khoa học và Công nghệ;",
        "- Lưu: VT, KSTT.",
    ]
    assert signing.cell(0, 1).text.startswith("TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH")
    assert "PHÓ CHỦ TỊCH" in signing._tbl.xml and "Nguyễn Văn An" in signing._tbl.xml


def test_what_is_filled_in_by_hand_says_what_it_is(written: dict[str, WrittenReport]) -> None:
    xml = part(written["vi"].document, "word/document.xml")
    assert re.findall(r'<w:tag w:val="(\w+)"/>', xml) == ["number", "day", "position", "signer"]
    assert re.findall(r'<w:alias w:val="([^"]+)"/>', xml)[0] == "Số văn bản"


def test_tables_repeat_their_head_and_keep_rows_whole(written: dict[str, WrittenReport]) -> None:
    tables = docx.Document(str(written["vi"].document)).tables
    ruled = [table for table in tables if table.style.name == "Table Grid"]
    assert len(ruled) == len(lines(written["vi"].document, "Chú thích bảng")) > 5
    for table in ruled:
        assert table.rows[0]._tr.find(".//" + qn("w:tblHeader")) is not None
        assert all(row._tr.find(".//" + qn("w:cantSplit")) is not None for row in table.rows)
        grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.findall(qn("w:gridCol"))]
        assert sum(grid) <= Mm(161) / 635


def test_each_picture_has_one_sentence_in_its_place(written: dict[str, WrittenReport]) -> None:
    shapes = docx.Document(str(written["vi"].document)).inline_shapes
    spoken_for = [shape._inline.docPr.get("descr") for shape in shapes]
    assert [shape._inline.docPr.get("name") for shape in shapes] == ["Hình 1", "Hình 2"]
    assert all("90%" in one and len(one) < 300 for one in spoken_for)
    assert written["vi"].document.stat().st_size < 500_000


def test_everything_is_styled_and_stands_in_the_navigation(written: dict[str, WrittenReport]) -> None:
    path = written["vi"].document
    document = docx.Document(str(path))
    cells = [p for table in document.tables for row in table._tbl.tr_lst for p in row.iter(qn("w:p"))]
    own = [p.find(f"{qn('w:pPr')}/{qn('w:pStyle')}") is not None for p in cells]
    styled = sum(own) + sum(one.style.name != "Normal" for one in document.paragraphs)
    assert styled >= 0.95 * (len(cells) + len(document.paragraphs))
    sized = re.findall(r"<w:r>.{0,80}<w:sz ", part(path, "word/document.xml"))
    assert not sized, "letters get their size from a style"
    for name in ("Tên loại", "Đề mục", "Phụ lục", "Tên phụ lục"):
        assert document.styles[name].element.find(".//" + qn("w:outlineLvl")) is not None
    numbers = part(path, "word/numbering.xml")
    assert document.styles["Đề mục"].style_id in numbers and "upperRoman" in numbers


def test_captions_count_themselves_without_a_gap(written: dict[str, WrittenReport]) -> None:
    for language, words in (("vi", ("Bảng", "Hình")), ("en", ("Table", "Figure"))):
        path = written[language].document
        for word, style in zip(words, ("Chú thích bảng", "Chú thích hình"), strict=True):
            captions = lines(path, style)
            numbers = [int(re.match(rf"{word} (\d+)\. ", one)[1]) for one in captions]  # type: ignore[index]
            assert numbers == list(range(1, len(captions) + 1)) and numbers
        assert part(path, "word/document.xml").count(" SEQ Bang ") == len(lines(path, "Chú thích bảng"))


def test_the_file_says_of_itself_only_what_is_true(written: dict[str, WrittenReport]) -> None:
    path = written["vi"].document
    about = docx.Document(str(path)).core_properties
    assert about.author == "Ủy ban nhân dân tỉnh Vĩnh Long"
    assert (about.title[:12], about.language) == ("Kết quả đánh", "vi-VN")
    assert about.created == dt.datetime(2026, 11, 19, 17, tzinfo=dt.UTC), "the day of its figures, in Viet Nam"
    with zipfile.ZipFile(path) as package:
        everything = {name: package.read(name) for name in package.namelist()}
    assert not [name for name in everything if "thumbnail" in name or "customXml" in name]
    assert b"python-docx" not in everything["docProps/core.xml"] and b"Macintosh" not in everything["docProps/app.xml"]
    settings = everything["word/settings.xml"].decode()
    assert 'w:name="compatibilityMode"' in settings and 'w:val="15"' in settings
    assert '<w:decimalSymbol w:val=","/>' in settings and "ja-JP" not in settings


def test_a_closed_report_is_the_same_bytes_on_every_day(session: Session, tmp_path: Path) -> None:
    answers(session)
    closed_at = dt.datetime(2026, 11, 3, 2, tzinfo=dt.UTC)
    closing.close(session, build(session).units.period, closed_at, STANDARD)
    written = []
    for day in (20, 27):
        report = build(session, today=dt.date(2026, 11, day))
        written.append([one.read_bytes() for one in reports.write(report, tmp_path / str(day), ["docx", "pdf"])])
    assert written[0] == written[1]
    assert "số liệu đã chốt ngày 03/11/2026" in spoken(tmp_path / "20" / f"{report.name}.docx")


def test_a_department_stands_below_its_province_and_a_commune_alone(session: Session, tmp_path: Path) -> None:
    answers(session)
    for code, expected, place in (
        ("H61.1", ["ỦY BAN NHÂN DÂN", "TỈNH VĨNH LONG", "SỞ NỘI VỤ"], "Vĩnh Long"),
        ("H61.51", ["ỦY BAN NHÂN DÂN", "XÃ CÀNG LONG"], "Càng Long"),
    ):
        [path] = reports.write(build(session, agency=code), tmp_path, ["docx"])
        head = docx.Document(str(path)).tables[0]
        assert [p.text for p in head.cell(0, 0).paragraphs if p.text] == expected
        assert f"{place}, ngày" in head.cell(1, 1)._tc.xml
        assert "KẾT QUẢ THEO THỦ TỤC HÀNH CHÍNH" in spoken(path)


def test_english_has_no_end_mark_and_no_page_without_words(written: dict[str, WrittenReport]) -> None:
    path = written["en"].document
    assert "./." not in spoken(path)
    assert len(docx.Document(str(path)).sections) == 1, "no section can begin on an empty page"
    assert lines(path, "Phụ lục")[0] == "Annex I"


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_data_say_so_on_every_page(session: Session, tmp_path: Path, demo: bool) -> None:
    installation = session.get(Installation, 1)
    assert installation is not None
    installation.demo = demo
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
    factories.response(session, 5, "H61.2", when=NOON)
    [path] = reports.write(build(session, "en", agency="H61.2"), tmp_path, ["docx"])
    assert "DEPARTMENT\nOF FINANCE" in spoken(path)
    assert text({"vi": "Sở Tài chính"}, "en") == "Sở Tài chính"
