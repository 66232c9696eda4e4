"""The annex of the document: wide tables on landscape pages."""

from __future__ import annotations

from docx.document import Document

from survey.i18n import gettext, text
from survey.reports import layout, tables
from survey.reports.layout import BODY, CENTER, Captions, line
from survey.reports.report import Report


def add(document: Document, report: Report) -> None:
    """Add the annex: cases and levels by unit, figures by procedure, channels for reference, answers left out."""
    layout.landscape(document)
    line(document.add_paragraph(), gettext("ANNEX"), size=BODY, bold=True, align=CENTER)
    line(document.add_paragraph(), gettext("Detailed figures"), size=BODY, bold=True, align=CENTER)
    attached = gettext(
        "(Attached to Report No.        /BC-…… of …… …………… %(year)s of %(agency)s)",
        year=report.units.today.year,
        agency=text(report.units.agency.name),
    )
    line(document.add_paragraph(), attached, size=BODY, italic=True, align=CENTER)
    cases, figures = tables.detail(report.units), tables.procedures(report.procedures)
    captions = Captions(document, annex=True)
    captions.table(gettext("Cases, levels and bounds by unit (answers by invitation)"), cases)
    captions.table(gettext("Results by procedure (answers by invitation)"), figures)
    reference = tables.reference(report)
    if reference.rows:
        captions.table(gettext("Channels for reference, by unit"), reference)
    if report.asked.total.finished or report.asked.total.withdrawn:
        captions.table(gettext("Was everyone asked? Cases finished in the period, by unit"), tables.asked(report))
    if report.comments.units:
        captions.table(gettext("What has become of the comments, by unit (all channels)"), tables.comments(report))
    if report.letters is not None and report.letters.units:
        captions.table(
            gettext("Cases finished late, and letters of apology, by unit"), tables.letters(report.letters, report)
        )
    if report.tasks.rows:
        captions.table(gettext("Tasks that came of figures"), tables.tasks(report))
    if report.exclusions.lines:
        captions.table(gettext("Answers left out of the count, and counted again"), tables.exclusions(report))
