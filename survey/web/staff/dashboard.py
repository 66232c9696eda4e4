"""The figures of one agency and period: the overview, of which units and procedures have lists of their own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey import reports
from survey.callbacks import figures as call_back
from survey.i18n import current_language
from survey.models import Role
from survey.organisation.agencies import may_see
from survey.periods import local_day, now
from survey.results import verdict_text
from survey.results.changes import changes
from survey.results.earlier import earlier_rates
from survey.results.figures import By
from survey.results.overview import overview
from survey.results.second_target import headline_source
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, figures_cache, labels, period_picker
from survey.web.staff.alerts import standing_alerts
from survey.web.staff.figures_cache import CachedFigures
from survey.web.staff.follow_up import comments_in
from survey.web.staff.overview_page import draw_overview
from survey.web.staff.task_marks import task_marks

LISTS = {"unit": "units.show", "procedure": "procedures.show"}
pages = Blueprint("dashboard", __name__, url_prefix="/staff")


@pages.get("/")
@access.requires(Role.VIEWER)
def show() -> str | Response:
    """Show the figures of the chosen period and agency; by default the last month and the account's own."""
    if (listed := LISTS.get(request.args.get("by", ""))) is not None:  # as addresses were in version 0.2
        kept: dict[str, Any] = {name: value for name, value in request.args.items() if name != "by"}
        return redirect(url_for(listed, **kept), 301)
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    agency, tree = scope.agency, scope.tree
    leaf = not tree.children.get(agency.id)
    by: By = "procedure" if leaf else "unit"
    own = access.who().agency_id

    alerts = standing_alerts(scope)

    def draw() -> CachedFigures:
        marks = task_marks(session(), scope)
        whole = overview(session(), scope, standard(), today, by)
        moved = changes(session(), whole.figures)
        earlier = earlier_rates(session(), scope, standard())
        called = call_back.beside(session(), scope, standard())
        return draw_overview(whole, moved, comments_in(session(), scope), marks, alerts, earlier, called, leaf=leaf)

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
        standard=scope.held_to(standard()),
        words=verdict_text,
        headline_source=headline_source,
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
