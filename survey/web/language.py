"""In which language a page answers: decided once per request, and kept in a cookie when somebody chooses."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import flask_babel
from babel.support import Translations
from flask import Flask, Request, Response, g, request, url_for

from survey import i18n
from survey.web.request import Audience, audience, cookie_name, settings
from survey.web.survey import survey_of, this_survey

COOKIE = "lang"
YEAR = 31_536_000
# What pages read from their address. Nothing else that somebody wrote there goes into a link.
ASKED = frozenset(
    {"period", "basis", "agency", "by", "sort", "unit", "procedure", "code", "fingerprint", "placement", "size", "next"}
)


def decide(request: Request, languages: Sequence[str], form: str = "") -> str:
    """Return the language of a request: what its form says, ?lang=, the cookie, else the default.

    A request to the API has no cookie, it has Accept-Language. What is none of our languages is passed over.
    """
    for asked in (form, request.args.get("lang", "")):
        if asked in languages:
            return asked
    if audience(request.path) is Audience.PROGRAMS:
        return request.accept_languages.best_match(languages) or i18n.DEFAULT
    kept = request.cookies.get(cookie_name(COOKIE), "")
    return kept if kept in languages else i18n.DEFAULT


def speak(language: str) -> None:
    """Answer the rest of this request in another language; one that is not here changes nothing."""
    if language in this_survey().languages:
        i18n.use(language)


def remember(response: Response, language: str) -> None:
    """Keep a language that somebody chose for the pages that follow."""
    response.set_cookie(
        cookie_name(COOKIE), language, max_age=YEAR, secure=settings().secure, httponly=True, samesite="Lax"
    )


def in_language(code: str) -> str:
    """Return the address of this page in another language; after a form was sent, of the page that holds it."""
    if request.method != "GET" or request.endpoint is None:
        return url_for("sign_in.account" if g.get("staff") else "sign_in.sign_in", lang=code)
    # No argument of url_for: it takes names such as `_scheme`, which are not for a visitor to choose.
    asked = [*((name, value) for name, value in request.args.items(multi=True) if name in ASKED), ("lang", code)]
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(asked)}"


def follow_requests(app: Flask) -> None:
    """Let every request of an application have its language, which ends with it: threads are used again."""
    app.before_request(_begin)
    app.after_request(_remember_choice)
    app.teardown_request(_end)


def _begin() -> None:
    language = decide(request, this_survey().languages)
    g.language_before = i18n.use(language, settings().translations)


def _remember_choice(response: Response) -> Response:
    chosen = request.args.get("lang")
    if chosen in this_survey().languages and audience() is Audience.STAFF:
        remember(response, chosen)
    return response


def _end(_error: BaseException | None) -> None:
    if (before := g.pop("language_before", None)) is not None:
        i18n.restore(before)


class _Domain(flask_babel.Domain):  # type: ignore[misc]  # Flask-Babel says no types
    """Flask-Babel's door to our catalogues: what is in use there is what is in use here."""

    def get_translations(self) -> Translations:
        return i18n.current_catalogue()


class _Babel(flask_babel.Babel):  # type: ignore[misc]  # Flask-Babel says no types
    domain_instance = _Domain()


def translate_templates(app: Flask) -> None:
    """Let the templates of an application say, write and name things in the language in use."""
    _Babel().init_app(
        app, default_locale=i18n.DEFAULT, default_timezone="Asia/Ho_Chi_Minh", locale_selector=i18n.current_language
    )
    app.jinja_env.globals.update(
        languages=survey_of(app).languages,
        language_name=i18n.language_name,
        in_language=in_language,
        current_language=i18n.current_language,
        text=i18n.text,
    )
    app.jinja_env.filters.update(percent=i18n.percent, number=i18n.number, day=i18n.date)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
