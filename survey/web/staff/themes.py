"""The word list of the themes: everybody may read by which words comments are sorted, the province changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.comments import themes
from survey.comments.themes import LONGEST_NAME, ThemeFault
from survey.i18n import msgid
from survey.models import Role
from survey.periods import now
from survey.questionnaires import REQUIRED_LANGUAGES
from survey.web.request import session
from survey.web.staff import access
from survey.web.staff.editable_list import rows_sent, words_by_row

pages = Blueprint("themes", __name__, url_prefix="/staff/themes")


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the themes with their words."""
    entries = [{"code": one.code, **one.name, "phrases": "\n".join(one.phrases)} for one in themes.themes(session())]
    return _page(entries, [])


@pages.post("")
@access.requires(Role.MANAGER)
def save() -> AnyResponse | tuple[str, int]:
    """Put the list that was sent in the place of the one before.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("The list of words is kept by the province. Please ask a manager of the province."))
    entries = rows_sent("code", *REQUIRED_LANGUAGES, "phrases")
    listed, faults = themes.read(entries, themes.themes(session()))
    if faults:
        return _page(entries, faults), 422
    themes.save(session(), listed, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for("themes.show", saved=1), 303)


def _page(entries: Sequence[Mapping[str, str]], faults: Sequence[ThemeFault]) -> str:
    may_edit = access.may_change_for_the_province(Role.MANAGER)
    blank = [] if faults or not may_edit else [{"code": ""}]
    return render_template(
        "staff/themes.html",
        entries=[*entries, *blank],
        faults=words_by_row(faults),
        longest=LONGEST_NAME,
        may_edit=may_edit,
        required=REQUIRED_LANGUAGES,
        saved=request.args.get("saved") == "1",
    )
