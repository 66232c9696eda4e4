"""The factory: settings, database, language, headers, blueprints, commands, in that order."""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import ImmutableDict

from survey import i18n, logs
from survey.cli import register_commands
from survey.db.engine import Database
from survey.environment import load
from survey.errors import SurveyError
from survey.security.tokens import keys
from survey.settings import STATIC, Settings
from survey.single_sign_on.providers import read as read_providers
from survey.web import compression, error_pages, headers, language, upload_limits
from survey.web.assembly import OWN_PROOF, register_views
from survey.web.citizen.app import Mounted, create_citizen_app
from survey.web.form_proof import FormProofs
from survey.web.front_door import UNKNOWN_HOST, FrontDoor
from survey.web.survey import Survey, this_survey

# The pages that a search engine may list.
FINDABLE = (
    *("home.show", "improvements.show", "verify_qr.show", "static", "statements.privacy", "statements.accessibility"),
    *("results.newest", "results.period", "results_files.file", "results_files.catalogue", "results_files.feed"),
    *("indexing.robots", "indexing.sitemap"),
)
csrf = CSRFProtect()


class MeantMethods(Flask):
    """Flask, with OPTIONS refused as any other method that no view takes, static files included.

    Browsers ask by it before they send something from another site, which nobody may.
    """

    default_config = ImmutableDict(Flask.default_config, PROVIDE_AUTOMATIC_OPTIONS=False)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for one installation; without `settings` they are read from the environment."""
    settings = settings or load()
    app = MeantMethods(__name__)
    app.config.update(
        SECRET_KEY=keys(settings.secret_key)[0],
        WTF_CSRF_SECRET_KEY=keys(settings.secret_key)[::-1],  # the last one signs, each is good
        **upload_limits.FORMS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # where a form comes from is asked once, for citizens too: survey.web.same_site
    )
    app.session_interface = FormProofs(settings.secret_key)
    database = Database(settings.database_url, citizens=settings.citizens_database_url)
    providers = read_providers(settings)
    survey = Survey(settings, database, i18n.languages(settings.translations), _policy(app), providers)
    survey.install(app)
    logs.configure(settings.log_level)
    language.translate_templates(app)
    _requests(app, survey)
    language.follow_requests(app)
    app.before_request(_refuse_unknown_host)
    error_pages.install(app)
    csrf.init_app(app)
    register_views(app)
    for pages in OWN_PROOF:
        csrf.exempt(pages)
    register_commands(app)
    inside = Mounted(create_citizen_app(app), app)
    app.wsgi_app = FrontDoor(inside, settings.public_url)  # type: ignore[method-assign, assignment]  # as Flask says to
    return app


def _policy(app: Flask) -> str:
    frame, forms = _compact("tokens.css", "citizen/citizen.css"), _compact("citizen/forms.css")
    taps, conditions = ((STATIC / "citizen" / name).read_text(encoding="utf-8") for name in ("citizen.js", "form.js"))
    return headers.policy(
        [_inline(app, "citizen_style", frame), _inline(app, "form_style", forms)],
        [_inline(app, "citizen_script", taps.strip()), _inline(app, "form_script", conditions.strip())],
    )


def _compact(*names: str) -> str:
    """Return style sheets without what only their readers need: comments, indents and ends of lines."""
    written = "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
    written = re.sub(r"/\*.*?\*/|\n\s*", "", written, flags=re.DOTALL)
    return re.sub(r";\s*(?=\})", "", re.sub(r"\s*([{};,>])\s*|(?<=[\w)-]:) ", r"\1", written))


def _refuse_unknown_host() -> None:
    if UNKNOWN_HOST in request.environ:
        raise SurveyError(
            "This address is not the one of this survey. Please open %(address)s.",
            address=this_survey().settings.public_url,
        )


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
        compression.pack(request, response)
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


def _inline(app: Flask, name: str, content: str) -> str:
    """Let templates carry a style or script, so that pages need no second request; return its name in the policy."""
    app.jinja_env.globals[name] = content
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
