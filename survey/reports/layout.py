"""The layout of Decree 30/2020: page, head of the document, ruled lines, tables that repeat their head row."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Length, Mm, Pt
from docx.table import _Cell as Cell
from docx.text.paragraph import Paragraph

from survey.i18n import gettext
from survey.reports.pictures import ReportChart
from survey.reports.tables import ReportTable

TYPEFACE, BODY, TABLE = "Times New Roman", Pt(14), Pt(11)
MARGINS = {"top_margin": Mm(20), "bottom_margin": Mm(20), "left_margin": Mm(30), "right_margin": Mm(20)}
SHORT = 6  # rows that stay together on one page
INDENT, GAP = Mm(12.7), Pt(6)
CENTER, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
ALIGNMENTS = {"c": CENTER, "r": RIGHT, "l": LEFT}
# Children of paragraph and table properties must keep the order of the schema, or Word repairs the file.
AFTER_BORDER = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def new_document(language: str) -> Document:
    """Return an empty A4 document with the prescribed margins, typeface and page numbers."""
    document = docx.Document()
    style = document.styles["Normal"]
    _typeface(style, language)
    style.font.size = BODY
    style.paragraph_format.space_after, style.paragraph_format.space_before = Pt(0), Pt(0)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    for level, upright in (("Heading 1", True), ("Heading 2", True)):
        heading = document.styles[level]
        _typeface(heading, language)
        heading.font.size, heading.font.bold, heading.font.italic = BODY, upright, False
        heading.font.color.rgb = docx.shared.RGBColor(0, 0, 0)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = GAP, Pt(0)
        heading.paragraph_format.first_line_indent = INDENT
        heading.paragraph_format.keep_with_next = True
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, width in MARGINS.items():
        setattr(section, name, width)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    return document


def _typeface(style: Any, language: str) -> None:
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
        tongue.set(qn(f"w:{kind}"), {"vi": "vi-VN", "en": "en-GB"}.get(language, language))


def page_numbers(section: Section, mark: str) -> None:
    """Put the page number in the middle of the top margin from the second page on, and a mark below every page."""
    section.header.is_linked_to_previous = section.first_page_header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = CENTER
    _field(paragraph, "PAGE")
    for footer in (section.footer, section.first_page_footer):
        footer.is_linked_to_previous = False
        line(footer.paragraphs[0], mark, size=Pt(11), bold=True, italic=True, align=CENTER)


def _field(paragraph: Paragraph, code: str) -> None:
    for kind in ("begin", None, "end"):
        run = paragraph.add_run()
        run.font.size = Pt(13)
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.text = code
        run._r.append(element)


def line(
    paragraph: Paragraph,
    text: str,
    *,
    size: Length | None = None,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
) -> Paragraph:
    """Write a run into a paragraph and return the paragraph."""
    run = paragraph.add_run(text)
    run.bold, run.italic = bold or None, italic or None
    if size is not None:
        run.font.size = size
    if align is not None:
        paragraph.alignment = align
    return paragraph


def body(document: Document, text: str) -> Paragraph:
    """Add a paragraph of the body: justified, first line indented, six points apart."""
    paragraph = line(document.add_paragraph(), text, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    paragraph.paragraph_format.first_line_indent = INDENT
    paragraph.paragraph_format.space_before = GAP
    return paragraph


def rule(container: Document | Cell, width: int, length: int) -> None:
    """Draw a line of a length in the middle of a width: the border of an empty paragraph, not an underline."""
    paragraph = container.add_paragraph()
    paragraph.alignment = CENTER
    form = paragraph.paragraph_format
    form.space_before = Pt(2)
    side = (width - length) // 2
    form.left_indent, form.right_indent = side, side
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, *AFTER_BORDER)


def columns(document: Document, widths: Sequence[Length], rows: int) -> list[list[Cell]]:
    """Add a borderless table and return its cells by row."""
    table = document.add_table(rows, len(widths))
    _fixed(table, widths, inner=0)
    cells = [list(row.cells) for row in table.rows]
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for row in cells:
        for cell, width in zip(row, widths, strict=True):
            cell.width = width
    return cells


@dataclass
class Captions:
    """The captions of a document or of its annex: numbered as they come, so that none is missing where nothing is."""

    document: Document
    annex: bool = False
    tables: int = 0
    figures: int = 0

    def table(self, title: str, given: ReportTable) -> None:
        """Add a ruled table below its number and title."""
        self.tables += 1
        if self.annex:
            caption = gettext("Table A%(number)s. %(title)s", number=self.tables, title=title)
        else:
            caption = gettext("Table %(number)s. %(title)s", number=self.tables, title=title)
        grid(self.document, caption, given)

    def pictures(self, title: str, charts: Iterable[ReportChart], width: Length) -> None:
        """Add a figure with its number and title, on as many pictures as it takes; without one it has no number."""
        for place, chart in enumerate(charts):
            if place:
                caption = gettext("Figure %(number)s (continued). %(title)s", number=self.figures, title=title)
            else:
                self.figures += 1
                caption = gettext("Figure %(number)s. %(title)s", number=self.figures, title=title)
            picture(self.document, caption, io.BytesIO(chart.png), width, chart.alternative)


def grid(document: Document, caption: str, given: ReportTable) -> None:
    """Add a ruled table under its caption; its head row is repeated on each page, its rows are not torn apart.

    Columns of words stand left, columns of figures right, short verdicts in the middle.
    """
    _caption(document, caption)
    widths = [Mm(width) for width in given.widths]
    short = len(given.rows) <= SHORT
    table = document.add_table(0, len(widths), "Table Grid")
    for values in (given.head, *given.rows):
        cells = table.add_row().cells
        for place, (cell, value) in enumerate(zip(cells, values, strict=True)):
            cell.width = widths[place]
            first = values is given.head
            align = CENTER if first else ALIGNMENTS[given.align[place]]
            bold = first or (given.total and values is given.rows[-1])
            paragraph = line(cell.paragraphs[0], value, size=TABLE, bold=bold, align=align)
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
            paragraph.paragraph_format.keep_with_next = first or (short and values is not given.rows[-1])
    _fixed(table, widths, inner=Mm(1.4))
    for place, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if place == 0:
            properties.append(OxmlElement("w:tblHeader"))


def _caption(document: Document, text: str) -> None:
    paragraph = line(document.add_paragraph(), text, size=Pt(13), bold=True, align=CENTER)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(8), Pt(4)
    paragraph.paragraph_format.keep_with_next = True


def _fixed(table: Any, widths: Sequence[Any], inner: int) -> None:
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    properties = table._tbl.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(int(inner / 635)))  # twentieths of a point
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    properties.insert_element_before(margins, "w:tblLook")


def landscape(document: Document) -> Section:
    """Begin a landscape page for a wide annex and return its section."""
    section: Section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.different_first_page_header_footer = False
    return section


def picture(document: Document, caption: str, png: IO[bytes], width: Length, alternative: str) -> None:
    """Add a picture in the middle under its caption, with its text alternative."""
    _caption(document, caption)
    paragraph = document.add_paragraph()
    paragraph.alignment = CENTER
    paragraph.add_run().add_picture(png, width=width)
    paragraph._p.find(".//" + qn("wp:docPr")).set("descr", alternative)
