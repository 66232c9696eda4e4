"""In which language a page answers: decided once, kept in a cookie."""

from __future__ import annotations

import flask_babel
from flask import Response, g, request

from survey.i18n import current_language
from survey.web.request import settings
from survey.web.survey import this_survey


def speak(language: str) -> None:
    """Answer this request in that language, if there is such a one."""
    if language != current_language() and language in this_survey().languages:
        g.language = language
        flask_babel.refresh()


def remember_language(response: Response) -> Response:
    """Keep the language that somebody chose on a staff page for the pages that follow."""
    chosen = request.args.get("lang")
    if chosen and request.path.startswith("/staff") and chosen in this_survey().languages:
        year = 31_536_000
        response.set_cookie("lang", chosen, max_age=year, secure=settings().secure, httponly=True, samesite="Lax")
    return response
