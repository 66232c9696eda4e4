"""The figures of one agency and period: verdict, picture, table; and down from province to unit to procedure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
from flask import Blueprint, render_template, request

from survey import periods, reports
from survey.i18n import current_language
from survey.models import Agency, Role
from survey.organisation import agencies
from survey.periods import Period, local_day, now
from survey.results import caveats, verdict_text
from survey.results.factors import factors
from survey.results.figures import By, Figures, figures
from survey.results.figures import rows as plain_rows
from survey.results.importance import Importance, importance
from survey.results.trends import Trend, trend
from survey.web.request import session, settings
from survey.web.staff import access, dashboard_charts, figures_cache, labels, period_picker
from survey.web.staff.dashboard_rows import lines
from survey.web.staff.figures_cache import Shown

pages = Blueprint("dashboard", __name__, url_prefix="/staff")


@dataclass(frozen=True)
class Page:
    """What a page is about, known before any figure is counted."""

    period: Period
    agency: Agency
    by: By
    target: str
    confidence: float
    demo: bool


@pages.get("/")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the figures of the chosen period and agency; by default the last month and the account's own."""
    today = local_day(now())
    basis = period_picker.basis_of(request.args.get("basis"))
    asked = request.args.get("period", "").strip()
    period = periods.parse(asked, basis) if asked else period_picker.last_ended(today, basis)
    agency, known = access.agency(request.args.get("agency"), period.last)
    leaf = not known.children.get(agency.id)
    by: By = "procedure" if leaf or request.args.get("by") == "procedure" else "unit"
    page = Page(period, agency, by, settings().target, settings().confidence, agencies.installation(session()).demo)
    order = request.args.get("sort", "")
    wanted = (settings().database_url, request.full_path, current_language(), access.who().agency_id)
    shown = figures_cache.kept(
        session(), period, known, today, wanted, lambda: _figures(page, today, leaf, order, wanted)
    )
    return render_template(
        "staff/dashboard.html",
        found=page,
        said=verdict_text,
        shown=shown,
        period_name=labels.period_name(period),
        path=[a for a in known.path(agency.id) if known.within(a.id, access.who().agency_id)],
        leaf=leaf,
        periods=period_picker.offered(today, basis, period),
        formats=list(reports.FORMATS),
        format_names=labels.format_names(),
    )


def _figures(page: Page, today: dt.date, leaf: bool, order: str, asked: Hashable) -> Shown:
    rule: dict[str, Any] = {"target": page.target, "confidence": page.confidence, "today": today}
    found = figures(session(), page.period, page.agency.id, page.by, **rule)
    moved = trend(session(), page.period, page.agency.id, **rule)
    rated = factors(session(), page.period, page.agency.id, confidence=page.confidence)
    weighed = importance(session(), page.period, page.agency.id, rated, found.total["judged"]["answered"])

    def draw() -> Shown:
        return _drawn(found, moved, rated, weighed, leaf, order)

    if found.closed:
        return draw()  # kept by what it was counted from
    agency = (found.agency.id, found.agency.code, found.agency.name, found.agency.level)
    counted = {one.name: getattr(found, one.name) for one in fields(found)} | {"agency": agency}
    return figures_cache.drawn(asked, (counted, moved, rated, weighed), draw)


def _drawn(found: Figures, moved: Trend, rated: pd.DataFrame, weighed: Importance, leaf: bool, order: str) -> Shown:
    rows = lines(found, order)
    html = render_template(
        "staff/_figures.html",
        found=found,
        said=verdict_text,
        remarks=caveats,
        lines=rows,
        order=order,
        leaf=leaf,
        moved=moved,
        intervals=dashboard_charts.intervals(found, rows),
        movement=dashboard_charts.movement(found, moved),
        levels=dashboard_charts.levels(found, rows),
        funnel=dashboard_charts.funnel(found, rows),
        factors=plain_rows(rated),
        weighed=weighed,
        quadrant=dashboard_charts.importance(found, weighed),
        most_rows=dashboard_charts.MOST_ROWS,
    )
    return Shown.of(html, bool(rows))
