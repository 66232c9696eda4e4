"""The figures of one agency and period: verdict, picture, table; and down from province to unit to procedure."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request

from survey import reports
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.standing import state_words
from survey.i18n import current_language, text
from survey.models import Channel, Role
from survey.organisation.agencies import may_see
from survey.periods import local_day, now
from survey.results import caveats, verdict_text
from survey.results.channel_names import REFERENCE, channel_label, channel_name
from survey.results.charts import level_names
from survey.results.factors import by_questionnaire
from survey.results.figures import By
from survey.results.overview import Overview, overview
from survey.tasks.subjects import signalled
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, dashboard_charts, figures_cache, labels, period_picker
from survey.web.staff.dashboard_rows import lines
from survey.web.staff.figures_cache import CachedFigures
from survey.web.staff.follow_up import address, comments_in
from survey.web.staff.task_marks import TaskMarks, task_marks

LOW, FEW = frozenset({1, 2, 3}), 5  # comments at the top: of whom, and how many
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
    by: By = "procedure" if leaf or request.args.get("by") == "procedure" else "unit"
    order, own = request.args.get("sort", ""), access.who().agency_id
    shown = figures_cache.cached(
        session(),
        (request.full_path, current_language(), own, scope.reader, access.may_change(), standard(), today),
        lambda: _draw(
            overview(session(), scope, standard(), today, by),
            comments_in(session(), scope),
            task_marks(session(), scope),
            leaf,
            order,
        ),
    )
    finish_reading()
    return render_template(
        "staff/dashboard.html",
        agency=agency,
        period=period,
        by="" if leaf or by == "unit" else by,
        standard=scope.held_to(standard()),
        words=verdict_text,
        shown=shown,
        period_name=labels.period_name(period),
        path=[one for one in tree.path(agency.id) if may_see(tree, one.id, own)],
        periods=period_picker.offered(today, period.basis, period),
        formats=list(reports.FORMATS),
        format_names=labels.format_names(),
    )


def _draw(overview: Overview, comments: CommentsInScope, marks: TaskMarks, leaf: bool, order: str) -> CachedFigures:
    newest = comments.page(CommentFilter(levels=LOW), 0, FEW)
    written = comments.number(CommentFilter())
    finish_reading()
    figures = overview.figures
    rows = lines(figures, order)
    html = render_template(
        "staff/_figures.html",
        figures=figures,
        words=verdict_text,
        caveats=caveats,
        lines=rows,
        judged=channel_label(Channel.INVITATION),
        reference=[(channel_label(channel), figures.channels[channel].total) for channel in REFERENCE],
        order=order,
        leaf=leaf,
        marks=marks,
        signalled=signalled(overview.trend),
        trend=overview.trend,
        judged_rows=sum(caveats.judged(row.judged) for row in rows if not row.judged.pooled),
        intervals=dashboard_charts.intervals(figures, rows),
        movement=dashboard_charts.movement(figures, overview.trend),
        levels=dashboard_charts.levels(figures, rows),
        funnel=dashboard_charts.funnel(figures, rows),
        factors=overview.factors,
        by_questionnaire=by_questionnaire,
        reasons=overview.reasons,
        address=address,
        comments=comments,
        newest=newest,
        written=written,
        level_names=level_names(),
        units={key: text(unit.name) for key, unit in figures.scope.tree.agencies.items()},
        channels={channel: channel_name(channel) for channel in REFERENCE},
        week=dt.timedelta(days=6),
        importance=overview.importance,
        state_words=state_words,
        quadrant=dashboard_charts.importance(figures, overview.importance),
        most_rows=dashboard_charts.MOST_ROWS,
    )
    return CachedFigures.of(html, bool(rows))
