"""Words of the staff pages for periods, roles, units and kinds of file."""

from __future__ import annotations

from survey.i18n import gettext, month, msgid, text
from survey.models import Role
from survey.organisation.agencies import agency_names, today
from survey.periods import Period
from survey.web.request import session

NAMES = {
    "": msgid("Year %(year)s"),
    "Q1": msgid("Quarter 1 of %(year)s"),
    "Q2": msgid("Quarter 2 of %(year)s"),
    "Q3": msgid("Quarter 3 of %(year)s"),
    "Q4": msgid("Quarter 4 of %(year)s"),
    "H1": msgid("First half of %(year)s"),
    "H2": msgid("Second half of %(year)s"),
    "9M": msgid("First nine months of %(year)s"),
}
ROLES = {
    Role.VIEWER: msgid("Viewer"),
    Role.MANAGER: msgid("Manager"),
    Role.ADMINISTRATOR: msgid("Administrator"),
    Role.AUDITOR: msgid("Auditor"),
}


def period_name(period: Period) -> str:
    """Return what people call a period: "Tháng 10 năm 2026", "Quý III năm 2026", "Quarter 3 of 2026"."""
    year, kind = period.code[:4], period.code[5:]
    if kind.isdigit():
        name = month(int(year), int(kind))
        return name[:1].upper() + name[1:]
    return gettext(NAMES[kind], year=year)


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
        "csv-excel": gettext("Table for Excel (.csv)"),
        "csv": gettext("Table for programs (.csv)"),
        "json": gettext("Data for programs (.json)"),
    }
