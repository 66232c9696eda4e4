"""What a page or a program is told when something is wrong: 404 and its like, refusals, and faults of ours."""

from __future__ import annotations

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from survey import i18n, logs
from survey.errors import Forbidden, KeyRefused, SurveyError, TooManyTries, Unavailable
from survey.web import http_errors
from survey.web.api import problem
from survey.web.request import Audience, audience
from survey.web.staff import access


def install(app: Flask) -> None:
    """Let an application answer every error with a page, or with a problem document to a program."""

    @app.errorhandler(SurveyError)
    def refused(error: SurveyError) -> Response:
        if isinstance(error, Forbidden | KeyRefused):
            access.record_refusal(error.status, error.code)
        response = app.make_response(_answer(i18n.error_text(error), error.status, error.code))
        if isinstance(error, TooManyTries | Unavailable):
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> tuple[Response | str, int]:
        access.record_refusal(400, "stale_form")
        message = i18n.gettext("This page was open for too long. Please go back, reload it and try again.")
        return _answer(message, 400, "stale_form")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < 400:
            return error
        access.identify()
        name = (error.name or "error").lower().replace(" ", "_")
        response = app.make_response(_answer(_message(error.code), error.code, name))
        response.headers.extend(_allowed(error))
        return response

    @app.errorhandler(OperationalError)
    def unavailable(error: OperationalError) -> Response:
        logs.log.error("database_unavailable", path_rule=str(request.url_rule), kind=type(error.orig).__name__)
        response = app.make_response(_answer(_message(503), 503, "unavailable"))
        response.headers["Retry-After"] = str(Unavailable.retry_after)
        return response

    @app.errorhandler(Exception)
    def fault(error: Exception) -> tuple[Response | str, int]:
        logs.log.error("fault", path_rule=str(request.url_rule), kind=type(error).__name__, exc_info=error)
        return _answer(_message(500), 500, "fault")


def _answer(message: str, status: int, code: str) -> tuple[Response | str, int]:
    if audience() is Audience.PROGRAMS:
        return problem.reply(message, status, code), status
    fact, cure = http_errors.fact_and_cure(message)
    incident = logs.request_id() if status >= 500 else ""
    if audience() is Audience.STAFF:
        return render_template("staff/error.html", fact=fact, cure=cure, incident=incident), status
    kept = _written(status)
    return render_template("public/error.html", fact=fact, cure=cure, kept=kept, incident=incident), status


def _written(status: int) -> list[str]:
    """Return what somebody typed into a public form that could not be kept."""
    return [i18n.nfc(words) for words in request.form.getlist("address")] if status >= 500 else []


def _allowed(error: HTTPException) -> dict[str, str]:
    methods = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    return {"Allow": ", ".join(sorted(methods))} if methods else {}


def _message(status: int) -> str:
    return http_errors.message(status, staff=audience() is Audience.STAFF)
