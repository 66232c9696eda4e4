"""The styles of a .docx as Decree 30/2020 asks for them: what an official changes there changes the whole document."""

from __future__ import annotations

from dataclasses import dataclass

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

TYPEFACE = "Times New Roman"
LOCALES = {"vi": "vi-VN", "en": "en-GB"}
HEADING_NUMBERS = 30  # the id of our list of headings; the template has its own below
ALIGNMENTS = {
    "l": WD_ALIGN_PARAGRAPH.LEFT,
    "r": WD_ALIGN_PARAGRAPH.RIGHT,
    "c": WD_ALIGN_PARAGRAPH.CENTER,
    "j": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


@dataclass(frozen=True)
class ParagraphLook:
    """How paragraphs of one style look: sizes and gaps in points, indents in millimetres.

    `outline`: the level at which it stands in the navigation pane, from 0; None where it does not.
    """

    name: str
    size: float = 14
    bold: bool = False
    italic: bool = False
    align: str = "l"
    before: float = 0
    after: float = 0
    first: float = 0
    left: float = 0
    keep: bool = False
    outline: int | None = None
    new_page: bool = False
    based_on: str = "Normal"


BODY, BASIS, QUOTE, NOTE, METHOD = "Văn bản", "Căn cứ", "Trích dẫn", "Ghi chú", "Văn bản phụ lục"
HEADING = "Đề mục"
CELLS = {"l": "Ô bảng", "r": "Ô bảng số", "c": "Ô bảng giữa"}
TOTALS = {"l": "Dòng tổng", "r": "Dòng tổng số", "c": "Dòng tổng giữa"}
LOOKS = (
    ParagraphLook(BODY, align="j", before=6, first=12.7),
    ParagraphLook(BASIS, align="j", before=6, first=12.7, italic=True),
    ParagraphLook(QUOTE, align="j", before=3, left=12.7, italic=True),
    ParagraphLook(NOTE, size=11, align="l", before=3, italic=True),
    ParagraphLook(METHOD, size=13, align="j", before=4, first=12.7),
    ParagraphLook(HEADING, bold=True, before=8, first=12.7, keep=True, outline=1, based_on="Heading 1"),
    ParagraphLook("Quốc hiệu", size=12.5, bold=True, align="c"),
    ParagraphLook("Tiêu ngữ", size=13.5, bold=True, align="c"),
    ParagraphLook("Cơ quan chủ quản", size=13, align="c"),
    ParagraphLook("Cơ quan ban hành", size=13, bold=True, align="c"),
    ParagraphLook("Đường kẻ", size=2, align="c", before=3, after=2),
    ParagraphLook("Số, ký hiệu", size=13, align="c", before=8),
    ParagraphLook("Dự thảo", size=13, bold=True, align="c"),
    ParagraphLook("Phạm vi lưu hành", size=13, bold=True, align="c", before=6),
    ParagraphLook("Địa danh, ngày tháng", italic=True, align="c", before=8),
    ParagraphLook("Tên loại", bold=True, align="c", before=14, outline=0),
    ParagraphLook("Trích yếu", bold=True, align="c"),
    ParagraphLook("Dữ liệu minh họa", bold=True, italic=True, align="c", before=6),
    ParagraphLook("Kính gửi", align="c", before=8),
    ParagraphLook("Chú thích bảng", size=13, bold=True, align="c", before=8, after=4, keep=True),
    ParagraphLook("Hình", align="c", before=8, keep=True),
    ParagraphLook("Chú thích hình", size=13, bold=True, align="c", before=2, after=6),
    ParagraphLook("Đầu cột", size=10.5, bold=True, align="c", before=2, after=2, keep=True),
    ParagraphLook("Dòng nhóm", size=10.5, bold=True, italic=True, before=2, after=2, keep=True),
    *[ParagraphLook(name, size=10.5, align=align, before=1.5, after=1.5) for align, name in CELLS.items()],
    *[ParagraphLook(name, size=10.5, bold=True, align=align, before=1.5, after=1.5) for align, name in TOTALS.items()],
    ParagraphLook("Nơi nhận", size=12, bold=True, italic=True, before=12, keep=True),
    ParagraphLook("Danh sách nhận", size=11, keep=True),
    ParagraphLook("Thẩm quyền ký", bold=True, align="c", keep=True),
    ParagraphLook("Khoảng ký", align="c", keep=True),
    ParagraphLook("Họ tên người ký", bold=True, align="c"),
    ParagraphLook("Phụ lục", bold=True, align="c", outline=0, new_page=True, keep=True),
    ParagraphLook("Tên phụ lục", bold=True, align="c", outline=1, keep=True),
    ParagraphLook("Kèm theo", italic=True, align="c", keep=True),
    ParagraphLook("Số trang", size=13, align="c"),
    ParagraphLook("Chân trang", size=11, bold=True, italic=True, align="c"),
)
STYLE_IDS = {look.name: look.name.replace(" ", "") for look in LOOKS}  # as the library makes them of names


def prepare(document: Document, language: str) -> None:
    """Give an empty document our styles, its language, and the list that numbers its headings."""
    normal = document.styles["Normal"]
    _typeface(normal, language)
    normal.font.size = Pt(14)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    _typeface(document.styles["Heading 1"], language)
    for look in LOOKS:
        _add(document, look)
    _number_headings(document)


def _typeface(style: ParagraphStyle, language: str) -> None:
    style.font.name = TYPEFACE
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), TYPEFACE)
    tongue = properties.find(qn("w:lang"))
    if tongue is None:
        tongue = OxmlElement("w:lang")
        properties.append(tongue)
    for kind in ("val", "eastAsia"):
        tongue.set(qn(f"w:{kind}"), LOCALES.get(language, language))


def _add(document: Document, look: ParagraphLook) -> None:
    style = document.styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles[look.based_on]
    style.quick_style = True
    style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.bold, look.italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    form = style.paragraph_format
    form.alignment = ALIGNMENTS[look.align]
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.first_line_indent, form.left_indent = Mm(look.first), Mm(look.left)
    form.keep_with_next, form.page_break_before = look.keep, look.new_page
    if look.outline is not None:
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(look.outline))
        style.element.get_or_add_pPr().append(level)


def _number_headings(document: Document) -> None:
    """Make the headings of the body a list of their own: I., II., III.; who adds one has the others renumbered."""
    numbering = document.part.numbering_part.element
    style = document.styles[HEADING]
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{HEADING_NUMBERS}">'
        '<w:multiLevelType w:val="multilevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/>'
        f'<w:pStyle w:val="{style.style_id}"/><w:suff w:val="space"/><w:lvlText w:val="%1."/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="0" w:firstLine="720"/></w:pPr></w:lvl></w:abstractNum>'
    )
    first = numbering.find(qn("w:num"))
    first.addprevious(abstract) if first is not None else numbering.append(abstract)
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{HEADING_NUMBERS}"><w:abstractNumId w:val="{HEADING_NUMBERS}"/></w:num>'
        )
    )
    properties = style.element.get_or_add_pPr()
    number = properties.get_or_add_numPr()
    number.get_or_add_numId().val = HEADING_NUMBERS
