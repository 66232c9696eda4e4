"""A report put together as it is printed: head, opening, sections I to IV, signing block, annexes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from survey.i18n import current_language, gettext, text
from survey.reports import head
from survey.reports.annexes import annexes
from survey.reports.causes import causes
from survey.reports.conclusion import conclusion
from survey.reports.limits import limits
from survey.reports.numbering import Numbering
from survey.reports.outline import Outline, OutlineBlock, OutlineHeading, OutlineText
from survey.reports.proposals import proposals
from survey.reports.report import Report

END_MARKS = {"vi": "./."}  # what stands behind the last word of an official document


def outline(report: Report) -> Outline:
    """Return a report as it is printed, in the language in use."""
    numbering = Numbering()
    body = [
        *_section("I", gettext("CONCLUSION"), conclusion(report, numbering)),
        *_section("II", gettext("CAUSES AND OPINIONS"), causes(report)),
        *_section("III", gettext("TASKS AND PROPOSALS"), proposals(report, numbering)),
        *_section("IV", gettext("LIMITS OF THE FIGURES"), limits(report)),
    ]
    last = body[-1]
    if isinstance(last, OutlineText):
        body[-1] = OutlineText(last.text.rstrip(".") + END_MARKS.get(current_language(), "."))
    return Outline(
        language=report.language,
        author=text(report.units.agency.name),
        head=head.head(report),
        opening=tuple(head.opening(report)),
        body=tuple(body),
        signing=head.signing(report.issuing),
        annexes=tuple(annexes(report, numbering)),
        as_of=report.as_of,
        issuing=report.issuing,
    )


def _section(numeral: str, title: str, blocks: Iterable[OutlineBlock]) -> Iterator[OutlineBlock]:
    yield OutlineHeading(numeral, title)
    yield from blocks
