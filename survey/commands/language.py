"""The language in which commands speak: --lang where a command has it, else HAILONG_LANGUAGE."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import click
from flask import g

from survey import i18n
from survey.errors import SurveyError
from survey.settings import SettingsError, spoken
from survey.web.survey import this_survey

LANGUAGE = click.option("--lang", default="", help="Language of results and faults; without it HAILONG_LANGUAGE.")
_asked: ContextVar[str] = ContextVar("asked", default="")  # the application is gone when a refusal is printed


def speak(language: str) -> None:
    """Let this command speak a language; one that is not here changes nothing."""
    if language in this_survey().languages:
        g.language = language
        _asked.set(language)


def language() -> str:
    """Return the language of the command, though there may be no application to ask."""
    chosen, folder = spoken()
    chosen = _asked.get() or chosen
    return chosen if chosen in i18n.languages(folder) else i18n.DEFAULT


def said(message: str, **values: Any) -> str:
    """Return a message in the language of the command."""
    text = i18n.catalogue(spoken()[1], language()).gettext(message)
    return text % values if values else text


def counted(one: str, many: str, number: int) -> str:
    """Return a message about a number of things in the language of the command."""
    return i18n.catalogue(spoken()[1], language()).ngettext(one, many, number)


def refusal(error: SurveyError | SettingsError) -> str:
    """Return the one line that says why a command did not do what it was asked."""
    values = {name: i18n.nfc(value) if isinstance(value, str) else value for name, value in error.values.items()}
    return said("Refused: %(why)s", why=said(error.message, **values))
