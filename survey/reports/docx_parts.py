"""Parts of a .docx that the library has no words for: fields, content controls, drawn lines, ruled tables."""

from __future__ import annotations

import io
from collections.abc import Sequence

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from survey.reports.docx_styles import CELLS, STYLE_IDS, TOTALS
from survey.reports.outline import ReportTable

SHORT = 6  # rows that stay together on one page
# Children of paragraph and table properties must keep the order of the schema, or Word repairs the file.
AFTER_BORDER = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def add_paragraph(place: Document | _Cell, style: str, words: str = "") -> Paragraph:
    """Add a paragraph of words at the end of a document or cell, in one of our styles."""
    return styled(place.add_paragraph(words), style)


def field(paragraph: Paragraph, code: str, shown: str) -> None:
    """Add a field that Word counts out anew, with what it shows until then."""
    for kind in ("begin", "code", "separate", "shown", "end"):
        run = paragraph.add_run(shown if kind == "shown" else "")
        if kind == "code":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = f" {code} "
            run._r.append(element)
        elif kind != "shown":
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
            run._r.append(element)


def control(paragraph: Paragraph, title: str, tag: str, content: str) -> None:
    """Add a content control: a place to be filled in, which says what belongs there; it keeps the paragraph's look."""
    box, properties, inside = (OxmlElement(f"w:{name}") for name in ("sdt", "sdtPr", "sdtContent"))
    for name, value in (("alias", title), ("tag", tag)):
        element = OxmlElement(f"w:{name}")
        element.set(qn("w:val"), value)
        properties.append(element)
    properties.append(OxmlElement("w:text"))
    run = paragraph.add_run(content)
    inside.append(run._r)
    box.append(properties)
    box.append(inside)
    paragraph._p.append(box)


def next_paragraph(cell: _Cell, style: str, words: str = "") -> Paragraph:
    """Return the cell's empty first paragraph, or a new one below what is there, in a style."""
    first: Paragraph = cell.paragraphs[0]
    fresh = len(cell.paragraphs) == 1 and not len(first._p.xpath("./w:r|./w:sdt"))
    paragraph = styled(first, style) if fresh else add_paragraph(cell, style)
    if words:
        paragraph.add_run(words)
    return paragraph


def border(paragraph: Paragraph, sides: Sequence[str], size: int = 6) -> None:
    """Draw lines at sides of a paragraph; `size` in eighths of a point."""
    borders = OxmlElement("w:pBdr")
    for side in sides:
        element = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("space", "1"), ("color", "000000")):
            element.set(qn(f"w:{name}"), value)
        borders.append(element)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *AFTER_BORDER)


def rule(paragraph: Paragraph, width: int, length: int) -> None:
    """Make an empty paragraph a line of a length in the middle of a width: drawn, not an underline."""
    side = Length((width - length) // 2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = side
    border(paragraph, ["top"])


def columns(document: Document, widths: Sequence[Length], rows: int) -> list[list[_Cell]]:
    """Add a borderless table and return its cells by row."""
    table = document.add_table(rows, len(widths))
    _fixed(table, widths, inner=0)
    cells = [list(row.cells) for row in table.rows]
    for row in table.rows:
        _whole(row)
    for line in cells:
        for cell, width in zip(line, widths, strict=True):
            cell.width = width
    return cells


def grid(document: Document, given: ReportTable) -> None:
    """Add a ruled table; its head row is repeated on each page, its rows are not torn apart.

    Columns of words stand left, columns of figures right, short verdicts in the middle.
    """
    widths = [Mm(width) for width in given.widths]
    table = document.add_table(1 + len(given.rows), len(widths), "Table Grid")
    _fixed(table, widths, inner=Mm(1.2))
    short, bands = len(given.rows) <= SHORT, given.bands
    last = len(given.rows) - 1
    for place, (row, values) in enumerate(zip(table.rows, (given.head, *given.rows), strict=True), -1):
        cells = list(row.cells)
        for cell, width in zip(cells, widths, strict=True):
            cell.width = width
        if len(values) < len(cells):
            cells[len(values) - 1].merge(cells[-1])
        for column, value in enumerate(values):
            align = "l" if len(values) < len(cells) and column == len(values) - 1 else given.align[column]
            cell_styles = TOTALS if given.total and place == last else CELLS
            style = "Đầu cột" if place < 0 else "Dòng nhóm" if place in bands else cell_styles[align]
            paragraph = styled(cells[column].paragraphs[0], style)
            paragraph.add_run(value)
            if short and place < last:
                paragraph.paragraph_format.keep_with_next = True
        _whole(row)
        if place < 0:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def picture(document: Document, png: bytes, width: Length, name: str, alternative: str) -> None:
    """Add a picture in the middle, with its name and the sentence that stands for it."""
    paragraph = add_paragraph(document, "Hình")
    paragraph.add_run().add_picture(io.BytesIO(png), width=width)
    about = paragraph._p.find(".//" + qn("wp:docPr"))
    about.set("name", name)
    about.set("descr", alternative)


def styled(paragraph: Paragraph, style: str) -> Paragraph:
    """Give a paragraph one of our styles, and return it.

    By its id: given the name, the library looks through all styles of the document, for each paragraph of a table anew.
    """
    paragraph._p.style = STYLE_IDS[style]
    return paragraph


def _whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _fixed(table: Table, widths: Sequence[Length], inner: int) -> None:
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
