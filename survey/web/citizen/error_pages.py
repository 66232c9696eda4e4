"""Whatever goes wrong on a visit: our page, in the visitor's language, with all that was typed; and a line in the log.

The line says where it happened and what kind of error it was, never what somebody sent.
"""

from __future__ import annotations

import sqlalchemy as sa
from flask import Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from survey.errors import CaseWithdrawn, Forbidden, SurveyError, Unavailable
from survey.i18n import error_text, msgid, nfc
from survey.logs import log, request_id
from survey.web import http_errors, language
from survey.web.citizen.submission import OWN_FIELDS, fields_of
from survey.web.citizen.visit import Visit
from survey.web.survey import this_survey

NOT_STORED = msgid("We could not store your answer just now. Nothing is lost: please wait a moment and send it again.")


def answered(error: Exception) -> Response:
    """Return the page that says what went wrong: the form as it was filled in, if it is to be sent again."""
    visit: Visit | None = g.get("visit")
    status = _status(error)
    if isinstance(error, Forbidden):
        log.warning(
            "request_refused", path_rule=str(request.url_rule), method=request.method, status=status, kind=error.code
        )
    if status >= 500:
        _report(error, sent=bool(visit and visit.form.fields))
    response = None
    if visit is not None and visit.form.fields and visit.asked and status >= 500:
        response = _form(visit, status)
    response = response or _error_page(visit, error, status)
    if status == 503:
        response.headers["Retry-After"] = str(Unavailable.retry_after)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def _status(error: Exception) -> int:
    if isinstance(error, SurveyError):
        return error.status
    if isinstance(error, HTTPException):
        return error.code or 500
    return 503 if isinstance(error, sa.exc.SQLAlchemyError) else 500


def _report(error: Exception, sent: bool) -> None:
    event = "answer_not_stored" if sent and isinstance(error, sa.exc.SQLAlchemyError) else "fault"
    log.error(event, path_rule=str(request.url_rule), kind=type(error).__name__, exc_info=error)


def _form(visit: Visit, status: int) -> Response | None:
    """Return the form as it was filled in, or nothing if it is the form that cannot be made."""
    try:
        return visit.give_back(status, NOT_STORED if status == 503 else http_errors.FAULT)
    except Exception as error:
        _report(error, sent=True)
        return None


def _error_page(visit: Visit | None, error: Exception, status: int) -> Response:
    survey = this_survey()
    spoken = visit.language if visit else language.decide(request, survey.languages)
    with survey.speaking(spoken):
        message = error_text(error) if isinstance(error, SurveyError) else http_errors.message(status)
        fact, cure = http_errors.fact_and_cure(message)
        kept = _written(visit, status)
        if isinstance(error, CaseWithdrawn):
            page = render_template("citizen/withdrawn.html", fact=fact, cure=cure, kept=kept, incident="")
        else:
            incident = request_id() if status >= 500 else ""
            page = render_template("public/error.html", fact=fact, cure=cure, kept=kept, incident=incident)
    return make_response(page, status)


def _written(visit: Visit | None, status: int) -> list[str]:
    """Return what a person wrote; all that was sent, if nobody can tell any more what was asked."""
    if visit is None:
        return []
    fields = visit.form.fields or (_sent(visit) if status >= 500 else {})
    names = [name for name in fields if name not in OWN_FIELDS]
    if visit.asked is not None:
        names = [question.id for question in visit.asked.questionnaire.questions if question.kind == "text"]
    return [nfc("\n".join(fields.get(name, ()))) for name in names]


def _sent(visit: Visit) -> dict[str, list[str]]:
    """Return what was sent though it could not be read as a form of ours."""
    try:
        return fields_of(visit.request)
    except Exception as error:
        _report(error, sent=True)
        return {}
