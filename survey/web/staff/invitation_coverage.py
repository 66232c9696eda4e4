"""Was everyone asked? What became of the finished cases, unit by unit, and who falls short."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.models import Role
from survey.periods import local_day, now
from survey.results.invitation_coverage import invitation_coverage
from survey.results.scope import Scope
from survey.results.verdict_text import coverage_text
from survey.web.request import session
from survey.web.staff import access, labels, period_picker

pages = Blueprint("invitation_coverage", __name__, url_prefix="/staff")


@pages.get("/reconciliation")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the reconciliation of the chosen period and agency; by default the last month and the account's own."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    agency, tree = access.agency(request.args.get("agency"), period.last)
    return render_template(
        "staff/invitation_coverage.html",
        coverage=invitation_coverage(session(), Scope(period, agency.id, tree), now()),
        agency=agency,
        coverage_text=coverage_text,
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
    )
