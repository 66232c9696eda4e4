"""The page of a list: every unit or procedure with its verdict, interval, levels and change, the worst first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import render_template, request

from survey.i18n import current_language, gettext, msgid, text
from survey.organisation import procedures
from survey.organisation.agencies import may_see
from survey.organisation.agency_kinds import AgencyKind, kind_of
from survey.periods import local_day, now, previous
from survey.results import caveats, verdict_text
from survey.results.changes import changes
from survey.results.channel_names import channel_name
from survey.results.figures import By, Figures, figures
from survey.results.rows import short_name
from survey.results.scope import Scope
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, figures_cache, labels, period_picker
from survey.web.staff.dashboard_rows import SORTS, DashboardRow, lines
from survey.web.staff.figures_cache import CachedFigures
from survey.web.staff.listed_rows import ORDERS, STANDINGS, RowList, finding, row_list
from survey.web.staff.task_marks import TaskMarks, task_marks

KINDS = {
    AgencyKind.PROVINCE: msgid("Province"),
    AgencyKind.DEPARTMENT: msgid("Departments and agencies"),
    AgencyKind.DISTRICT: msgid("Districts"),
    AgencyKind.WARD: msgid("Wards"),
    AgencyKind.COMMUNE: msgid("Communes"),
    AgencyKind.SPECIAL_ZONE: msgid("Special zones"),
    AgencyKind.OFFICE: msgid("Offices"),
}
Naming = Callable[[DashboardRow], tuple[str, str]]


def list_page(scope: Scope, by: By) -> str:
    """Return the page of the units or procedures of a scope."""
    today, own = local_day(now()), access.who().agency_id
    shown = figures_cache.cached(
        session(),
        (request.full_path, current_language(), own, scope.reader, access.may_change(), standard(), today),
        lambda: _draw(scope, by, today),
    )
    finish_reading()
    return render_template(
        "staff/row_list.html",
        agency=scope.agency,
        by=by,
        full=_full(),
        period=scope.period,
        period_name=labels.period_name(scope.period),
        periods=period_picker.offered(today, scope.period.basis, scope.period),
        path=[one for one in scope.tree.path(scope.agency_id) if may_see(scope.tree, one.id, own)],
        shown=shown,
    )


def _draw(scope: Scope, by: By, today: dt.date) -> CachedFigures:
    counted = figures(session(), scope, standard(), today, by)
    moved = changes(session(), counted)
    named = _procedure_names() if by == "procedure" else _unit_names(scope)
    marks = task_marks(session(), scope)
    finish_reading()
    order, only = request.args.get("sort", ""), request.args.get("verdict", "")
    listed = row_list(counted, moved, named, order, only)
    html = _full_html(counted, marks, order) if _full() else _list_html(counted, listed, marks, order, only)
    return CachedFigures.of(html, bool(listed.every))


def _list_html(counted: Figures, listed: RowList, marks: TaskMarks, order: str, only: str) -> str:
    return render_template(
        "staff/_row_list.html",
        figures=counted,
        listed=listed,
        finding=finding(listed),
        order=order if order in ORDERS else "",
        orders={one: gettext(word) for one, word in ORDERS.items()},
        only=only if only in STANDINGS else "",
        standings={one: gettext(word) for one, word in STANDINGS.items()},
        words=verdict_text,
        caveats=caveats,
        marks=marks,
        before=labels.period_name(previous(counted.period)),
        judged_rows=sum(caveats.judged(row.row) for row in listed.every),
    )


def _full_html(counted: Figures, marks: TaskMarks, order: str) -> str:
    return render_template(
        "staff/_full_list.html",
        figures=counted,
        lines=lines(counted, order),
        channels={channel: channel_name(channel) for channel in counted.for_reference},
        totals={channel: part.total for channel, part in counted.for_reference.items()},
        sorted_by=order if order.removeprefix("-") in SORTS else "",
        words=verdict_text,
        caveats=caveats,
        marks=marks,
    )


def _full() -> bool:
    return request.args.get("view") == "full"


def _unit_names(scope: Scope) -> Naming:
    def named(line: DashboardRow) -> tuple[str, str]:
        return short_name(line.judged), gettext(KINDS[kind_of(scope.tree.agencies[line.id])])

    return named


def _procedure_names() -> Naming:
    every = procedures.by_id(session())

    def named(line: DashboardRow) -> tuple[str, str]:
        return line.name, text(every[line.id].field) if line.id in every else ""

    return named
