"""The targets: everybody may read which hold, from which day and by whose decision; the province sets them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts
from survey.i18n import gettext, msgid
from survey.models import Role
from survey.organisation import targets
from survey.organisation.targets import LANGUAGES, LONGEST_SOURCE, LONGEST_TITLE, TargetFaults
from survey.periods import local_day, now
from survey.results.verdict_text import target_text
from survey.web.request import session, settings
from survey.web.staff import access

pages = Blueprint("targets", __name__, url_prefix="/staff/targets")
_KEPT_BY_PROVINCE = msgid("Targets are set by the province. Please ask an administrator of the province.")
STATES = {"planned": msgid("not yet in force"), "in_force": msgid("in force"), "past": msgid("no longer in force")}
SAVED = {
    "added": msgid("The target is entered. Periods whose last day is its first day or later are held against it."),
    "ended": msgid("The target is ended or taken back."),
}


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show all targets, those in force first told apart."""
    return _page({"kind": "beside"}, {})


@pages.post("")
@access.requires(Role.ADMINISTRATOR)
def add() -> AnyResponse | tuple[str, int]:
    """Enter a target that begins on a later day.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(_KEPT_BY_PROVINCE)
    entered = request.form.to_dict()
    draft, faults = targets.read(session(), entered, local_day(now()))
    if draft is None:
        return _page(entered, faults), 422
    targets.add(session(), draft, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for("targets.show", saved="added"), 303)


@pages.post("/<int:number>")
@access.requires(Role.ADMINISTRATOR)
def end(number: int) -> AnyResponse:
    """Take back a target that has not begun, or end one that stands beside the headline.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(_KEPT_BY_PROVINCE)
    targets.end(session(), number, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for("targets.show", saved="ended"), 303)


def _page(entered: Mapping[str, str], faults: TargetFaults) -> str:
    rows, today = targets.listed(session()), local_day(now())
    longest = {f"title_{language}": LONGEST_TITLE for language in LANGUAGES}
    longest |= {f"source_{language}": LONGEST_SOURCE for language in LANGUAGES}
    return render_template(
        "staff/targets.html",
        rows=rows,
        states={row.id: targets.state(row, rows, today) for row in rows},
        state_words={name: gettext(words) for name, words in STATES.items()},
        endable={row.id for row in rows if targets.endable(row, today)},
        names=accounts.names(session()),
        from_settings=not any(row.headline and targets.state(row, rows, today) == "in_force" for row in rows),
        setting=settings().target,
        target_text=target_text,
        may_edit=access.may_change_for_the_province(Role.ADMINISTRATOR),
        entered=entered,
        faults={name: gettext(message, **values) for name, (message, values) in faults.items()},
        longest=longest,
        saved=gettext(SAVED[saved]) if (saved := request.args.get("saved", "")) in SAVED else "",
    )
