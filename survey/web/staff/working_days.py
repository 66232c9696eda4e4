"""The days on which offices rest or work: holidays of the calendar, and those that the province says were moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.i18n import current_language, date, msgid
from survey.models import Role
from survey.organisation import working_days
from survey.organisation.working_days import LONGEST_REASON, MovedFault
from survey.periods import local_day, now
from survey.web.request import session
from survey.web.staff import access
from survey.web.staff.editable_list import rows_sent, words_by_row

pages = Blueprint("working_days", __name__, url_prefix="/staff/working-days")
BLANK_LINES = 3


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the holidays of this year and the next, and the moved days."""
    moves = working_days.moves(session())
    entries = [
        {
            "day": one.day.isoformat(),
            "shown": date(one.day),
            "works": "yes" if one.works else "no",
            "reason": one.reason,
        }
        for one in moves
    ]
    return _page(entries, [])


@pages.post("")
@access.requires(Role.MANAGER)
def save() -> AnyResponse | tuple[str, int]:
    """Put the list that was sent in the place of the one before.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("The working days are kept by the province. Please ask a manager of the province."))
    entries = rows_sent("day", "works", "reason")
    listed, faults = working_days.read(entries)
    if faults:
        return _page(entries, faults), 422
    working_days.save(session(), listed, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for("working_days.show", saved=1), 303)


def _page(entries: Sequence[Mapping[str, str]], faults: Sequence[MovedFault]) -> str:
    may_edit = access.may_change_for_the_province(Role.MANAGER)
    blank = [] if faults or not may_edit else [{"works": "no"}] * BLANK_LINES
    year = local_day(now()).year
    return render_template(
        "staff/working_days.html",
        entries=[*entries, *blank],
        faults=words_by_row(faults),
        longest=LONGEST_REASON,
        may_edit=may_edit,
        saved=request.args.get("saved") == "1",
        years=[(one, working_days.holidays_of(one, current_language())) for one in (year, year + 1)],
    )
