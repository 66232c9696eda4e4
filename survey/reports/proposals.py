"""III. Duties and proposals: the tasks that came of figures, and what is proposed where nobody has a task yet."""

from __future__ import annotations

from collections.abc import Iterator

from survey.i18n import date, gettext, number, text
from survey.models import TaskStatus
from survey.reports import texts
from survey.reports.numbering import Numbering
from survey.reports.outline import OutlineBlock, OutlineText, ReportTable
from survey.reports.report import Report
from survey.reports.weak_points import WeakPoint
from survey.results.rows import name_of, short_name

MOST = 10
BLANK = "……………"


def proposals(report: Report, numbering: Numbering) -> Iterator[OutlineBlock]:
    """Yield the section: how the tasks stand, then the open ones and the proposals in one table."""
    for sentence in texts.tasks(report):
        yield OutlineText(sentence)
    lines = [*_tasks(report), *_new_proposals(report)]
    if not lines:
        yield OutlineText(
            gettext("The figures of this period give no cause for a task; people go on being asked as before.")
        )
        return
    table = ReportTable(
        [gettext("No."), gettext("What is to be done"), gettext("Who does it"), gettext("To be done by")],
        [[number(place), *line] for place, line in enumerate(lines, 1)],
        (9, 85, 42, 24),
        "cllc",
    )
    yield from numbering.table(gettext("Tasks and proposals"), table)


def _tasks(report: Report) -> list[list[str]]:
    if report.public:
        return []
    agencies = report.units.scope.tree.agencies
    waiting = [row for row in report.tasks.rows if row.status is TaskStatus.OPEN]
    return [
        [row.what, texts.short_name_of(text(agencies[row.agency_id].name)), date(row.due_day)] for row in waiting[:MOST]
    ]


def _new_proposals(report: Report) -> Iterator[list[str]]:
    """Yield for each row to act on that has no open task what is proposed; by when is left to whoever signs."""
    unit_of = report.units.scope.unit_of
    busy = {unit_of.get(row.agency_id) for row in report.tasks.rows if row.status is TaskStatus.OPEN}
    subjects = {row.key for row in report.tasks.rows if row.status is TaskStatus.OPEN}
    by_unit = report.by_row.by == "unit"
    for point in report.weak_points:
        if (by_unit and point.row.id in busy) or (not by_unit and point.row.code in subjects):
            continue
        agency = short_name(point.row) if by_unit else texts.short_name_of(text(report.units.agency.name))
        yield [_proposal(point, by_unit=by_unit), agency, BLANK]


def _proposal(point: WeakPoint, *, by_unit: bool) -> str:
    procedure = point.procedure if by_unit else point.row
    if procedure is not None and point.factor is not None:
        return gettext(
            "Look into the procedure “%(procedure)s” and into “%(factor)s”, put right what keeps the rate below the "
            "target, and report what was done",
            procedure=name_of(procedure),
            factor=text(point.factor.name),
        )
    if procedure is not None:
        return gettext(
            "Look into the procedure “%(procedure)s”, put right what keeps the rate below the target, and report what "
            "was done",
            procedure=name_of(procedure),
        )
    return gettext("Find out what keeps the rate below the target, put it right, and report what was done")
