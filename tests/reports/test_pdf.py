"""The .pdf, read back by PDFium: tagged, in its language, with its own fonts, a sentence for each picture."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from sqlalchemy.orm import Session

from survey import i18n, reports
from tests.support import factories
from tests.support.decoding import outline, texts
from tests.support.reporting import NOON, WrittenReport, build


def words_of(element: object, read: object) -> str:
    """What PDFium tells of an element of the structure by one of its functions."""
    length = read(element, None, 0)  # type: ignore[operator]
    buffer = ctypes.create_string_buffer(length)
    read(element, buffer, length)  # type: ignore[operator]
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def elements(page: pypdfium2.PdfPage) -> Iterator[tuple[str, str]]:
    """The elements of a page's structure in reading order: of which kind, and what stands for it."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)

    def below(element: object) -> Iterator[tuple[str, str]]:
        kind = words_of(element, pdfium.FPDF_StructElement_GetType)
        yield kind, words_of(element, pdfium.FPDF_StructElement_GetAltText)
        for place in range(pdfium.FPDF_StructElement_CountChildren(element)):
            if child := pdfium.FPDF_StructElement_GetChildAtIndex(element, place):
                yield from below(child)

    for place in range(pdfium.FPDF_StructTree_CountChildren(tree)):
        yield from below(pdfium.FPDF_StructTree_GetChildAtIndex(tree, place))
    pdfium.FPDF_StructTree_Close(tree)


@pytest.mark.parametrize(("language", "tongue"), [("vi", b"vi"), ("en", b"en")])
def test_the_pdf_is_tagged_and_says_its_language_and_title(
    written: dict[str, WrittenReport], language: str, tongue: bytes
) -> None:
    path = written[language].pdf
    with pypdfium2.PdfDocument(path) as document:
        assert pdfium.FPDFCatalog_IsTagged(document)
        buffer = (ctypes.c_ushort * 20)()
        pdfium.FPDFCatalog_GetLanguage(document, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), 20)
        assert bytes(memoryview(buffer).cast("B")).decode("utf-16-le").startswith(tongue.decode())
        title = document.get_metadata_dict()["Title"]
        assert title.startswith({"vi": "BÁO CÁO – Kết quả", "en": "REPORT – Results"}[language])
    raw = path.read_bytes()
    assert b"<pdfaid:part>2<" in raw and b"<pdfaid:conformance>A<" in raw and b"<pdfuaid:part>1<" in raw


def test_each_letter_is_set_in_a_font_that_the_file_holds(written: dict[str, WrittenReport]) -> None:
    names = set()
    with pypdfium2.PdfDocument(written["vi"].pdf) as document:
        for page in document:
            for letters in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=8):
                font = letters.get_font()
                assert pdfium.FPDFFont_GetIsEmbedded(font) == 1, font.get_base_name()
                names.add(font.get_base_name().split("+")[-1].split("-")[0])
    assert names == {"HailongSerif", "HailongSans"}


def test_its_structure_has_headings_tables_with_heads_and_words_for_pictures(
    written: dict[str, WrittenReport],
) -> None:
    with pypdfium2.PdfDocument(written["vi"].pdf) as document:
        every = [element for page in document for element in elements(page)]
    kinds = {kind for kind, _words in every}
    assert {"H1", "H2", "P", "Table", "THead", "TH", "TD", "Figure", "Caption"} <= kinds
    pictures = [words for kind, words in every if kind == "Figure"]
    assert pictures and all("90%" in words for words in pictures if words)
    assert [words for words in pictures if words]


def test_it_holds_the_same_as_the_document(written: dict[str, WrittenReport]) -> None:
    pages = texts(written["vi"].pdf.read_bytes())
    whole = " ".join(" ".join(pages).split())
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in pages[0] and "I. KẾT LUẬN" in whole
    assert "phiếu hài lòng" in whole and "Nơi nhận:" in whole
    assert outline(written["vi"].pdf.read_bytes())[:2] == ["BÁO CÁO", "I. KẾT LUẬN"]
    # Numbers from the second page on.
    assert not pages[0].lstrip().startswith("1") and pages[1].lstrip().startswith("2"), (
        "numbers from the second page on"
    )


def test_a_name_with_a_letter_that_no_font_has_is_set_all_the_same(session: Session, tmp_path: Path) -> None:
    for _ in range(12):
        factories.response(session, 2, when=NOON)
    with i18n.speaking("vi"):
        report = build(session)
    report.units.agency.name = {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long \U0001f600", "en": "Vinh Long"}
    with i18n.speaking("vi"):
        [path] = reports.write(report, tmp_path, ["pdf"])
    assert "VĨNH LONG □" in texts(path.read_bytes())[0]
