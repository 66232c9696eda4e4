"""The list of the units of an agency."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from survey.models import Role
from survey.organisation.agencies import may_see
from survey.periods import local_day, now
from survey.web.staff import access, period_picker
from survey.web.staff.row_lists import list_page

pages = Blueprint("units", __name__, url_prefix="/staff")


@pages.get("/units")
@access.requires(Role.VIEWER)
def show() -> str | Response:
    """Show the units of an agency; of a unit that has none, those beside it, if the reader may see these."""
    scope = access.scope(request.args.get("agency"), period_picker.period_asked(local_day(now())))
    above = scope.tree.path(scope.agency_id)[:-1]
    own = access.who().agency_id
    if above and not scope.tree.children.get(scope.agency_id) and may_see(scope.tree, above[-1].id, own):
        there: dict[str, Any] = {**request.args, "agency": above[-1].code}
        return redirect(url_for("units.show", **there))
    return list_page(scope, "unit")
