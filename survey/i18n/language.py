"""The language in use: one context variable, set at the start of a request, a command, a message or a file.

A new thread or process begins without one and sets its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from pathlib import Path

from babel.support import Translations

from survey.i18n.catalogues import FOLDER, catalogue


class NoLanguage(RuntimeError):
    """A text for a person was asked for with no language set: a fault of the program."""

    def __init__(self) -> None:
        super().__init__('No language is in use. Set one around the call: with survey.i18n.speaking("vi"): …')


@dataclass(frozen=True, slots=True)
class _Language:
    code: str
    folder: Path
    catalogue: Translations


Before = Token[_Language | None]  # what was in use before a language was taken into use
_in_use: ContextVar[_Language | None] = ContextVar("language", default=None)


@contextmanager
def speaking(language: str, folder: Path | None = None) -> Iterator[None]:
    """Use a language within this block, and what was in use before after it.

    `folder` holds the catalogues; without it they come from where those in use come from, else from the product.

    Raises:
        FileNotFoundError: there is no catalogue of this language.
    """
    before = use(language, folder)
    try:
        yield
    finally:
        restore(before)


def use(language: str, folder: Path | None = None) -> Before:
    """Use a language from here on, as `speaking` does, where no block can hold it; `restore` ends it."""
    current = _in_use.get()
    folder = folder or (current.folder if current else FOLDER)
    return _in_use.set(_Language(language, folder, catalogue(folder, language)))


def restore(before: Before) -> None:
    """Go back to what was in use before `use`, whatever has been taken into use since."""
    _in_use.reset(before)


def current_language() -> str:
    """Return the code of the language in use.

    Raises:
        NoLanguage: nobody has said one.
    """
    return _current().code


def current_catalogue() -> Translations:
    """Return the catalogue of the language in use; fails as `current_language` does."""
    return _current().catalogue


def _current() -> _Language:
    language = _in_use.get()
    if language is None:
        raise NoLanguage
    return language
