"""Words of the staff pages for periods, roles, units and kinds of file."""

from __future__ import annotations

import datetime as dt

from survey.i18n import gettext, msgid, text
from survey.models import Role
from survey.organisation.agencies import agency_names, today
from survey.organisation.dated_tree import Tree, valid
from survey.results.period_names import period_name
from survey.web.request import session

__all__ = ["format_names", "period_name", "role_name", "unit_names"]

ROLES = {
    Role.VIEWER: msgid("Viewer"),
    Role.MANAGER: msgid("Manager"),
    Role.ADMINISTRATOR: msgid("Administrator"),
    Role.AUDITOR: msgid("Auditor"),
    Role.INTERVIEWER: msgid("Interviewer"),
}


def role_name(role: Role) -> str:
    """Return a role in words."""
    return gettext(ROLES[role])


def unit_names() -> dict[int, str]:
    """Return by its id what each agency is called today, under whichever of its names it was entered."""
    return {agency_id: text(name) for agency_id, name in agency_names(session(), today()).items()}


def unit_choices(tree: Tree, own_id: int, day: dt.date) -> list[tuple[str, str]]:
    """Return code and name of an agency and every one below it that there is on a day, as a form offers them."""
    below = (tree.agencies[one] for one in tree.subtree(tree.named_now(own_id).id))
    return [(one.code, text(one.name)) for one in below if valid(one, day)]


def format_names() -> dict[str, str]:
    """Return what people call each kind of file."""
    return {
        "docx": gettext("Word document (.docx)"),
        "pdf": gettext("PDF to be signed (.pdf)"),
        "xlsx": gettext("Excel workbook (.xlsx)"),
        "csv-excel": gettext("Table for Excel (.csv)"),
        "csv": gettext("Table for programs (.csv)"),
        "json": gettext("Data for programs (.json)"),
        "paragraph": gettext("One paragraph to be pasted (.txt)"),
    }


def saved_words(saved: str) -> str:
    """Return what became of the step that led to a page: taken ("1"), none at all ("0"), or nothing to say."""
    words = {"1": msgid("Saved."), "0": msgid("Nothing was changed, so there is no new step.")}
    return gettext(words[saved]) if saved in words else ""
