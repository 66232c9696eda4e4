"""The list of the procedures that an agency and its units carry out."""

from __future__ import annotations

from flask import Blueprint, request

from survey.models import Role
from survey.periods import local_day, now
from survey.web.staff import access, period_picker
from survey.web.staff.row_lists import list_page

pages = Blueprint("procedures", __name__, url_prefix="/staff")


@pages.get("/procedures")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the procedures of an agency and of all below it."""
    return list_page(
        access.scope(request.args.get("agency"), period_picker.period_asked(local_day(now()))), "procedure"
    )
