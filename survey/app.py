"""The factory: settings, database, language, headers, blueprints, commands, in that order."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flask import Flask, Request, Response, g, render_template, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from survey import i18n, logs
from survey.cli import register_commands
from survey.db.engine import Database
from survey.errors import SurveyError, TooManyTries
from survey.settings import STATIC, Settings, load
from survey.web import headers, http_errors, language
from survey.web.api import problem
from survey.web.assembly import OWN_PROOF, register_views
from survey.web.citizen.app import Mounted, create_citizen_app
from survey.web.staff import access
from survey.web.survey import Survey

MAX_BODY = 512 * 1024
FINDABLE = ("receipt.home", "genuine.show", "static")  # the pages that a search engine may list
csrf = CSRFProtect()


class CookieIfAny(SecureCookieSessionInterface):
    """Flask's signed cookie, checked only for a visitor who has one: citizens never do."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the visitor's session, a new one without its cost if there is no cookie."""
        has_cookie = self.get_cookie_name(app) in request.cookies
        return super().open_session(app, request) if has_cookie else self.session_class()


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for one installation; without `settings` they are read from the environment."""
    settings = settings or load()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=1000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = CookieIfAny()
    survey = Survey(settings, Database(settings.database_url), i18n.languages(settings.translations), _policy(app))
    survey.install(app)
    logs.configure(settings.log_level)
    language.translate_templates(app)
    _requests(app, survey)
    language.follow_requests(app)
    _errors(app)
    csrf.init_app(app)
    register_views(app)
    for pages in OWN_PROOF:
        csrf.exempt(pages)
    register_commands(app)
    app.wsgi_app = Mounted(create_citizen_app(survey), app)  # type: ignore[method-assign, assignment]
    return app


def _policy(app: Flask) -> str:
    return headers.policy(_inline(app, "style", "citizen/citizen.css"), _inline(app, "script", "citizen/citizen.js"))


def _requests(app: Flask, survey: Survey) -> None:
    always = headers.always(survey.settings.secure)

    @app.after_request
    def finish(response: Response) -> Response:
        if response.direct_passthrough:
            _read_whole(response)
        response.headers.setdefault("Content-Security-Policy", survey.policy)
        response.headers.setdefault("Referrer-Policy", headers.REFERRER)
        for name, value in always:
            response.headers[name] = value
        if request.endpoint != "static":
            response.headers.setdefault(*headers.NO_STORE)
        if request.endpoint not in FINDABLE:
            response.headers.set(*headers.NOT_FOUND)
        return response

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        if (session := g.pop("session", None)) is not None:
            session.close()


def _read_whole(response: Response) -> None:
    """Read a static file of a few kB and close it: a visitor who goes away in the middle would leave it open."""
    file = response.response
    response.direct_passthrough = False
    response.make_sequence()
    if callable(close := getattr(file, "close", None)):
        close()


def _inline(app: Flask, kind: str, name: str) -> str:
    """Let the citizen's page carry a file, so that it needs no second request; return the file's name in the policy."""
    content = (STATIC / name).read_text(encoding="utf-8").strip()
    app.jinja_env.globals[f"citizen_{kind}"] = content
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _errors(app: Flask) -> None:
    def answer(message: str, status: int, code: str, **extra: Any) -> tuple[Response | str, int]:
        if problem.is_asked():
            return problem.reply(message, status, code, **extra), status
        page = "staff/error.html" if request.path.startswith("/staff") else "public/error.html"
        return render_template(page, message=message, status=status, code=code, **extra), status

    @app.errorhandler(SurveyError)
    def refused(error: SurveyError) -> tuple[Response | str, int] | Response:
        values = {name: i18n.nfc(value) if isinstance(value, str) else value for name, value in error.values.items()}
        body, status = answer(i18n.gettext(error.message, **values), error.status, error.code)
        if isinstance(error, TooManyTries):
            response = app.make_response((body, status))
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        return body, status

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> tuple[Response | str, int]:
        message = i18n.gettext("This page was open for too long. Please go back, reload it and try again.")
        return answer(message, 400, "stale_form")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < 400:
            return error
        access.identify()
        name = (error.name or "error").lower().replace(" ", "_")
        response = app.make_response(answer(_http_message(error.code), error.code, name))
        response.headers.extend(_allowed(error))
        return response

    @app.errorhandler(OperationalError)
    def unavailable(error: OperationalError) -> Response:
        logs.log.error("database_unavailable", path_rule=str(request.url_rule), kind=type(error.orig).__name__)
        response = app.make_response(answer(_http_message(503), 503, "unavailable"))
        response.headers["Retry-After"] = "10"
        return response

    @app.errorhandler(Exception)
    def fault(error: Exception) -> tuple[Response | str, int]:
        logs.log.error("fault", path_rule=str(request.url_rule), kind=type(error).__name__, exc_info=error)
        return answer(_http_message(500), 500, "fault")


def _allowed(error: HTTPException) -> dict[str, str]:
    methods = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    return {"Allow": ", ".join(sorted(methods))} if methods else {}


def _http_message(status: int) -> str:
    return http_errors.message(status, staff=request.path.startswith("/staff"))
