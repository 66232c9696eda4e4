"""Reports out: the .json of the report by the rights of a key, its JSON Schema, and what the columns of a .csv mean."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from pydantic import Field

from survey import periods, reports
from survey.accounts.api_keys import KeyScope
from survey.i18n import current_language
from survey.organisation.code_formats import STRANGE_AGENCY_CODE
from survey.periods import local_day, now
from survey.reports import csv, json
from survey.reports.schema import BasisName
from survey.reports.schema_document import ReportData
from survey.results.scope import reader_of, scope_asked
from survey.web.api import access
from survey.web.api.counts import PeriodCode
from survey.web.api.operations import Asked, Query, json_reply, operation, pages
from survey.web.request import reading, standard


class ReportQuery(Query):
    """Which report."""

    period: PeriodCode
    basis: BasisName = Field("calendar", description="Calendar months, or from the 15th to the 14th.")
    agency: Annotated[str, Field(pattern=f"^{STRANGE_AGENCY_CODE.pattern}$")] | None = Field(
        None, description="Code of an agency in the key's subtree; without it, the key's own."
    )


@operation("/reports", "GET", ReportData, query=ReportQuery, scope=KeyScope.COUNTS_READ, errors=(404,))
def read_report(asked: Asked) -> Response:
    """Return the report of a period as the file .json holds it, byte for byte.

    Its shape is published at `/api/v1/report.schema.json`. `lang` is the language of its few texts. The figures are
    those that the key's agency may see, as on the dashboard; those of a closed period never change.
    """
    period, own = periods.parse(asked.query.period, asked.query.basis), asked.holder.agency_id
    with reading() as session:
        scope = scope_asked(session, period, asked.query.agency, own, reader_of(session, own))
        report = reports.build(session, scope, standard(), local_day(now()), language=current_language())
    return json_reply(json.written(report))


@pages.get("/report.schema.json")
def report_schema() -> Response:
    """Publish the JSON Schema of reports; no key is needed to read it."""
    access.count_unauthenticated()
    return Response(json.schema(), content_type="application/schema+json")


@pages.get("/report.dictionary.csv")
def report_dictionary() -> Response:
    """Publish what the columns of a report's .csv mean; no key is needed to read it."""
    access.count_unauthenticated()
    response = Response(csv.dictionary(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="hailong_dictionary.csv"'
    response.headers["Content-Language"] = current_language()
    return response
