"""Was everyone asked? What became of the finished cases, unit by unit, and who falls short."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.models import Role
from survey.periods import local_day, now
from survey.results import caveats
from survey.results.invitation_coverage import invitation_coverage
from survey.results.verdict_text import coverage_text
from survey.web.request import finish_reading, session
from survey.web.staff import access, labels, period_picker

pages = Blueprint("invitation_coverage", __name__, url_prefix="/staff")


@pages.get("/invitation-coverage")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show what became of the cases finished in a period; by default in the last month, of the account's own agency."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    coverage = invitation_coverage(session(), scope, now())
    finish_reading()
    return render_template(
        "staff/invitation_coverage.html",
        coverage=coverage,
        agency=scope.agency,
        coverage_text=coverage_text,
        withdrawn=caveats.withdrawn(coverage.total),
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
    )
