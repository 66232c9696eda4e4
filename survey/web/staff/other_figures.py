"""Other figures that a province owes, as files: built from what their pages show, and on record."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import NotFound
from survey.models import Role
from survey.organisation import agencies
from survey.periods import local_day, now, parse
from survey.reports import portal_table, quota_table, return_1565, service_table
from survey.reports.owed_tables import OwedTable, written
from survey.reports.portal_indicator import portal_indicator
from survey.reports.table_file import ENDINGS
from survey.results.figures import figures
from survey.results.scope import Scope
from survey.results.service_index import service_tables
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access
from survey.web.staff.comments import TYPES
from survey.web.staff.quotas import plan_asked

pages = Blueprint("other_figures", __name__, url_prefix="/staff")


@pages.post("/other-figures/file")
@access.requires(Role.VIEWER)
def file() -> Response:
    """Send a table as a file.

    Raises:
        NotFound: there is no such table or format.
    """
    name, ending = request.form.get("table", ""), request.form.get("format", "")
    if name not in TABLES or ending not in ENDINGS:
        raise NotFound("There is no report in this format or language. Please choose one from the list.")
    period = parse(request.form.get("period", ""), request.form.get("basis", ""))
    scope = access.scope(request.form.get("agency"), period)
    table = TABLES[name](scope)
    demo = agencies.installation(session()).demo
    about = {"table": name, "agency": scope.agency.code, "period": period.code, "basis": str(period.basis)}
    trail.append(session(), access.who().staff_id, Act.FIGURES_EXPORTED, now(), **about, format=ending)
    session().commit()
    finish_reading()
    response = Response(written(table, period, ending, demo=demo), content_type=TYPES[ending])
    named = f"hailong_{scope.agency.code}_{period.code}_{period.basis}_{name}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{named}"'
    return response


def _portal(scope: Scope) -> OwedTable:
    counted = figures(session(), scope, standard(), local_day(now()))
    return portal_table.portal_table(portal_indicator(session(), counted))


def _index(scope: Scope) -> OwedTable:
    return service_table.service_table(service_tables(session(), scope, standard()), scope.agency)


def _return(scope: Scope) -> OwedTable:
    return return_1565.return_table(return_1565.return_1565(session(), scope, standard(), local_day(now())))


def _quotas(scope: Scope) -> OwedTable:
    return quota_table.quota_table(plan_asked(scope, request.form), scope.held_to(standard()).target)


TABLES: dict[str, Callable[[Scope], OwedTable]] = {
    "indicator-766": _portal,
    "service-index": _index,
    "return-1565": _return,
    "quotas": _quotas,
}
