"""Collect the texts of the product into its catalogues."""

from __future__ import annotations

import importlib.util
from copy import deepcopy
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

from survey.errors import InvalidAnswers
from survey.settings import ROOT

FOLDERS = ("survey", "migrations")  # what speaks to people
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "msgid": None,
    "said": None,
    "NotFound": None,
    "Expired": None,
    "Forbidden": None,
    "SignInRequired": None,
    "SignInRefused": None,
    "InvalidPassword": (2,),
    "TooManyTries": None,
    "InvalidPeriod": None,
    "ImportRefused": None,
    "Conflict": None,
    "Unavailable": None,
    "SurveyError": None,
    "SettingsError": None,
}


def extracted() -> Catalog:
    """Return every msgid of the product and of WTForms' validators, which ship no Vietnamese."""
    found = Catalog(project="Hài Lòng", charset="utf-8")
    found.add(InvalidAnswers({}).message)
    options = {"**.html": {"trimmed": "true", "silent": "false"}}
    for folder in FOLDERS:
        for _file, _line, message, _comments, context in extract_from_dir(ROOT / folder, METHODS, options, KEYWORDS):
            found.add(message, context=context)
    wtforms = importlib.util.find_spec("wtforms")
    assert wtforms is not None and wtforms.origin  # noqa: S101 - a dependency that is installed
    for name in ("validators.py", "fields/choices.py", "fields/core.py", "csrf/core.py"):
        path = Path(wtforms.origin).parent / name
        for _line, message, _comments, context in extract_from_file("python", str(path), KEYWORDS):
            found.add(message, context=context)
    return found


def update(folder: Path) -> dict[str, list[str]]:
    """Bring every catalogue up to date; return by language the msgids that still lack a translation."""
    template = extracted()
    missing: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        language = path.parent.parent.name
        with path.open("rb") as file:
            catalogue = read_po(file, language)
        catalogue.update(deepcopy(template), no_fuzzy_matching=True)  # it keeps the template's own messages
        catalogue.obsolete.clear()
        for message in catalogue:
            if language == "en" and message.id and not complete(message.string):
                message.string = message.id
        with path.open("wb") as file:
            write_po(
                file, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False, no_location=True
            )
        missing[language] = [str(m.id) for m in catalogue if m.id and not complete(m.string)]
    return missing


def complete(translation: str | list[str] | tuple[str, ...] | None) -> bool:
    """Say whether every form of a translation is there."""
    return all(translation) if isinstance(translation, (list, tuple)) else bool(translation)
