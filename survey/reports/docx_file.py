"""The file around a .docx: page, properties, settings."""

from __future__ import annotations

import datetime as dt
import io
from functools import cache

import docx
from docx.document import Document
from docx.opc.package import OpcPackage
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from survey.reports import docx_parts, docx_styles
from survey.reports.docx_styles import LOCALES
from survey.reports.outline import Outline
from survey.version import version

MARGINS = {"top_margin": Mm(20), "bottom_margin": Mm(20), "left_margin": Mm(30), "right_margin": Mm(20)}
WORD_2013 = "15"  # the newest mode of compatibility that there is
SEPARATORS = {"vi": (",", ";"), "en": (".", ",")}  # of decimals, of lists
PROGRAM = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Hai Long</Application></Properties>"
)


def new_document(outline: Outline) -> Document:
    """Return an empty A4 document with the prescribed margins, our styles, page numbers, and clean properties."""
    document = docx.Document(io.BytesIO(_with_styles(outline.language)))
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, width in MARGINS.items():
        setattr(section, name, width)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = section.first_page_header.is_linked_to_previous = False
    number = docx_parts.styled(section.header.paragraphs[0], "Số trang")
    docx_parts.field(number, "PAGE", "2")
    for footer in (section.footer, section.first_page_footer):
        footer.is_linked_to_previous = False
        paragraph = docx_parts.styled(footer.paragraphs[0], "Chân trang")
        paragraph.add_run(outline.head.foot)
    _properties(document, outline)
    _settings(document, outline.language)
    return document


@cache
def _with_styles(language: str) -> bytes:
    """Return an empty document with our styles: made once, for to add them takes as long as to write a whole report."""
    document, file = docx.Document(), io.BytesIO()
    docx_styles.prepare(document, language)
    document.save(file)
    return file.getvalue()


def _properties(document: Document, outline: Outline) -> None:
    about = document.core_properties
    moment = outline.as_of.astimezone(dt.UTC).replace(tzinfo=None)
    about.title, about.subject, about.author = outline.head.title, outline.head.kind, outline.author
    about.last_modified_by, about.comments, about.keywords = outline.author, f"hailong {version()}", ""
    about.language = LOCALES.get(outline.language, outline.language)
    about.created = about.modified = moment
    about.revision = 1
    package: OpcPackage = document.part.package
    for key, one in list(package.rels.items()):
        if one.reltype.endswith("/thumbnail"):
            package.rels.pop(key)
        elif one.reltype.endswith("/extended-properties"):
            one.target_part._blob = PROGRAM.encode()
    custom = [key for key, one in document.part.rels.items() if one.reltype.endswith("/customXml")]
    for key in custom:
        document.part.rels.pop(key)


def _settings(document: Document, language: str) -> None:
    """Say that the file is of today's Word, and how its language writes numbers."""
    settings = document.settings.element
    mode = (
        f'<w:compat {nsdecls("w")}><w:compatSetting w:name="compatibilityMode" '
        f'w:uri="http://schemas.microsoft.com/office/word" w:val="{WORD_2013}"/></w:compat>'
    )
    former = settings.find(qn("w:compat"))
    if former is not None:
        settings.replace(former, parse_xml(mode))
    else:
        settings.append(parse_xml(mode))
    decimals, lists = SEPARATORS.get(language, SEPARATORS["vi"])
    for name, value in (("decimalSymbol", decimals), ("listSeparator", lists)):
        element = settings.find(qn(f"w:{name}"))
        if element is None:
            element = OxmlElement(f"w:{name}")
            settings.append(element)
        element.set(qn("w:val"), value)
    tongue = settings.find(qn("w:themeFontLang"))
    if tongue is not None:
        for name in list(tongue.attrib):
            del tongue.attrib[name]
        tongue.set(qn("w:val"), LOCALES.get(language, language))
