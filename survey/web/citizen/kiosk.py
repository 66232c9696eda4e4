"""A screen at a one-stop desk: counted as its own channel, switched off until a manager switches it on."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, make_response, render_template, request

from survey.collection import invitations, responses
from survey.collection.answers import read_answers
from survey.errors import InvalidAnswers
from survey.i18n import current_language, gettext
from survey.logs import log
from survey.models import Channel
from survey.periods import now
from survey.web import headers, language
from survey.web.citizen import page_cache, paged_form, submission
from survey.web.current_survey import CurrentSurvey, current_survey
from survey.web.request import settings, store

pages = Blueprint("kiosk", __name__)
RETRY_SECONDS = 10


@pages.get("/k/<code>")
def ask(code: str) -> Response:
    """Show the one question, large."""
    known = current_survey()
    source = invitations.place(store(), code, Channel.KIOSK)
    return _page(known, source, 200)


@pages.post("/k/<code>")
def receive(code: str) -> Response:
    """Record one answer; one that waited without a network counts for the time at which it was given."""
    form, known = submission.read(), current_survey()
    language.speak(form.one("lang"))
    opened = store()
    source = invitations.place(opened, code, Channel.KIOSK)
    if not form.ours:
        notice = gettext("This page was open for too long. Nothing is lost: please send it again.")
        return _page(known, source, 400, values=form.fields, notice=notice)
    sheet = paged_form.asked(known, form)  # a desk that was without a network may have asked by an earlier version
    try:
        answers = read_answers(sheet.only(sheet.target), form.values)
        sending = responses.SubmissionMeta(form.key, now() - form.waited, current_language(), form.seconds)
        responses.record(opened, settings().secret_key, source, sheet, answers, sending)
        opened.commit()
    except InvalidAnswers as refused:
        faults = {name: gettext(message, **values) for name, (message, values) in refused.faults.items()}
        return _page(known, source, refused.status, values=form.fields, faults=faults)
    except sa.exc.SQLAlchemyError as fault:
        log.error("answer_not_stored", kind=type(fault).__name__)
        notice = gettext(
            "We could not store your answer just now. Nothing is lost: please wait a moment and send it again."
        )
        response = _page(known, source, 503, values=form.fields, notice=notice)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    return make_response(
        render_template("citizen/kiosk_thanks.html", masthead=known, sheet=known.sheet, path=request.path)
    )


@pages.get("/unsent")
def unsent() -> str:
    """Show the page that a phone keeps for the time without a network."""
    return render_template("citizen/unsent.html")


@pages.get("/sw.js")
def service_worker() -> Response:
    """Send the service worker from the root, so that it may keep every page that citizens open."""
    response = current_app.send_static_file("citizen/sw.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _page(known: CurrentSurvey, source: invitations.AnswerSource, status: int, **said: object) -> Response:
    service = page_cache.about(known, source)
    made = {**submission.fresh(), "values": {}, **said}
    page = render_template("citizen/kiosk.html", masthead=known, sheet=known.sheet, service=service, **made)
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = headers.CITIZENS_REFERRER
    return response
