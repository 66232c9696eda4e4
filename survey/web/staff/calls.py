"""The page of whoever calls: the next person, the number for the call alone, and how the call ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey import questionnaires
from survey.callbacks import calls
from survey.callbacks.calls import NO_OUTCOME, CallEnd, PersonToCall
from survey.callbacks.outcomes import MEANINGS, OFFERED, CallAnswers
from survey.errors import Conflict
from survey.i18n import error_text, gettext, language_name, msgid, speaking, text
from survey.models import CallBackStratum, CallOutcome, Role
from survey.organisation import agencies
from survey.periods import now
from survey.security.tokens import KEY, new_token
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.survey import this_survey

pages = Blueprint("calls", __name__, url_prefix="/staff/calls")
_WHY = msgid("Only interviewers of the province call people, so that no unit asks about its own work.")
_SAYS = {"yes": True, "no": False}


def may_call() -> bool:
    """Return whether the account may call people."""
    return access.may_change_for_the_province(Role.INTERVIEWER)


@pages.get("")
@access.requires(Role.INTERVIEWER)
def show() -> str:
    """Show the person whom the account has taken, without the number, or how many wait."""
    access.require_province(_WHY)
    return _page(calls.held(session(), access.who().staff_id, now()))


@pages.post("/next")
@access.requires(Role.INTERVIEWER)
def take() -> AnyResponse:
    """Take the next person."""
    access.require_province(_WHY)
    calls.take_next(session(), settings().secret_key, access.who().staff_id, now())
    session().commit()
    return redirect(url_for(".show"), 303)


@pages.post("/<int:number>/number")
@access.requires(Role.INTERVIEWER)
def number(number: int) -> str | tuple[str, int]:
    """Show the number of the person for the call, on record; no other page shows it."""
    access.require_province(_WHY)
    try:
        shown = calls.number_for_call(session(), settings().secret_key, number, access.who().staff_id, now())
        session().commit()
    except Conflict as conflict:
        session().rollback()
        return _page(calls.held(session(), access.who().staff_id, now()), error_text(conflict)), 409
    return _page(calls.held(session(), access.who().staff_id, now()), phone=shown)


@pages.post("/<int:number>")
@access.requires(Role.INTERVIEWER)
def record(number: int) -> AnyResponse | tuple[str, int]:
    """Record how the call ended; the same form again changes nothing."""
    access.require_province(_WHY)
    staff_id, at = access.who().staff_id, now()
    person = calls.held(session(), staff_id, at)
    end = _end(request.form)
    if person is not None and person.id == number:
        wrong = {"outcome": NO_OUTCOME} if end is None else calls.faults(person.stratum, end)
    else:
        wrong = {}
    if wrong:
        return _page(person, faults={name: gettext(message) for name, message in wrong.items()}), 422
    try:
        if end is None:
            raise Conflict(NO_OUTCOME)
        calls.record(session(), number, staff_id, end, at)
        session().commit()
    except Conflict as conflict:
        session().rollback()
        return _page(calls.held(session(), staff_id, at), error_text(conflict)), 409
    return redirect(url_for(".show", saved=1), 303)


def _end(sent: Mapping[str, str]) -> CallEnd | None:
    """Return what was sent; None where it does not say how the call ended."""
    outcome, key = CallOutcome.__members__.get(sent.get("outcome", "").upper()), sent.get("key", "")
    if outcome not in OFFERED:
        return None
    rating = sent.get("rating", "")
    answers = CallAnswers(
        int(rating) if rating in {"1", "2", "3", "4", "5"} else None,
        _SAYS.get(sent.get("herself", "")),
        _SAYS.get(sent.get("freely", "")),
    )
    return CallEnd(outcome, key if KEY.fullmatch(key) else new_token(), answers)


def _page(
    person: PersonToCall | None, problem: str = "", *, phone: str = "", faults: Mapping[str, str] | None = None
) -> str:
    spoken = this_survey().languages[0]
    if person is not None and person.language in this_survey().languages:
        spoken = str(person.language)
    key = request.form.get("key", "")
    return render_template(
        "staff/calls.html",
        faults=faults or {},
        key=key if faults and KEY.fullmatch(key) else new_token(),
        left=calls.left(session(), now()),
        outcomes=[(one.name.lower(), gettext(MEANINGS[one].words), MEANINGS[one].code) for one in OFFERED],
        person=person,
        phone=phone,
        problem=problem,
        saved=request.args.get("saved") == "1",
        script=None if person is None else _script(person, spoken),
        silent=person is not None and person.stratum == CallBackStratum.SILENT,
        spoken=spoken,
        spoken_name=language_name(spoken),
        values=request.form if faults else {},
        walking=False,
    )


def _script(person: PersonToCall, language: str) -> dict[str, Any]:
    """Return what is said to the person, in the person's language: the question and its scale as the survey asks it."""
    asked = questionnaires.asked_now(session()).target
    about = {"procedure": text(person.procedure, language), "agency": text(person.agency, language)}
    with speaking(language):
        place = text(agencies.root(session()).name, language)
        return {
            "greeting": gettext(
                "Good day. I am calling for %(place)s about a case that was finished of late:", place=place
            ),
            "about": gettext("%(procedure)s, handled by %(agency)s.", **about),
            "voluntary": gettext(
                "You were drawn by chance. Answering is voluntary and takes about two minutes; your answer changes "
                "nothing about the case, and your number is erased afterwards. May I ask you?"
            ),
            "question": text(asked.text, language),
            "scale": [
                (option.value, text(option.text, language)) for option in asked.options if option.value in "12345"
            ],
            "herself": gettext("The survey about this case was answered. Did you answer it yourself?"),
            "freely": gettext("Could you answer freely, without anybody telling you or watching what to choose?"),
            "yes": gettext("Yes"),
            "no": gettext("No"),
            "thanks": gettext("Thank you very much. Good-bye."),
        }
