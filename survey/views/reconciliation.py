"""Was everyone asked? What became of the finished cases, unit by unit, and who falls short."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.database import local_day, now
from survey.models import Role
from survey.reconciliation import reconcile
from survey.views import choices, guard, wording
from survey.views.context import session

pages = Blueprint("reconciliation", __name__, url_prefix="/staff")


@pages.get("/reconciliation")
@guard.requires(Role.VIEWER)
def show() -> str:
    """Show the reconciliation of the chosen period and agency; by default the last month and the account's own."""
    today = local_day(now())
    period = choices.period_asked(today)
    agency, _ = guard.agency(request.args.get("agency"), period.last)
    return render_template(
        "staff/reconciliation.html",
        found=reconcile(session(), period, agency.id, now()),
        agency=agency,
        period=period,
        period_name=wording.period_name(period),
        periods=choices.offered(today, period.basis, period),
    )
