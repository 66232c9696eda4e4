"""Posters: what other programs read off them is what they print, for 500 codes, long names and every size."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import placements
from survey.collection.posters import qr_code, typesetting
from survey.collection.posters.typesetting import Poster, Size
from survey.demo.province import DATA, rows
from survey.errors import NotFound
from survey.i18n import speaking
from survey.operations import drawing_process
from survey.operations.drawing_process import DrawingProcess
from tests.support import decoding, factories

DAY = dt.date(2026, 11, 23)
BASE = "https://hailong.vinhlong.gov.vn"
PROVINCE = {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": "Vinh Long Provincial People's Committee"}
UNIT = {"vi": "Ủy ban nhân dân phường Trà Vinh", "en": "People's Committee of Tra Vinh Ward"}
LONG = {
    "vi": "Chi nhánh Văn phòng Đăng ký đất đai khu vực huyện Duyên Hải, thị xã Duyên Hải và các xã Đông Hải, Long "
    "Vĩnh, Ngũ Lạc, Trường Long Hòa trực thuộc Sở Nông nghiệp và Môi trường tỉnh Vĩnh Long",
    "en": "Regional branch of the Land Registration Office for Duyen Hai District, Duyen Hai Town and the communes of "
    "Dong Hai, Long Vinh, Ngu Lac and Truong Long Hoa of the Department of Agriculture and Environment",
}
PROCEDURE = {
    "vi": "Thủ tục ghi vào Sổ hộ tịch việc kết hôn của công dân Việt Nam đã được giải quyết tại cơ quan có thẩm quyền "
    "của nước ngoài",
    "en": "Entry in the civil status register of a marriage concluded abroad before a competent foreign authority",
}
PLACE = {"vi": "Quầy tiếp nhận và trả kết quả số 12, tầng 2, bên phải cầu thang, cạnh phòng chờ", "en": ""}
MANY = {code: " ".join(f"{word} {i}" for i in range(25)) for code, word in (("vi", "Ủy ban"), ("en", "Committee"))}
MILLIMETRE = 25.4
DPI = {Size.A4: 72, Size.A5: 100, Size.STRIP: 300}
FACES = Path(questionnaires.__file__).parent.parent / "templates/citizen/_faces.html"
LEVELS = tuple(
    {"vi": vi, "en": en}
    for vi, en in (
        ("Rất không hài lòng", "Very dissatisfied"),
        ("Không hài lòng", "Dissatisfied"),
        ("Bình thường", "Neutral"),
        ("Hài lòng", "Satisfied"),
        ("Rất hài lòng", "Very satisfied"),
    )
)


def poster(code: str = "7K2M9QXA", base: str = BASE, **parts: dict[str, str]) -> Poster:
    link = f"{base}/q/{code}"
    return Poster(
        address=link,
        code=placements.shown(code),
        fingerprint=placements.fingerprint(factories.SECRET, link),
        check=f"{base}/qr",
        improvements=f"{base}/improvements",
        province=PROVINCE,
        unit=parts.get("unit", UNIT),
        procedure=parts.get("procedure"),
        place=parts.get("place"),
        levels=LEVELS,
    )


def joined(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def words(app: Flask):
    with app.app_context():
        yield


@pytest.fixture
def engine_name() -> str:
    """Drawing asks no database: one is enough to have an application."""
    return "sqlite"


@pytest.fixture
def drawn_apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[DrawingProcess]:
    """Another process, for what is many pages: the engine keeps ten megabytes of each as long as its process lives."""
    monkeypatch.setattr(drawing_process, "LONGEST_SECONDS", 900.0)
    process = DrawingProcess()
    yield process
    process.close()


def test_hundreds_of_codes_decoded_by_another_program_equal_their_print(
    words: None, campaign: bool, drawn_apart: DrawingProcess
) -> None:
    """A code to a page, and every unit of the profiles that ship has a page of its own, which carries its name."""
    units = [row for path in (DATA / "agencies").glob("*.csv") for row in rows(path)]
    assert len(units) >= 124
    codes = [placements.new_code() for _ in range(500 if campaign else len(units))]
    made = [
        poster(code, unit={"vi": unit["name_vi"], "en": unit["name_en"]})
        for code, unit in zip(codes, itertools.cycle(units), strict=False)
    ]
    pdf = drawn_apart.poster(typesetting.document(made, Size.A5, DAY, demo=False))
    printed = decoding.texts(pdf)
    decoded = decoding.zbar(decoding.rasters(pdf, 72))
    assert len(set(codes)) == len(codes)
    assert decoded == [[f"{BASE}/q/{code}"] for code in codes]
    for one, code, text, found in zip(made, codes, printed, decoded, strict=True):
        assert one.unit["vi"] in joined(text)
        assert re.findall(r"https://\S+", text) == found
        assert placements.shown(code) in text
        assert placements.fingerprint(factories.SECRET, found[0]) in text


def test_a_code_is_read_off_a_large_poster_that_somebody_sees_small(words: None, drawn_apart: DrawingProcess) -> None:
    """A4 at 50 dots to the inch, with the longest name that ships and a place below it."""
    units = [row for path in (DATA / "agencies").glob("*.csv") for row in rows(path)]
    longest = sorted(units, key=lambda row: len(row["name_vi"]))[-20:]
    made = [
        poster(placements.new_code(), unit={"vi": row["name_vi"], "en": row["name_en"]}, place=PLACE) for row in longest
    ]
    pdf = drawn_apart.poster(typesetting.document(made, Size.A4, DAY, demo=True))
    for one, text in zip(made, decoding.texts(pdf), strict=True):
        assert one.unit["vi"] in joined(text)
        assert one.address in text
    assert decoding.zbar(decoding.rasters(pdf, 50)) == [[one.address] for one in made]


@pytest.mark.parametrize("size", list(Size))
def test_two_other_programs_read_the_same_from_every_size(words: None, size: Size) -> None:
    pages = [poster(), poster(unit=LONG, procedure=PROCEDURE, place=PLACE, base="http://127.0.0.1:8000")]
    pdf = typesetting.pdf(pages, size, DAY, demo=True)
    drawn = decoding.rasters(pdf, DPI[size])
    wanted = [[page.address] * (24 if size == Size.STRIP else 1) for page in pages]
    assert decoding.zbar(drawn) == wanted
    assert decoding.zxing(drawn) == wanted


@pytest.mark.parametrize("size", [Size.A4, Size.A5])
def test_a_poster_says_whose_it_is_and_what_it_asks_in_both_languages(words: None, size: Size) -> None:
    with speaking("en"):  # whatever language its maker reads
        (text,) = decoding.texts(typesetting.pdf([poster(procedure=PROCEDURE, place=PLACE)], size, DAY, demo=False))
    said = joined(text).replace("\u00a0", " ")
    for part in (
        PROVINCE["vi"],
        UNIT["vi"],
        UNIT["en"],
        PROCEDURE["vi"],
        PROCEDURE["en"],
        PLACE["vi"],
        "Mời Ông/Bà đánh giá lần làm thủ tục vừa qua",
        "Quét mã QR",
        "Chạm một khuôn mặt",
        "Tap one face",
        *(level["vi"] for level in LEVELS),
        "Please rate the public service that you have just used",
        "Cán bộ không được trả lời thay",
        "Officers must not answer for you",
        "Tự nguyện, không hỏi họ tên",
        "Voluntary, and no name is asked",
        "hailong.vinhlong.gov.vn/qr",
        "hailong.vinhlong.gov.vn/improvements",
        "In ngày 23/11/2026",
        "Printed on 23 November 2026",
    ):
        assert part in said, part
    assert "Dữ liệu minh họa" not in said


def test_a_sheet_of_strips_can_be_cut_by_its_marks_and_every_strip_is_whole(words: None) -> None:
    pdf = typesetting.pdf([poster(unit=LONG)], Size.STRIP, DAY, demo=False)
    (page,) = decoding.rasters(pdf, 254)  # ten dots to a millimetre
    assert page.shape == pytest.approx((2970, 2100), abs=2)
    across, down = [150 + 600 * i for i in range(4)], [85 + 350 * i for i in range(9)]
    assert all(page[35:65, x - 3 : x + 4].min() < 128 for x in across), "a mark above each cut"
    assert all(page[y - 3 : y + 4, 95:125].min() < 128 for y in down), "a mark beside each cut"
    for x in across:
        assert (page[90:-90, x - 4 : x + 5] > 250).all(), "a cut goes through nothing"
    for y in down:
        assert (page[y - 4 : y + 5, 160:-160] > 250).all()
    for row in range(8):
        for column in range(3):
            alone = page[down[row] : down[row + 1], across[column] : across[column + 1]]
            assert decoding.zxing([alone]) == [[poster().address]]
    (text,) = decoding.texts(pdf)
    assert text.count("Quét mã QR") == text.count("Cán bộ không được trả lời thay") == 24


def test_the_faces_are_those_of_citizens_pages_and_none_stand_where_pages_are_asked(
    words: None, session: Session
) -> None:
    drawn = set(re.findall(r'd="([^"]+)"', FACES.read_text(encoding="utf-8").partition("macro sprite")[0]))
    setting = typesetting.typst_pdf.DATA.joinpath("poster.typ").read_text(encoding="utf-8").replace("\\", "")
    assert len(drawn) >= 8
    assert all(path in setting for path in drawn)
    full = factories.placement(session, code="FULL2222")
    full.questionnaire = questionnaires.FULL
    placed = [factories.placement(session, code="SHRT1111"), full]
    short_one, full_one = typesetting.posters_of(session, placed, factories.SECRET, BASE, DAY)
    assert [level["vi"] for level in short_one.levels] == [level["vi"] for level in LEVELS]
    assert full_one.levels == ()
    one, other = decoding.texts(typesetting.pdf([short_one, full_one], Size.A4, DAY, demo=False))
    assert "Chạm một khuôn mặt" in one
    assert "Rất hài lòng" in one
    assert "Trả lời vài câu hỏi" in other
    assert "Rất hài lòng" not in other


@pytest.mark.parametrize("size", list(Size))
def test_a_demonstration_says_so_on_the_poster(words: None, size: Size) -> None:
    assert "Dữ liệu minh họa" in decoding.texts(typesetting.pdf([poster()], size, DAY, demo=True))[0]


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("unit", [UNIT, LONG, MANY])
def test_long_names_stay_on_one_page_within_its_margins_and_over_nothing(
    words: None, size: Size, unit: dict[str, str]
) -> None:
    wide = "https://khaosat.mucdohailong.dichvucong.vinhlong.gov.vn"
    pdf = typesetting.pdf([poster(base=wide, unit=unit, procedure=PROCEDURE, place=PLACE)], size, DAY, demo=False)
    (page,) = decoding.rasters(pdf, 150)
    margin = round((2.0 if size == Size.STRIP else 6.0) * 150 / MILLIMETRE)
    below = 0 if size == Size.STRIP else page.shape[0] // 6  # the band of colour reaches to the edges
    edge = np.concatenate([page[below:, :margin].ravel(), page[below:, -margin:].ravel(), page[-margin:].ravel()])
    assert (edge > 250).all(), "ink in the margin"
    boxes = decoding.lines(pdf)
    name = unit["vi"].strip()
    assert name[:100] in joined(decoding.texts(pdf)[0])
    assert size == Size.STRIP or name in joined(decoding.texts(pdf)[0])
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert decoding.overlap(one, other) < 0.3, (one, other)


def test_the_code_on_a_small_poster_is_45_mm_with_its_quiet_zone_around_it(words: None) -> None:
    crowded = poster(procedure=PROCEDURE, unit=LONG, place=PLACE)
    page = decoding.rasters(typesetting.pdf([crowded], Size.A5, DAY, demo=False), 254)[0]  # ten dots to a millimetre
    (left, top, right, bottom) = decoding.positions(page)[0]
    assert min(right - left, bottom - top) >= 450
    with_quiet_zone = int(re.findall(r'viewBox="0 0 (\d+)', qr_code.svg(crowded.address))[0])
    quiet = round((right - left) / (with_quiet_zone - 8) * 3.8)  # four modules, less the blur of an edge
    around = page[top - quiet : bottom + quiet, left - quiet : right + quiet].copy()
    around[quiet - 4 : -quiet + 4, quiet - 4 : -quiet + 4] = 255
    assert (around > 250).all(), "something stands in the quiet zone"


def test_the_file_is_tagged_and_made_to_be_kept(words: None) -> None:
    pdf = typesetting.pdf([poster()], Size.A4, DAY, demo=False)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", pdf)
    assert decoding.outline(typesetting.pdf([poster(), poster(unit=LONG)], Size.A4, DAY, demo=False)) == [
        UNIT["vi"],
        LONG["vi"],
    ]
    assert decoding.fonts(pdf) <= {"HailongSans", "HailongSans-Bold"}
    assert typesetting.pdf([poster()], Size.A4, DAY, demo=False) == pdf, "the same poster is the same file"


def test_names_are_printed_as_text_never_read_as_commands(words: None) -> None:
    sly = {"vi": '#panic("x") *đậm* $1/0$ <b> \\ ] #', "en": "#sys.inputs @ref `raw` // --- ~"}
    text = joined(decoding.texts(typesetting.pdf([poster(unit=sly, place=sly)], Size.A4, DAY, demo=False))[0])
    assert sly["vi"] in text
    assert sly["en"] in text


def test_letters_that_no_font_here_has_do_not_stop_a_poster(words: None) -> None:
    odd = {"vi": "Quầy 3 😀 ខ្មែរ 漢字", "en": "Counter 3"}
    pdf = typesetting.pdf([poster(place=odd)], Size.A5, DAY, demo=False)
    assert "Quầy 3 □ □□□□ □□" in decoding.texts(pdf)[0]
    assert decoding.zbar(decoding.rasters(pdf, 100)) == [[f"{BASE}/q/7K2M9QXA"]]


def test_a_link_as_drawing_and_as_picture(words: None) -> None:
    link = f"{BASE}/r/abcdefghijklmnopqrstuv"
    assert decoding.zbar([decoding.pixels(qr_code.png(link))]) == [[link]]
    drawn = qr_code.svg(link, "Mã QR <riêng>")
    assert "<title>Mã QR &lt;riêng&gt;</title>" in drawn
    assert "style=" not in drawn
    assert drawn.startswith("<svg")


def test_nothing_to_print_is_said(app: Flask) -> None:
    with speaking("vi"):
        done = app.test_cli_runner().invoke(args=["hailong", "poster", "--all", "--out", "/nowhere.pdf"])
    assert isinstance(done.exception, NotFound)
