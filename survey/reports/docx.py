"""The .docx in the layout of Decree 30/2020, as a draft: number, day, recipients and signature are left blank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docx.document import Document
from docx.shared import Mm, Pt
from docx.table import _Cell as Cell
from docx.text.paragraph import Paragraph

from survey.i18n import gettext, text
from survey.reports import annex, layout, pictures, tables, texts
from survey.reports.layout import BODY, CENTER, Captions, body, line, rule
from survey.reports.report import Report
from survey.results import caveats
from survey.results.channel_names import REFERENCE
from survey.results.factors import by_questionnaire
from survey.version import version

HEAD = (Mm(65), Mm(95))
MOTTO_LENGTH = {"vi": Mm(58), "en": Mm(72)}  # as long as the printed motto
PAGE, PICTURE = Mm(160), Mm(158)
COMMITTEE = "Ủy ban nhân dân "


def write_docx(report: Report, path: Path) -> None:
    """Write the report as a Word document."""
    document = layout.new_document(report.language)
    document.core_properties.title = texts.title(report)
    document.core_properties.language = {"vi": "vi-VN", "en": "en-GB"}.get(report.language, report.language)
    document.core_properties.author = text(report.units.agency.name)
    document.core_properties.comments = f"hailong {version()}"
    layout.page_numbers(document.sections[0], texts.demo_note(report))
    _head(document, report)
    _title(document, report)
    _sections(document, report)
    _signature(document)
    annex.add(document, report)
    document.save(str(path))


def _head(document: Document, report: Report) -> None:
    (issuer, state), (number, day) = layout.columns(document, HEAD, 2)
    names = [(report.parent, False)] if report.parent else []
    for agency, bold in [*names, (report.units.agency, True)]:
        for part in issuer_lines(text(agency.name)):
            line(_next(issuer), part, size=Pt(13), bold=bold, align=CENTER)
    rule(issuer, HEAD[0], HEAD[0] * 2 // 5)
    line(_next(state), gettext("SOCIALIST REPUBLIC OF VIET NAM"), size=Pt(12.5), bold=True, align=CENTER)
    line(_next(state), gettext("Independence - Freedom - Happiness"), size=Pt(13.5), bold=True, align=CENTER)
    rule(state, HEAD[1], MOTTO_LENGTH.get(report.language, Mm(58)))
    line(_next(number), gettext("No.:           /BC-……"), size=Pt(13), align=CENTER)
    line(_next(number), gettext("DRAFT"), size=Pt(13), bold=True, align=CENTER)
    place, year = text(report.place), report.units.today.year
    dated = gettext("%(place)s, …… …………… %(year)s", place=place, year=year)
    line(_next(day), dated, size=BODY, italic=True, align=CENTER)
    for cell in (number, day):
        cell.paragraphs[0].paragraph_format.space_before = Pt(8)


def issuer_lines(name: str) -> list[str]:
    """Return an agency's name as the head of a document prints it: a people's committee above its place.

    >>> issuer_lines("Ủy ban nhân dân tỉnh Vĩnh Long")
    ['ỦY BAN NHÂN DÂN', 'TỈNH VĨNH LONG']
    """
    if name.startswith(COMMITTEE):
        return [COMMITTEE.strip().upper(), name.removeprefix(COMMITTEE).upper()]
    return [name.upper()]


def _next(cell: Cell) -> Paragraph:
    """Return the cell's empty first paragraph, or a new one below what is there."""
    first: Paragraph = cell.paragraphs[0]
    return first if len(cell.paragraphs) == 1 and not first.text else cell.add_paragraph()


def _title(document: Document, report: Report) -> None:
    first = line(document.add_paragraph(), gettext("REPORT"), size=BODY, bold=True, align=CENTER)
    first.paragraph_format.space_before = Pt(14)
    line(document.add_paragraph(), texts.title(report), size=BODY, bold=True, align=CENTER)
    rule(document, PAGE, PAGE * 2 // 5)
    if note := texts.demo_note(report):
        marked = line(document.add_paragraph(), note, size=BODY, bold=True, italic=True, align=CENTER)
        marked.paragraph_format.space_before = Pt(6)


def _sections(document: Document, report: Report) -> None:
    _numbered(document, gettext("I. SCOPE AND METHOD"), list(texts.scope(report)))
    _numbered(document, gettext("II. OVERALL RESULT"), list(texts.results(report)))
    captions = Captions(document)
    captions.table(gettext("Answers by level"), tables.levels(report))
    captions.pictures(gettext("Satisfaction rate by period"), pictures.movement(report), PICTURE)
    figures = report.by_row
    by_unit = figures.by == "unit"
    document.add_heading(gettext("III. RESULTS BY UNIT") if by_unit else gettext("III. RESULTS BY PROCEDURE"), 1)
    captions.table(gettext("Answers by invitation, compared with the target"), tables.judged(figures))
    for sentence in texts.named(figures):
        body(document, sentence)
    title = gettext("Satisfaction rate with its confidence interval, against the target")
    captions.pictures(title, pictures.intervals(report), PICTURE)
    captions.pictures(gettext("Units by number of answers: which stand out"), pictures.funnel(report), PICTURE)
    captions.pictures(gettext("The five levels, answers by invitation"), pictures.levels(report), PICTURE)
    for asked in by_questionnaire(report.overview.factors):
        title = gettext(
            "Satisfaction with each factor asked in “%(questionnaire)s” (answers by invitation)",
            questionnaire=text(asked[0].title),
        )
        captions.table(title, tables.factors(report, asked))
    if (why := tables.reasons(report)) is not None:
        captions.table(texts.reasons(report), why)
    body(document, caveats.importance(report.overview.importance))
    captions.pictures(gettext("Each factor by importance and satisfaction"), pictures.importance(report), PICTURE)
    reference = [sentence for channel in REFERENCE if (sentence := texts.reference(report, channel))]
    if reference:
        document.add_heading(gettext("Channels for reference"), 2)
        for sentence in reference:
            body(document, sentence)
    notes = list(texts.notes(report))
    notes[-1] += "/."
    _numbered(document, gettext("IV. NOTES"), notes)


def _numbered(document: Document, heading: str, paragraphs: Sequence[str]) -> None:
    document.add_heading(heading, 1)
    for place, paragraph in enumerate(paragraphs, 1):
        last = body(document, f"{place}. {paragraph}")
    last.paragraph_format.keep_with_next = heading == gettext("IV. NOTES")


def _signature(document: Document) -> None:
    ((recipients, signer),) = layout.columns(document, (Mm(80), Mm(80)), 1)
    first = line(recipients.paragraphs[0], gettext("Recipients:"), size=Pt(12), bold=True, italic=True)
    first.paragraph_format.space_before = Pt(12)
    for recipient in (gettext("- ……………………;"), gettext("- Archives: Office.")):
        line(recipients.add_paragraph(), recipient, size=Pt(11))
    position = line(signer.paragraphs[0], "……………………………………", size=BODY, bold=True, align=CENTER)
    position.paragraph_format.space_before = Pt(12)
    for _blank in range(4):
        signer.add_paragraph()
    first.paragraph_format.keep_with_next = position.paragraph_format.keep_with_next = True
    line(signer.add_paragraph(), "……………………………………", size=BODY, bold=True, align=CENTER)
