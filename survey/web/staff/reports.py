"""Download a report: the same figures as on the dashboard, as documents; every download is on record."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Blueprint, Response, request

from survey import periods, reports
from survey.audit import trail
from survey.errors import NotFound
from survey.models import Role
from survey.periods import local_day, now
from survey.results.scope import Scope
from survey.web.request import session, standard
from survey.web.staff import access
from survey.web.survey import this_survey

pages = Blueprint("reports", __name__, url_prefix="/staff")
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


@pages.post("/report")
@access.requires(Role.VIEWER)
def download() -> Response:
    """Write the report that was asked for and send it."""
    ending, language = request.form.get("format", ""), request.form.get("lang", "")
    if ending not in reports.FORMATS or language not in this_survey().languages:
        raise NotFound("There is no report in this format or language. Please choose one from the list.")
    period = periods.parse(request.form.get("period", ""), request.form.get("basis", ""))
    # Apart from the request's own session: writing a report takes seconds, and answers must not wait for it.
    with this_survey().database.session(writes=False) as reading:
        agency, tree = access.agency(request.form.get("agency"), period.last, reading)
        scope = Scope(period, agency.id, tree)
        report = reports.build(reading, scope, standard(), local_day(now()), language=language)
    with tempfile.TemporaryDirectory() as folder:
        [path] = reports.write(report, Path(folder), [ending])
        response = Response(path.read_bytes(), content_type=TYPES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    about = {"agency": agency.code, "period": period.code, "basis": str(period.basis), "format": ending}
    trail.append(session(), access.who().staff_id, "report.download", now(), **about)
    session().commit()
    return response
