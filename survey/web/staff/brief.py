"""One sheet for whoever leads: the overview of one agency and period in brief, A4 upright, to be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request

from analysis.validation import exact_target
from survey.charts.axis import axis_beside
from survey.charts.trend import trend_drawing
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.i18n import current_language, text
from survey.models import Role
from survey.periods import local_day, now, previous
from survey.results import caveats, overview_text, verdict_text
from survey.results.attention import NAMED, attention, attention_title
from survey.results.changes import RowChange, changes
from survey.results.charts import level_names
from survey.results.figures import By
from survey.results.overview import Overview, overview
from survey.results.period_names import period_words, short_period
from survey.results.rows import short_name
from survey.results.second_target import second_line
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, figures_cache, labels, period_picker
from survey.web.staff.alerts import standing_alerts
from survey.web.staff.figures_cache import CachedFigures
from survey.web.staff.follow_up import comments_in
from survey.web.staff.listed_rows import figures_tally
from survey.web.staff.overview_page import LOW, second_share, waiting
from survey.web.staff.task_marks import TaskMarks, task_marks

LISTED, SAYINGS = 5, 3  # what one sheet has room for: things to look at and reasons each, and comments
pages = Blueprint("brief", __name__, url_prefix="/staff")


@pages.get("/brief")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the brief of the chosen period and agency: what the overview shows of them, as far as a sheet has room."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    by: By = "unit" if scope.tree.children.get(scope.agency.id) else "procedure"
    alerts = standing_alerts(scope)

    def draw() -> CachedFigures:
        marks = task_marks(session(), scope)
        whole = overview(session(), scope, standard(), today, by)
        moved = changes(session(), whole.figures)
        return _draw(whole, moved, comments_in(session(), scope), marks, alerts)

    shown = figures_cache.cached(
        session(),
        (request.full_path, current_language(), access.who().agency_id, scope.reader, standard(), today, alerts),
        draw,
    )
    finish_reading()
    return render_template(
        "staff/brief.html",
        agency=scope.agency,
        period=period,
        period_name=labels.period_name(period),
        period_inside=period_words(period),
        periods=period_picker.offered(today, period.basis, period),
        closing=scope.closing,
        today=today,
        running=not period.ended(today),
        words=verdict_text,
        shown=shown,
    )


def _draw(
    whole: Overview,
    moved: Mapping[int, RowChange],
    comments: CommentsInScope,
    marks: TaskMarks,
    alerts: Sequence[tuple[str, str]],
) -> CachedFigures:
    """Draw the sheet; the database is left before anything is rendered."""
    written = comments.offered()
    newest = comments.page(CommentFilter(levels=LOW), 0, SAYINGS)
    finish_reading()
    figures = whole.figures
    before = period_words(previous(figures.period))
    items = attention(figures, moved, waiting(written, marks, alerts), before)
    target = float(exact_target(figures.target))
    html = render_template(
        "staff/_brief.html",
        figures=figures,
        target=target,
        rate_axis=axis_beside(figures.judged.total.lower, target),
        trend=whole.trend,
        drawing=trend_drawing(whole.trend, figures.target),
        before=before,
        tally=figures_tally(figures),
        attention=items[:LISTED],
        left_off=len(items[LISTED:]),
        attention_title=attention_title(items, figures),
        most_named=NAMED,
        short_name=short_name,
        reasons=whole.reasons,
        most_reasons=LISTED,
        newest=newest,
        written=written.total,
        dissatisfied=sum(written.levels.get(level, 0) for level in LOW),
        units={key: text(unit.name) for key, unit in figures.scope.tree.agencies.items()},
        level_names=level_names(),
        words=verdict_text,
        second_line=second_line,
        second_share=second_share(figures),
        titles=overview_text,
        caveats=caveats,
        short_period=short_period,
    )
    return CachedFigures.of(html, bool(figures.judged.total.answered or figures.judged.total.finished))
