"""The figures of one agency and period: verdict, picture, table; and down from province to unit to procedure."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey import periods, remarks, reports, sentences
from survey.database import local_day, now
from survey.factors import factors
from survey.figures import figures
from survey.figures import rows as plain_rows
from survey.importance import importance
from survey.models import Role
from survey.trends import trend
from survey.views import charts, choices, guard, wording
from survey.views.context import session, settings
from survey.views.lines import SORTS, lines

pages = Blueprint("dashboard", __name__, url_prefix="/staff")


@pages.get("/")
@guard.requires(Role.VIEWER)
def show() -> str:
    """Show the figures of the chosen period and agency; by default the last month and the account's own."""
    today = local_day(now())
    basis = choices.basis_of(request.args.get("basis"))
    asked = request.args.get("period", "").strip()
    period = periods.parse(asked, basis) if asked else choices.last_ended(today, basis)
    agency, known = guard.agency(request.args.get("agency"), period.last)
    leaf = not known.children.get(agency.id)
    by = "procedure" if leaf or request.args.get("by") == "procedure" else "unit"
    rule = {"target": settings().target, "confidence": settings().confidence, "today": today}
    found = figures(session(), period, agency.id, by, **rule)  # type: ignore[arg-type]
    moved = trend(session(), period, agency.id, **rule)  # type: ignore[arg-type]
    order = request.args.get("sort", "")
    rows = lines(found, order)
    rated = factors(session(), period, agency.id, confidence=settings().confidence)
    weighed = importance(session(), period, agency.id, rated, found.total["judged"]["answered"])
    return render_template(
        "staff/dashboard.html",
        found=found,
        said=sentences,
        remarks=remarks,
        period_name=wording.period_name(period),
        lines=rows,
        order=order,
        sorts=SORTS,
        path=[a for a in known.path(agency.id) if known.within(a.id, guard.who().agency_id)],
        leaf=leaf,
        moved=moved,
        intervals=charts.intervals(found, rows),
        movement=charts.movement(found, moved),
        levels=charts.levels(found, rows),
        funnel=charts.funnel(found, rows),
        factors=plain_rows(rated),
        weighed=weighed,
        quadrant=charts.importance(found, weighed),
        periods=choices.offered(today, basis, period),
        most_rows=charts.MOST_ROWS,
        formats=list(reports.FORMATS),
        format_names=wording.format_names(),
    )
