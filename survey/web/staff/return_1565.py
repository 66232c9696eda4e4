"""What a province hands in under Decision 1565/QĐ-TTg: shown as it will stand in the file."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request

from survey.models import Role
from survey.periods import Period, local_day, now, parse
from survey.reports import return_1565 as returns
from survey.results import caveats, verdict_text
from survey.results.rows import name_of
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, labels, period_picker

pages = Blueprint("return_1565", __name__, url_prefix="/staff")


@pages.get("/return-1565")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the return of an agency and period; by default of this year, for it is handed in once a year."""
    today = local_day(now())
    period = period_of_return(today)
    scope = access.scope(request.args.get("agency"), period)
    owed = returns.return_1565(session(), scope, standard(), today)
    finish_reading()
    return render_template(
        "staff/return_1565.html",
        agency=scope.agency,
        batches=caveats.by_batches(scope),
        figures=owed.figures,
        name_of=name_of,
        owed=owed,
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
        source=returns.source(owed),
        table="return-1565",
        total=owed.figures.judged.total,
        words=verdict_text,
    )


def period_of_return(today: dt.date) -> Period:
    """Return the period that the address asks for, or this year.

    Raises:
        InvalidPeriod: it asks for none that there is.
    """
    if request.args.get("period", "").strip():
        return period_picker.period_asked(today)
    return parse(str(today.year), period_picker.basis_of(request.args.get("basis")))
