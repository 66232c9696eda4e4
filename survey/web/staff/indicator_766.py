"""The national portal's 766 indicator by agency, apart from the satisfaction rate: its points, and what is missing."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from analysis.indicator_766 import MOST_POINTS
from survey.models import Role
from survey.periods import local_day, now
from survey.reports import portal_table
from survey.reports.portal_indicator import portal_indicator
from survey.results.figures import figures
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, labels, period_picker

pages = Blueprint("indicator_766", __name__, url_prefix="/staff")


@pages.get("/indicator-766")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the indicator of the chosen period and agency, in both wordings, with what is missing to the most points."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    indicator = portal_indicator(session(), figures(session(), scope, standard(), today))
    finish_reading()
    return render_template(
        "staff/indicator_766.html",
        agency=scope.agency,
        indicator=indicator,
        most=MOST_POINTS,
        words=portal_table,
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
        table="indicator-766",
    )
