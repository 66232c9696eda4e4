"""Citizens' own application: every visit by link, by QR code and at a kiosk goes through it, and through nothing else.

It has no session, no cookie but the language, and none of what officials' pages need; an answer's way from here is
`Visit.record`, then `collection.responses`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, make_response
from flask.sessions import SessionInterface
from markupsafe import Markup

from survey.collection import invitations
from survey.collection.answers import read_answers
from survey.errors import InvalidAnswers
from survey.i18n import gettext, nfc
from survey.web import headers, language, questionnaire_page, upload_limits, whole_body
from survey.web.citizen import error_pages, kiosk, offline, page_cache, paged_form, visit
from survey.web.citizen.questionnaire_choice import asked, chosen
from survey.web.citizen.visit import CHANGED, TOO_OLD, Visit
from survey.web.current_survey import current_survey
from survey.web.front_door import UNKNOWN_HOST
from survey.web.questionnaire_page import AskingMode, Filled
from survey.web.survey import survey_of

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

pages = Blueprint("citizen", __name__)


class NoSession(SessionInterface):
    """Citizens have no session: no cookie is read for one, none is set."""

    def open_session(self, _app: Flask, _request: Any) -> None:
        """Open none."""


def create_citizen_app(main: Flask) -> Flask:
    """Make citizens' application, with the installation and the templates of the main one: each is loaded once."""
    survey = survey_of(main)
    app = Flask("survey", static_folder=None)
    app.jinja_env, app.extensions = main.jinja_env, main.extensions
    app.session_interface = NoSession()
    app.config.update(upload_limits.FORMS, PROVIDE_AUTOMATIC_OPTIONS=False)
    constant = [
        ("Content-Security-Policy", survey.policy),
        ("Referrer-Policy", headers.REFERRER),
        headers.NOT_FOUND,
        *headers.always(survey.settings.secure),
    ]
    app.wsgi_app = WithHeaders(app.wsgi_app, constant)  # type: ignore[method-assign, assignment]  # as Flask says to
    app.register_error_handler(Exception, error_pages.answered)
    for part in (pages, kiosk.pages, offline.pages):
        app.register_blueprint(part)
    return app


class WithHeaders:
    """Adds to every reply the headers that never change, and forbids to keep it unless it says otherwise."""

    def __init__(self, app: WSGIApplication, constant: list[tuple[str, str]]) -> None:
        self._app, self._constant = app, constant

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""

        def begin(status: str, own: list[tuple[str, str]], *fault: Any) -> Any:
            kept = any(name == "Cache-Control" for name, _value in own)
            return start(status, own + self._constant + ([] if kept else [headers.NO_STORE]), *fault)

        return self._app(environ, begin)


class Mounted:
    """What a server calls: citizens' addresses go to their application, all others to the main one."""

    def __init__(self, citizens: Flask, main: Flask) -> None:
        """Stand before `main`."""
        self.citizens = citizens
        self._main = main.wsgi_app
        self._first = {rule.rule.split("/")[1] for rule in citizens.url_map.iter_rules()}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if UNKNOWN_HOST in environ:  # which is for no audience in particular
            return self._main(environ, start)
        whole_body.require(environ)
        first = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]  # a doubled slash is put right there
        reply = (self.citizens if first in self._first else self._main)(environ, start)
        whole_body.read_rest(environ)
        return reply


@pages.route("/r/<token>", methods=["GET", "POST"])
def by_invitation(token: str) -> Response:
    """Ask, or record, the answer of an invitation."""
    return _answer(visit.begin(lambda connection, when: invitations.find(connection, token, when), _form_page))


@pages.route("/q/<code>", methods=["GET", "POST"])
def by_placement(code: str) -> Response:
    """Ask, or record, an answer by an open QR code or link."""
    return _answer(visit.begin(lambda connection, _when: invitations.place(connection, code), _form_page, code))


def _answer(visit: Visit) -> Response:
    return _receive(visit) if visit.request.method == "POST" else _ask(visit)


def _ask(visit: Visit) -> Response:
    current, query = current_survey(), visit.request.args
    source = visit.look_up(current)
    current = visit.asked = current.asking(chosen(current, source, query.get("form", "")))
    about, end = page_cache.about(current, source, visit.language), nfc(query.get("end", ""))[:16]
    if current.questionnaire.paged:
        return paged_form.first(visit, about, end)
    level = query.get("level", "")
    page = page_cache.asking_page(visit.survey, current, visit.language, level, answered=bool(source.answered_on))
    filled = page_cache.asking(
        current, about, end, visit.survey.settings.secret_key, visit.request.path, visit.privacy_notice
    )
    return page.fill(filled | page_cache.answered_before(source, visit.language), visit.request)


def _receive(visit: Visit) -> Response:
    form, current = visit.read_form(), current_survey()
    visit.asked = current  # to give the form back by, if the version that it names cannot be read
    current = visit.asked = current.asking(asked(current, form, visit.request.args.get("form", "")))
    questionnaire = current.questionnaire
    if form.one("switch"):
        response = visit.give_back(200)
        language.remember(response, visit.language)
        return response
    if form.one("go") and questionnaire.paged:
        return paged_form.turned(visit)
    if form.one("again"):
        return visit.ask_again()
    if form.asked not in (None, questionnaire.id):
        return visit.give_back(409, CHANGED)
    if not form.ours:
        return visit.give_back(400, TOO_OLD)
    try:
        answers = read_answers(questionnaire, form.values, partial=form.amends is not None)
    except InvalidAnswers as refused:
        return visit.give_back(refused.status, faults=refused.faults)
    receipt, source = visit.record(questionnaire, answers)
    offers = page_cache.offers(current, source, answers, adding=form.amends is not None)
    page = page_cache.thanking_page(visit.survey, current, visit.language, offers)
    settings, path = visit.survey.settings, visit.request.path
    filled = page_cache.thanking(current, receipt, answers, form.key, settings, path, visit.privacy_notice)
    return page.fill(filled | page_cache.answered_before(source, visit.language), visit.request)


def _form_page(visit: Visit, about: Markup, status: int, notice: str, faults: dict[str, str]) -> Response:
    """Give the form back as it was filled in: the one question alone as long as nothing else stands in it."""
    form, questionnaire = visit.form, visit.current.questionnaire
    if questionnaire.paged:
        return paged_form.again(visit, about, status, notice, faults)
    others = [name for question in questionnaire.questions if not question.target for name in question.fields]
    mode, how = AskingMode.TAP, ""
    if form.one("again"):
        how = gettext(page_cache.CHOOSE_AGAIN)
    elif form.amends is not None and not form.values(questionnaire.target.id):
        mode = AskingMode.MORE
    elif any(any(form.values(name)) or name in faults for name in others):
        mode = AskingMode.WHOLE
    html = questionnaire_page.whole(
        visit.current, about, visit.hidden(form), Filled(form.shown, notice, faults), mode=mode, how=how
    )
    return make_response(html, status)
