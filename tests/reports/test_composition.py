"""What a report says, and in which order: the verdict first, what to do about it, and nothing that nobody reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.orm import Session

from survey import reports
from survey.i18n import speaking
from survey.models import Level
from survey.periods import parse
from survey.reports.composition import outline
from survey.reports.outline import Outline, OutlineBlock, OutlineFigure, OutlineHeading, OutlineTable, OutlineText
from survey.reports.paragraph import paragraph
from survey.results import closing
from survey.results.scope import Reader
from tests.support import factories
from tests.support.decoding import texts
from tests.support.figures import STANDARD
from tests.support.reporting import NOON, answers, build, spoken

JARGON = ("Holm", "Clopper", "nhị thức", "binomial", "tất cả các yếu tố cùng nhau")


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    """The language of the report, as its writer sets it."""
    with speaking("vi"):
        yield


def words(blocks: tuple[OutlineBlock, ...]) -> str:
    """All that blocks say."""
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, OutlineText | OutlineHeading):
            parts.append(block.text)
        elif isinstance(block, OutlineTable):
            parts += [block.title, *block.table.head, *[cell for row in block.table.rows for cell in row]]
        else:
            parts += [block.title, block.chart.alternative]
    return "\n".join(parts)


def tables(printed: Outline) -> list[OutlineTable]:
    """The tables of the body and of the annexes, in their order."""
    every = [*printed.body, *[block for annex in printed.annexes for block in annex.blocks]]
    return [block for block in every if isinstance(block, OutlineTable)]


def close(session: Session) -> None:
    """Close October, so that its verdicts are final."""
    closing.close(session, parse("2026-10"), dt.datetime(2026, 11, 3, 2, tzinfo=dt.UTC), STANDARD)


def test_the_verdict_comes_first_and_the_method_last(session: Session) -> None:
    answers(session)
    close(session)
    printed = outline(build(session))
    headings = [block.text for block in printed.body if isinstance(block, OutlineHeading)]
    assert headings == ["KẾT LUẬN", "NGUYÊN NHÂN VÀ Ý KIẾN", "NHIỆM VỤ, KIẾN NGHỊ", "GIỚI HẠN CỦA SỐ LIỆU"]
    first = printed.body[1]
    assert isinstance(first, OutlineText) and first.text.startswith("Chưa đạt (chắc chắn). 56/77 phiếu hài lòng (72,7%")
    assert printed.annexes[-1].title == "PHƯƠNG PHÁP VÀ ĐỐI SOÁT"
    body = words((*printed.opening, *printed.body))
    assert not [word for word in JARGON if word in body]
    assert "Clopper" in words(printed.annexes[-1].blocks)


def test_the_target_beside_the_headline_stands_in_every_printed_form(session: Session, tmp_path: Path) -> None:
    answers(session)
    report = build(session)
    line = (
        "Chỉ tiêu quốc gia năm 2026, 95% (Quyết định số 1565/QĐ-TTg ngày 18/7/2025 của Thủ tướng Chính phủ): chưa đạt"
    )
    assert line in words(outline(report).body) and line in paragraph(report)
    document, book = reports.write(report, tmp_path, ["docx", "xlsx"])
    summary = openpyxl.load_workbook(book).worksheets[0]
    assert line in spoken(document) and any(line in str(row[0]) for row in summary.iter_rows(values_only=True))


def test_units_stand_by_need_each_once_and_by_kind(session: Session) -> None:
    answers(session)
    close(session)
    of_units = [one for one in tables(outline(build(session))) if one.table.head[1] == "Đơn vị"]
    assert [one.title for one in of_units] == ["Kết quả của khối sở, ban, ngành", "Kết quả của khối xã, phường"]
    communes = [list(row) for row in of_units[1].table.rows]
    assert [row[0] for row in communes if len(row) == 1] == ["Chưa đạt (1)", "Đạt (1)"]
    assert [row[1] for row in communes if len(row) > 2] == [
        "Xã Càng Long",
        "Phường Trà Vinh",
        "Cộng các đơn vị nêu tỷ lệ",
    ]
    assert communes[-1][2:5] == ["75", "55", "73,3%"], "the sum of the rows above it"
    assert communes[-2] == ["", "Không có phiếu: Xã Đông Hải."]


def test_a_unit_to_act_on_has_its_weakest_procedure_and_factor_and_a_proposal(session: Session) -> None:
    answers(session)
    for _ in range(30):
        factories.response(session, 5, "H61.51", "2.000815", when=NOON, ratings={"r1": 5})
    report = build(session)
    [point] = report.weak_points
    assert point.procedure is not None and point.procedure.code == "1.001193"
    assert point.factor is not None and point.factor.answered == 65
    printed = outline(report)
    [weakest] = [one for one in tables(printed) if one.title == "Nơi cần chấn chỉnh và điểm yếu nhất"]
    assert weakest.table.rows[0][0] == "Xã Càng Long"
    assert weakest.table.rows[0][3].startswith("Thủ tục đăng ký khai sinh (42,9%")
    [duties] = [one for one in tables(printed) if one.title == "Nhiệm vụ và kiến nghị"]
    assert "Thủ tục đăng ký khai sinh" in duties.table.rows[0][1]


def test_four_answers_are_no_verdict_and_tell_nothing(session: Session) -> None:
    for rating in (1, 1, 1, 5):
        factories.response(session, rating, "H61.51", when=NOON)
    printed = outline(build(session, agency="H61.51", fewest=10))
    everything = words((*printed.body, *[block for annex in printed.annexes for block in annex.blocks]))
    assert "Ít phiếu (n = 4)" in everything
    for telling in ("25,0%", "1/4", "Chưa đạt.", "dưới 90%."):
        assert telling not in everything
    assert not [one for one in printed.body if isinstance(one, OutlineFigure)]


def test_a_longer_period_has_its_months_and_the_year_so_far(session: Session) -> None:
    for month in (5, 7, 8, 9):
        for rating in (5, 5, 5, 2):
            factories.response(session, rating, when=dt.datetime(2026, month, 10, 5, tzinfo=dt.UTC))
    report = build(session, code="2026-Q3")
    titles = {one.title: one.table for one in tables(outline(report))}
    months = titles["Diễn biến theo tháng"]
    assert [row[0] for row in months.rows] == ["Tháng 7 năm 2026", "Tháng 8 năm 2026", "Tháng 9 năm 2026"]
    beside = titles["Mức độ hài lòng quý III năm 2026 so với các kỳ khác"]
    assert list(beside.head)[1:] == ["Quý III năm 2026", "Quý II năm 2026", "Lũy kế năm 2026"]
    assert list(beside.rows[2]) == ["Phiếu hài lòng/số phiếu", "9/12", "3/4", "12/16"]
    assert report.year.months[0].code == "2026-05"
    assert "Diễn biến theo tháng" not in {one.title for one in tables(outline(build(session, code="2026-09")))}


def test_the_public_edition_holds_nothing_that_is_not_for_everybody(session: Session) -> None:
    answers(session)
    for _ in range(12):
        factories.response(session, 2, "H61.52", when=NOON)
    for _ in range(15):
        factories.response(session, 2, "H61.2", when=NOON)
    close(session)
    internal, public = build(session, fewest=10), build(session, fewest=10, reader=Reader.PUBLIC)
    assert (outline(internal).head.scope, outline(public).head.scope) == ("LƯU HÀNH NỘI BỘ", "")
    assert public.name.endswith("_public_vi") and public.quotes == ()
    everything = words(tuple(block for annex in outline(public).annexes for block in annex.blocks))
    assert "Chỉ nêu số phiếu: Sở Nội vụ (2); Sở Tài chính (15)." in everything
    rows = [row for one in tables(outline(internal)) for row in one.table.rows if len(row) > 2]
    assert any(row[1] == "Sở Tài chính" and row[4] == "0,0%" for row in rows)


def test_a_province_of_138_units_takes_four_pages_and_twelve_of_annexes(session: Session, tmp_path: Path) -> None:
    province = factories.agency_id(session, "H61")
    for number in range(133):
        level = Level.COMMUNE if number < 124 else Level.DEPARTMENT
        name = f"Ủy ban nhân dân xã Thạnh Phước {number}" if level is Level.COMMUNE else f"Sở Số {number}"
        factories.agency(session, f"H61.9{number:03}", level, name, f"Unit {number}", province)
        for place in range(12):
            factories.response(session, 2 if place < 2 else 5, f"H61.9{number:03}", when=NOON, ratings={"r1": 4})
    [path] = reports.write(build(session), tmp_path, ["pdf"])
    pages = texts(path.read_bytes())
    body = next(place for place, page in enumerate(pages) if "Phụ lục I\n" in page)
    assert 2 <= body <= 4
    assert len(pages) - body <= 12
    assert path.stat().st_size < 1_000_000
