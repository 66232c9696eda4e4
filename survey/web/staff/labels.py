"""Words of the staff pages for periods, roles, units and kinds of file."""

from __future__ import annotations

from survey.i18n import gettext, msgid, text
from survey.models import Role
from survey.organisation.agencies import agency_names, today
from survey.results.period_names import period_name
from survey.web.request import session

__all__ = ["format_names", "period_name", "role_name", "unit_names"]

ROLES = {
    Role.VIEWER: msgid("Viewer"),
    Role.MANAGER: msgid("Manager"),
    Role.ADMINISTRATOR: msgid("Administrator"),
    Role.AUDITOR: msgid("Auditor"),
}


def role_name(role: Role) -> str:
    """Return a role in words."""
    return gettext(ROLES[role])


def unit_names() -> dict[int, str]:
    """Return by its id what each agency is called today, under whichever of its names it was entered."""
    return {agency_id: text(name) for agency_id, name in agency_names(session(), today()).items()}


def format_names() -> dict[str, str]:
    """Return what people call each kind of file."""
    return {
        "docx": gettext("Word document (.docx)"),
        "xlsx": gettext("Excel workbook (.xlsx)"),
        "csv": gettext("Table of figures (.csv)"),
        "json": gettext("Data for programs (.json)"),
    }
