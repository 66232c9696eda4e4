"""A screen at a one-stop desk: counted as its own channel, switched off until a manager switches it on."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template
from markupsafe import Markup

from survey.collection import invitations
from survey.collection.answers import read_answers
from survey.errors import InvalidAnswers
from survey.models import Channel
from survey.security.tokens import new_token
from survey.web.citizen import questionnaire_choice, submission
from survey.web.citizen.visit import CHANGED, TOO_OLD, Visit, begin
from survey.web.current_survey import current_survey
from survey.web.questionnaire_page import HiddenFields

pages = Blueprint("kiosk", __name__)


@pages.get("/k/<code>")
def ask(code: str) -> Response:
    """Show the one question, large."""
    visit = _begin(code)
    current = visit.asked = current_survey()
    visit.asked = current.asking(questionnaire_choice.chosen(current, visit.look_up(current), ""))
    with visit.speaking():
        return _form_page(visit, visit.about(), 200, "", {})


@pages.post("/k/<code>")
def receive(code: str) -> Response:
    """Record one answer; one that waited without a network counts for the time at which it was given."""
    visit = _begin(code)
    form, current = visit.read_form(), current_survey()
    visit.asked = current
    visit.asked = current = current.asking(questionnaire_choice.chosen(current, visit.look_up(current), ""))
    # A desk that was without a network may have asked by an earlier version.
    questionnaire = questionnaire_choice.asked(current, form, visit.request.args.get("form", ""))
    visit.asked = current.asking(questionnaire)
    if form.one("again"):
        return visit.ask_again()
    if form.asked not in (None, questionnaire.id):
        return visit.give_back(409, CHANGED)
    if not form.ours:
        return visit.give_back(400, TOO_OLD)
    try:
        answers = read_answers(questionnaire.only(questionnaire.target), form.values)
    except InvalidAnswers as refused:
        return visit.give_back(refused.status, faults=refused.faults)
    receipt, _source = visit.record(questionnaire, answers)
    secret, path = visit.survey.settings.secret_key, visit.request.path
    proof = submission.proof(secret, path, questionnaire.id, visit.privacy_notice)
    with visit.speaking():
        page = render_template(
            "citizen/kiosk_thanks.html",
            current_survey=visit.current,
            questionnaire=questionnaire,
            hidden=HiddenFields(new_token(), proof, amends=submission.amendment(secret, receipt)),
            path=path,
        )
    return make_response(page)


def _begin(code: str) -> Visit:
    return begin(lambda connection, _when: invitations.place(connection, code, Channel.KIOSK), _form_page, shared=True)


def _form_page(visit: Visit, about: Markup, status: int, notice: str, faults: dict[str, str]) -> Response:
    """Ask the one question, with what was chosen if it is given back, on a page with a key of its own."""
    page = render_template(
        "citizen/kiosk.html",
        current_survey=visit.current,
        questionnaire=visit.current.questionnaire,
        service=about,
        hidden=replace(visit.hidden(visit.form), key=new_token()),
        values=visit.form.shown,
        notice=notice,
        faults=faults,
        path=visit.request.path,
    )
    return make_response(page, status)
