"""The .docx in the layout of Decree 30/2020, as a draft: an official numbers, dates and signs it, and may edit it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm
from docx.table import _Cell

from survey.collection.posters import qr_code
from survey.i18n import gettext
from survey.reports import docx_file, pictures
from survey.reports.composition import outline
from survey.reports.docx_parts import (
    add_paragraph,
    border,
    columns,
    control,
    field,
    grid,
    next_paragraph,
    picture,
    rule,
)
from survey.reports.docx_styles import BASIS, BODY, HEADING, METHOD, NOTE, QUOTE
from survey.reports.outline import (
    Outline,
    OutlineAnnex,
    OutlineBlock,
    OutlineFigure,
    OutlineHead,
    OutlineHeading,
    OutlineQrCode,
    OutlineTable,
    OutlineText,
    ReportChart,
)
from survey.reports.report import Report

HEAD = (Mm(65), Mm(95))
MOTTO_LENGTH = {"vi": Mm(58), "en": Mm(72)}  # as long as the printed motto
PAGE, PICTURE = Mm(160), Mm(150)
ROLES = {"body": BODY, "basis": BASIS, "quote": QUOTE, "note": NOTE, "method": METHOD, "code": METHOD}
BLANK_LINES = 4  # between the position and the name, for the signature
NUMBER_BLANK = "        "


def write_docx(report: Report, path: Path) -> None:
    """Write the report as a Word document."""
    write_document(outline(report), path)


def write_document(printed: Outline, path: Path) -> None:
    """Write a report that is put together as a Word document, in the language in use."""
    document = docx_file.new_document(printed)
    _head(document, printed.head, printed.language)
    drawn = pictures.drawn(printed, "png")
    _blocks(document, printed.opening, drawn)
    _blocks(document, printed.body, drawn)
    document.paragraphs[-1].paragraph_format.keep_with_next = True  # nobody signs a page with nothing on it
    _signing(document, printed)
    for annex in printed.annexes:
        _annex(document, annex, drawn)
    document.save(str(path))


def _head(document: Document, head: OutlineHead, language: str) -> None:
    (issuer, state), (number, day) = columns(document, HEAD, 2)
    for line in head.superior:
        next_paragraph(issuer, "Cơ quan chủ quản", line)
    for line in head.issuer:
        next_paragraph(issuer, "Cơ quan ban hành", line)
    rule(next_paragraph(issuer, "Đường kẻ"), HEAD[0], HEAD[0] * 2 // 5)
    next_paragraph(state, "Quốc hiệu", head.nation)
    next_paragraph(state, "Tiêu ngữ", head.motto)
    rule(next_paragraph(state, "Đường kẻ"), HEAD[1], MOTTO_LENGTH.get(language, MOTTO_LENGTH["vi"]))
    symbol = next_paragraph(number, "Số, ký hiệu", f"{head.number} ")
    control(symbol, gettext("Number of the document"), "number", NUMBER_BLANK)
    symbol.add_run(head.symbol)
    next_paragraph(number, "Dự thảo", head.draft)
    if head.scope:
        mark = next_paragraph(number, "Phạm vi lưu hành", head.scope)
        mark.paragraph_format.left_indent = mark.paragraph_format.right_indent = Mm(8)
        border(mark, ["top", "left", "bottom", "right"], 8)
    dated = next_paragraph(day, "Địa danh, ngày tháng")
    control(dated, gettext("Place and day"), "day", head.dated)
    add_paragraph(document, "Tên loại", head.kind)
    add_paragraph(document, "Trích yếu", head.title)
    rule(add_paragraph(document, "Đường kẻ"), PAGE, PAGE * 2 // 5)
    if head.demo:
        add_paragraph(document, "Dữ liệu minh họa", head.demo)
    if head.addressees:
        add_paragraph(document, "Kính gửi", gettext("To: %(names)s", names="; ".join(head.addressees)))


def _blocks(document: Document, blocks: Iterable[OutlineBlock], drawn: Mapping[ReportChart, bytes]) -> None:
    for block in blocks:
        match block:
            case OutlineHeading():
                add_paragraph(document, HEADING, block.text)
            case OutlineText():
                paragraph = add_paragraph(document, ROLES[block.role], block.text)
                paragraph.paragraph_format.keep_with_next = True if block.text.endswith(":") else None
                if block.role == "code":
                    paragraph.paragraph_format.first_line_indent = Mm(0)
                    paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
            case OutlineTable():
                before, after = gettext("Table %(number)s. %(title)s", number="\0", title=block.title).split("\0")
                _caption(document, "Chú thích bảng", (before, after), "Bang", block.number)
                grid(document, block.table)
            case OutlineQrCode():
                picture(document, qr_code.png(block.address), Mm(block.width), "QR", block.alternative)
            case OutlineFigure():
                before, after = gettext("Figure %(number)s. %(title)s", number="\0", title=block.title).split("\0")
                name = f"{before}{block.number}"
                picture(document, drawn[block.chart], PICTURE, name, block.chart.alternative)
                _caption(document, "Chú thích hình", (before, after), "Hinh", block.number)


def _caption(document: Document, style: str, words: tuple[str, str], series: str, number: int) -> None:
    paragraph = add_paragraph(document, style, words[0])
    field(paragraph, f"SEQ {series} \\* ARABIC", str(number))
    paragraph.add_run(words[1])


def _signing(document: Document, printed: Outline) -> None:
    ((recipients, signer),) = columns(document, (Mm(80), Mm(80)), 1)
    block = printed.signing
    next_paragraph(recipients, "Nơi nhận", gettext("Recipients:"))
    for recipient in block.recipients:
        next_paragraph(recipients, "Danh sách nhận", recipient)
    _signature(signer, block.signing, block.position, block.signer)


def _signature(cell: _Cell, above: tuple[str, ...], position: str, signer: str) -> None:
    for line in above:
        next_paragraph(cell, "Thẩm quyền ký", line)
    control(next_paragraph(cell, "Thẩm quyền ký"), gettext("Position of who signs"), "position", position)
    for _blank in range(BLANK_LINES):
        next_paragraph(cell, "Khoảng ký")
    control(next_paragraph(cell, "Họ tên người ký"), gettext("Name of who signs"), "signer", signer)
    cell.paragraphs[0].paragraph_format.space_before = Mm(4.2)


def _annex(document: Document, annex: OutlineAnnex, drawn: Mapping[ReportChart, bytes]) -> None:
    add_paragraph(document, "Phụ lục", annex.name)
    add_paragraph(document, "Tên phụ lục", annex.title)
    add_paragraph(document, "Kèm theo", annex.attached)
    rule(add_paragraph(document, "Đường kẻ"), PAGE, PAGE // 3)
    _blocks(document, annex.blocks, drawn)
