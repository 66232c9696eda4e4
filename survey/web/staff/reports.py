"""Ask for a report: the same figures as on the dashboard, as documents; every one that is asked for is on record."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from survey import periods, reports
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import NotFound
from survey.models import JobKind, Role
from survey.periods import now
from survey.results.scope import Reader
from survey.web.request import reading, session
from survey.web.staff import access, jobs
from survey.web.survey import this_survey

pages = Blueprint("reports", __name__, url_prefix="/staff")


@pages.post("/report")
@access.requires(Role.VIEWER)
def request_report() -> Response:
    """Ask for the report, and lead to the page where it can be fetched."""
    ending, language = request.form.get("format", ""), request.form.get("lang", "")
    public = request.form.get("edition", "") == "public"
    if ending not in reports.FORMATS or language not in this_survey().languages:
        raise NotFound("There is no report in this format or language. Please choose one from the list.")
    if public and ending not in reports.PRINTED:
        raise NotFound("The public edition is made as .docx, as .pdf and as one paragraph only.")
    period = periods.parse(request.form.get("period", ""), request.form.get("basis", ""))
    with reading() as looking:  # the request's own session would hold SQLite's write lock meanwhile
        scope = access.scope(request.form.get("agency"), period, looking)
    agency, closed = scope.agency, scope.closing is not None
    about = {"agency": agency.code, "period": period.code, "basis": str(period.basis), "format": ending}
    trail.append(session(), access.who().staff_id, Act.REPORT_REQUESTED, now(), **about)
    asked = {"period": period.code, "basis": str(period.basis), "format": ending, "language": language}
    asked["reader"] = Reader.PUBLIC.value if public else scope.reader.value
    return jobs.begin(JobKind.REPORT, agency, asked, settled=closed)
