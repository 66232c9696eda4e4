"""The overview of one agency and period as it is drawn: verdict, what needs attention, reasons, units, factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template

from analysis.validation import exact_target
from survey.callbacks import words as call_back_words
from survey.callbacks.figures import CallBackFigures
from survey.charts.axis import Axis, axis_beside, axis_for
from survey.charts.strip import strip
from survey.charts.trend import trend_drawing
from survey.comments.reading import CommentFilter, CommentsInScope, Offered
from survey.comments.standing import LATE, state_words
from survey.i18n import text
from survey.periods import parse, previous
from survey.results import caveats, overview_text, verdict_text
from survey.results.attention import NAMED, Waiting, attention, attention_title
from survey.results.changes import RowChange
from survey.results.channel_names import REFERENCE, channel_name
from survey.results.charts import level_names
from survey.results.earlier import EarlierRate
from survey.results.factors import FactorRow, by_questionnaire
from survey.results.figures import Figures
from survey.results.overview import Overview
from survey.results.period_names import period_words, short_period
from survey.results.rows import JudgedRow, name_of, short_name
from survey.results.second_target import second_line
from survey.tasks.listing import LATE as OVERDUE
from survey.tasks.subjects import signalled
from survey.web.request import finish_reading
from survey.web.staff.figures_cache import CachedFigures
from survey.web.staff.follow_up import address
from survey.web.staff.task_marks import TaskMarks

LOW, FEW = frozenset({1, 2, 3}), 5  # comments on the page: of whom, and how many
MOST_LISTED = 12  # procedures of one unit, those with most answers


def draw_overview(
    overview: Overview,
    moved: Mapping[int, RowChange],
    comments: CommentsInScope,
    marks: TaskMarks,
    alerts: Sequence[tuple[str, str]],
    earlier: Sequence[EarlierRate],
    called: CallBackFigures | None,
    *,
    leaf: bool,
) -> CachedFigures:
    """Draw the overview; the database is left before anything is rendered.

    `moved` tells how rows have changed since the period before; `alerts` are those that stand;
    `earlier` is what other systems counted before, `called` what a finished call-back says.
    """
    written = comments.offered()
    waits = waiting(written, marks, alerts)
    newest = comments.page(CommentFilter(levels=LOW), 0, FEW)
    finish_reading()
    figures = overview.figures
    target = float(exact_target(figures.target))
    total = figures.judged.total
    most = sorted((row for row in figures.judged.rows if row.shown), key=lambda row: -row.answered)[:MOST_LISTED]
    listed = sorted(most, key=lambda row: row.rate or 0.0)
    period_before = period_words(previous(figures.period))
    items = attention(figures, moved, waits, period_before)
    html = render_template(
        "staff/_overview.html",
        attention=items,
        attention_title=attention_title(items, figures),
        most_named=NAMED,
        short_name=short_name,
        figures=figures,
        target=target,
        trend=overview.trend,
        drawing=trend_drawing(overview.trend, figures.target, earlier),
        earlier=earlier,
        signalled=signalled(overview.trend),
        before=period_before,
        rate_axis=axis_beside(total.lower, target),
        strip=strip([(short_name(row), row) for row in figures.judged.rows], target),
        rows=[row for row in figures.judged.rows if not row.pooled],
        leaf=leaf,
        listed=listed,
        rows_axis=_axis_of(listed, target),
        name_of=name_of,
        reference=[(channel_name(channel), part.total) for channel, part in figures.for_reference.items()],
        reasons=overview.reasons,
        factors=by_questionnaire(overview.factors) if any(row.answered for row in overview.factors) else (),
        factor_axis=_axis_of(overview.factors, target),
        importance=overview.importance,
        weights={row.question: row.importance for row in overview.importance.rows or ()},
        marks=marks,
        newest=newest,
        written=written.total,
        dissatisfied=sum(written.levels.get(level, 0) for level in LOW),
        address=address,
        level_names=level_names(),
        units={key: text(unit.name) for key, unit in figures.scope.tree.agencies.items()},
        channels={channel: channel_name(channel) for channel in REFERENCE},
        state_words=state_words,
        words=verdict_text,
        called=called,
        call_back_words=call_back_words,
        second_line=second_line,
        second_share=second_share(figures),
        titles=overview_text,
        caveats=caveats,
        short_period=short_period,
        month_words=lambda code: period_words(parse(code, figures.period.basis)),
    )
    return CachedFigures.of(html, bool(total.answered or total.finished))


def second_share(figures: Figures) -> float | None:
    """Return the target that stands beside the headline, to be marked on an axis; None where there is none."""
    beside_it = figures.standard.beside
    return None if beside_it is None else float(exact_target(beside_it.share))


def waiting(written: Offered, marks: TaskMarks, alerts: Sequence[tuple[str, str]]) -> Waiting:
    """Return what waits for somebody: of these comments, of the tasks beside the figures, and the alerts that stand."""
    period = period_words(marks.beside.scope.period)
    late, new = (written.statuses.get(status, 0) for status in (LATE, "new"))
    return Waiting(late, new, marks.beside.counts[OVERDUE], alerts, period)


def _axis_of(rows: Sequence[FactorRow | JudgedRow], target: float) -> Axis:
    return axis_for([*(row.lower for row in rows if row.shown), target])
