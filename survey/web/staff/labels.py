"""Words of the staff pages for periods, roles and instants."""

from __future__ import annotations

import datetime as dt

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from survey.i18n import current_language, date, gettext, msgid
from survey.models import Role
from survey.periods import LOCAL_ZONE, Period

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
        month = format_skeleton("yMMMM", dt.date(int(year), int(kind), 1), locale=Locale.parse(current_language()))
        return month[:1].upper() + month[1:]
    return str(gettext(NAMES[kind], year=year))


def role_name(role: Role) -> str:
    """Return a role in words."""
    return str(gettext(ROLES[role]))


def instant(value: dt.datetime) -> str:
    """Return a moment as people in Viet Nam read it: 08:12, 23/11/2026."""
    return f"{value.astimezone(LOCAL_ZONE):%H:%M}, {date(value)}"


def format_names() -> dict[str, str]:
    """Return what people call each kind of file."""
    return {
        "docx": gettext("Word document (.docx)"),
        "xlsx": gettext("Excel workbook (.xlsx)"),
        "csv": gettext("Table of figures (.csv)"),
        "json": gettext("Data for programs (.json)"),
    }


def decimals(value: float | None) -> str:
    """Return a mean score with two decimals: 4,37; a missing one is an en dash.

    >>> decimals(None)
    '–'
    """
    return "–" if value is None else str(format_decimal(value, format="0.00", locale=Locale.parse(current_language())))
