"""The application as it was before there were jobs: a report is built by the process that serves. Only a control."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Response, request

from survey import periods, reports
from survey.app import create_app
from survey.models import Role
from survey.periods import local_day, now
from survey.results.scope import scope_for
from survey.web.request import reading, standard
from survey.web.staff import access

application = create_app()


@application.post("/staff/report-inside")
@access.requires(Role.VIEWER)
def report() -> Response:
    period = periods.parse(request.form["period"], request.form["basis"])
    with reading() as session:
        scope = scope_for(session, period, access.who().agency_id)
        built = reports.build(session, scope, standard(), local_day(now()), language=request.form["lang"])
    with tempfile.TemporaryDirectory() as folder:
        [path] = reports.write(built, Path(folder), [request.form["format"]])
        return Response(path.read_bytes())
