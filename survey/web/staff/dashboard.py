"""The figures of one agency and period: the overview, and every unit or procedure in one table."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey import reports
from survey.i18n import current_language
from survey.models import Role
from survey.organisation.agencies import may_see
from survey.periods import local_day, now
from survey.results import caveats, verdict_text
from survey.results.changes import changes
from survey.results.figures import By, Figures, figures
from survey.results.overview import overview
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, figures_cache, labels, period_picker
from survey.web.staff.alerts import standing_alerts
from survey.web.staff.dashboard_rows import lines
from survey.web.staff.figures_cache import CachedFigures
from survey.web.staff.follow_up import comments_in
from survey.web.staff.overview_page import draw_overview
from survey.web.staff.task_marks import TaskMarks, task_marks

pages = Blueprint("dashboard", __name__, url_prefix="/staff")


@pages.get("/")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the figures of the chosen period and agency; by default the last month and the account's own."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    agency, tree = scope.agency, scope.tree
    leaf = not tree.children.get(agency.id)
    asked = request.args.get("by", "")
    by: By = "procedure" if leaf or asked == "procedure" else "unit"
    own = access.who().agency_id

    alerts = standing_alerts(scope)

    def draw() -> CachedFigures:
        marks = task_marks(session(), scope)
        if asked in ("unit", "procedure"):
            return _draw_table(figures(session(), scope, standard(), today, by), marks, leaf)
        whole = overview(session(), scope, standard(), today, by)
        changed = changes(session(), whole.figures)
        return draw_overview(whole, changed, comments_in(session(), scope), marks, alerts, leaf=leaf)

    shown = figures_cache.cached(
        session(),
        (request.full_path, current_language(), own, scope.reader, access.may_change(), standard(), today, alerts),
        draw,
    )
    finish_reading()
    return render_template(
        "staff/dashboard.html",
        agency=agency,
        period=period,
        by=asked if asked in ("unit", "procedure") else "",
        standard=scope.held_to(standard()),
        words=verdict_text,
        shown=shown,
        period_name=labels.period_name(period),
        closing=scope.closing,
        today=today,
        running=not period.ended(today),
        path=[one for one in tree.path(agency.id) if may_see(tree, one.id, own)],
        periods=period_picker.offered(today, period.basis, period),
        formats=list(reports.FORMATS),
        format_names=labels.format_names(),
    )


def _draw_table(figures: Figures, marks: TaskMarks, leaf: bool) -> CachedFigures:
    finish_reading()
    order = request.args.get("sort", "")
    rows = lines(figures, order)
    html = render_template(
        "staff/_rows.html",
        figures=figures,
        words=verdict_text,
        caveats=caveats,
        lines=rows,
        order=order,
        leaf=leaf,
        marks=marks,
        judged_rows=sum(caveats.judged(row.judged) for row in rows if not row.judged.pooled),
    )
    return CachedFigures.of(html, bool(rows))
