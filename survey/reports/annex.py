"""The annex of the document: wide tables on landscape pages."""

from __future__ import annotations

from docx.document import Document

from survey.i18n import gettext, text
from survey.reports import layout, tables
from survey.reports.layout import BODY, CENTER, line
from survey.reports.report import Report


def add(document: Document, report: Report) -> None:
    """Add the annex: cases and levels by unit, figures by procedure, channels for reference."""
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
    layout.grid(document, gettext("Table A1. Cases, levels and bounds by unit (answers by invitation)"), cases)
    layout.grid(document, gettext("Table A2. Results by procedure (answers by invitation)"), figures)
    reference = tables.reference(report)
    if reference.rows:
        layout.grid(document, gettext("Table A3. Channels for reference, by unit"), reference)
    if report.asked.total.finished or report.asked.total.withdrawn:
        layout.grid(
            document,
            gettext("Table A4. Was everyone asked? Cases finished in the period, by unit"),
            tables.asked(report),
        )
    if report.comments.units:
        caption = gettext("Table A5. What has become of the comments, by unit (all channels)")
        layout.grid(document, caption, tables.comments(report))
