"""Put in answers on paper and by telephone, one sheet after the other, and take back the last one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from survey import questionnaires
from survey.collection import sheets
from survey.collection.answers import read_answers
from survey.collection.sheets import Pile, Sheet
from survey.errors import Conflict, InvalidAnswers
from survey.i18n import gettext, text
from survey.models import INTERVIEWED, Agency, Channel, Respondent, Role
from survey.organisation import agencies, procedures
from survey.organisation.dated_tree import valid
from survey.periods import local_day, now
from survey.questionnaires import IN_PERSON, SHORT, Questionnaire
from survey.results.channel_names import channel_name
from survey.security.tokens import KEY, new_token, receipt_code
from survey.web.request import session, settings
from survey.web.staff import access

pages = Blueprint("sheets", __name__, url_prefix="/staff/sheets")
RESPONDENTS = {one.name.lower(): one for one in Respondent}


@dataclass(frozen=True)
class SheetPlace:
    """What holds for one sheet after the other, as it was chosen."""

    agency: Agency
    channel: Channel
    procedure: str
    procedure_id: int | None
    questionnaire: Questionnaire
    day: str
    respondent: str

    @property
    def chosen(self) -> dict[str, Any]:
        """Return it as an address carries it."""
        return {
            "agency": self.agency.code,
            "channel": self.channel.name.lower(),
            "procedure": self.procedure,
            "questionnaire": self.questionnaire.code,
            "day": self.day,
            "respondent": self.respondent,
        }


@pages.get("")
@access.requires(Role.INTERVIEWER)
def show() -> str:
    """Show the form for one sheet, after what was done with the last one."""
    return _page(_place(request.args), saved=request.args.get("saved", ""))


@pages.post("")
@access.requires(Role.INTERVIEWER)
def enter() -> AnyResponse | tuple[str, int]:
    """Record one sheet and show the form for the next."""
    place, moment, who = _place(request.form), now(), access.who().staff_id
    key = request.form.get("key", "")
    try:
        answers = read_answers(place.questionnaire, request.form.getlist)
        sheet = Sheet(answers, _day(place.day), RESPONDENTS.get(place.respondent), key if KEY.fullmatch(key) else "")
        pile = Pile(place.agency.id, place.channel, place.procedure_id, place.questionnaire)
        receipt = sheets.enter(session(), settings().secret_key, pile, sheet, who, moment)
        session().commit()
    except InvalidAnswers as refused:
        faults = {name: gettext(message, **values) for name, (message, values) in refused.faults.items()}
        return _page(place, faults=faults), 422
    except Conflict as conflict:
        session().rollback()
        return _page(place, notice=gettext(conflict.message)), 409
    saved = sheets.permit(settings().secret_key, receipt, who)
    return redirect(url_for("sheets.show", **place.chosen, saved=saved), 303)


@pages.post("/undo")
@access.requires(Role.INTERVIEWER)
def undo() -> AnyResponse | tuple[str, int]:
    """Take back the sheet that this account has just put in."""
    place = _place(request.form)
    try:
        sheets.take_back(session(), settings().secret_key, request.form.get("saved", ""), access.who().staff_id, now())
        session().commit()
    except Conflict as conflict:
        session().rollback()
        return _page(place, notice=gettext(conflict.message)), 409
    return redirect(url_for("sheets.show", **place.chosen, saved="undone"), 303)


def may_enter_sheets() -> bool:
    """Return whether the account may put in sheets."""
    return access.may_change(Role.INTERVIEWER)


def _page(place: SheetPlace, *, saved: str = "", notice: str = "", faults: dict[str, str] | None = None) -> str:
    today = local_day(now())
    values = request.form if faults or notice else MultiDict[str, str]()
    key = values.get("key", "")
    offered = procedures.in_force(session(), today)
    receipt = sheets.permitted(settings().secret_key, saved, access.who().staff_id, now())
    return render_template(
        "staff/sheets.html",
        place=place,
        units=_units(today),
        channels=[(one.name.lower(), channel_name(one)) for one in INTERVIEWED],
        asked=[(one.code, text(one.title)) for one in questionnaires.all_asked_now(session()).values()],
        procedures=[offered[code] for code in sorted(offered)],
        key=key if KEY.fullmatch(key) else new_token(),
        values=values,
        saved=receipt_code(receipt) if receipt else "",
        permit=saved,
        undone=saved == "undone",
        notice=notice,
        faults=faults or {},
        today=today,
    )


def _place(given: MultiDict[str, str]) -> SheetPlace:
    """Return what was chosen; what cannot be is what is usual."""
    today = local_day(now())
    agency, _tree = access.agency(given.get("agency") or None, today)
    asked = questionnaires.all_asked_now(session())
    usual = IN_PERSON if IN_PERSON in asked else SHORT
    code = given.get("questionnaire", "")
    procedure = procedures.in_force(session(), today).get(given.get("procedure", "").strip())
    channels = {one.name.lower(): one for one in INTERVIEWED}
    return SheetPlace(
        agency,
        channels.get(given.get("channel", ""), Channel.PAPER),
        procedure.code if procedure else "",
        procedure.id if procedure else None,
        asked[code] if code in asked else questionnaires.asked_now(session(), usual),
        given.get("day", "")[:10] or today.isoformat(),
        given.get("respondent", "") if given.get("respondent", "") in RESPONDENTS else "",
    )


def _day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise Conflict(sheets.NOT_THEN) from None


def _units(today: dt.date) -> list[tuple[str, str]]:
    tree = agencies.tree(session(), today)
    own = tree.named_now(access.who().agency_id)
    below = [tree.agencies[one] for one in tree.subtree(own.id)]
    return [(one.code, text(one.name)) for one in below if valid(one, today)]
