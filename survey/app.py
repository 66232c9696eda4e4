"""The factory: settings, database, language, headers, blueprints, commands, in that order."""

from __future__ import annotations

import base64
import hashlib

from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

from survey import i18n, logs
from survey.cli import register_commands
from survey.db.engine import Database
from survey.settings import STATIC, Settings, load
from survey.web import error_pages, headers, language, upload_limits
from survey.web.assembly import OWN_PROOF, register_views
from survey.web.citizen.app import Mounted, create_citizen_app
from survey.web.survey import Survey

FINDABLE = ("home.show", "verify_qr.show", "static")  # the pages that a search engine may list
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
        **upload_limits.FORMS,
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
    error_pages.install(app)
    csrf.init_app(app)
    register_views(app)
    for pages in OWN_PROOF:
        csrf.exempt(pages)
    register_commands(app)
    app.wsgi_app = Mounted(create_citizen_app(app), app)  # type: ignore[method-assign, assignment]  # as Flask says to
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
