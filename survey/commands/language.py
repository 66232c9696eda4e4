"""The language in which commands speak: --lang where a command has it, else HAILONG_LANGUAGE."""

from __future__ import annotations

from contextlib import AbstractContextManager

import click

from survey import i18n
from survey.environment import of_commands
from survey.errors import SurveyError
from survey.settings import SettingsError
from survey.web.survey import this_survey

LANGUAGE = click.option("--lang", default="", help="Language of results and faults; without it HAILONG_LANGUAGE.")


def speaking() -> AbstractContextManager[None]:
    """Let a command speak the language of its environment, though other settings may be wrong."""
    language, folder = of_commands()
    try:
        offered = i18n.languages(folder)
    except SettingsError:  # which the command will say, in the words that ship with the product
        return i18n.speaking(i18n.DEFAULT, i18n.FOLDER)
    return i18n.speaking(language if language in offered else i18n.DEFAULT, folder)


def speak(language: str) -> None:
    """Let this command speak another language to its end, its refusal too; one that is not here changes nothing."""
    if language in this_survey().languages:
        i18n.use(language)


def refusal(error: SurveyError | SettingsError) -> str:
    """Return the one line that says why a command did not do what it was asked."""
    return i18n.gettext("Refused: %(why)s", why=i18n.error_text(error))
