"""Languages: which there are, which to use, and how numbers, dates and names are written and sorted."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import flask_babel
from babel import Locale
from babel.dates import format_date as babel_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask_babel import gettext, lazy_gettext, ngettext

from analysis.printed import Rounding, half_up, printed_share, rounded
from survey.periods import local_day

__all__ = ["gettext", "lazy_gettext", "ngettext"]

DEFAULT = "vi"
TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries
LETTERS = {letter: i for i, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}


def languages(folder: Path) -> list[str]:
    """Return the languages there are catalogues for, the default first.

    A language is a folder of `translations/` that holds LC_MESSAGES/messages.po: adding one takes data only.
    """
    found = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.po")}
    return [DEFAULT, *sorted(found - {DEFAULT})]


def msgid(text: str) -> str:
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return text


def language_name(language: str) -> str:
    """Return a language's own name for itself: "Tiếng Việt", "English"."""
    try:
        name = Locale.parse(language).get_display_name(language)
    except ValueError:
        name = None
    return (name or language)[:1].upper() + (name or language)[1:]


def catalogue(folder: Path, language: str) -> NullTranslations:
    """Return a language's catalogue, compiled in memory; an empty one if there is none."""
    path = folder / language / "LC_MESSAGES" / "messages.po"
    return _compiled(path, language, path.stat().st_mtime_ns) if path.is_file() else NullTranslations()


@lru_cache(maxsize=16)
def _compiled(path: Path, language: str, _changed: int) -> NullTranslations:
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, language))
    compiled.seek(0)
    return Translations(compiled)


class Catalogues(flask_babel.Domain):  # type: ignore[misc]
    """The catalogues, compiled in memory from their .po files, so that none can be stale or missing."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the language in use."""
        locale = flask_babel.get_locale()
        language = str(locale) if locale else DEFAULT
        if language not in self.cache:
            (folder,) = self.translation_directories
            self.cache[language] = catalogue(Path(folder), language)
        return self.cache[language]  # type: ignore[no-any-return]


class SurveyBabel(flask_babel.Babel):  # type: ignore[misc]
    """Flask-Babel, reading our catalogues."""

    def init_app(self, app: Any, **options: Any) -> None:
        """Set the languages up; one domain serves the whole process, so that each catalogue is read once."""
        super().init_app(app, **options)
        self._domain = Catalogues(options.get("default_translation_directories"))

    @property
    def domain_instance(self) -> Catalogues:
        """Return the one domain."""
        return self._domain


class FormMessages:
    """WTForms ships no Vietnamese: its validators speak through our catalogue."""

    gettext = staticmethod(lambda text: flask_babel.gettext(text))
    # WTForms puts the values in itself; flask_babel would want them here, and fail without them.
    ngettext = staticmethod(lambda one, many, n: flask_babel.get_domain().get_translations().ngettext(one, many, n))


def text(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """Return a stored text in the language in use, or in the default language if it lacks one."""
    if not texts:
        return ""
    language = language or str(flask_babel.get_locale() or DEFAULT)
    return texts.get(language) or texts.get(DEFAULT) or next(iter(texts.values()))


def current_language() -> str:
    """Return the language in use."""
    return str(flask_babel.get_locale() or DEFAULT)


def nfc(value: str) -> str:
    """Return text as it may be stored: NFC, without control characters and bidirectional overrides."""
    kept = "".join(c for c in value.replace("\r\n", "\n") if c in "\n\t" or _may_be_stored(c))
    return unicodedata.normalize("NFC", kept).strip()


def _may_be_stored(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind not in ("Cc", "Cs") and not "\u202a" <= character <= "\u202e" and not "\u2066" <= character <= "\u2069"


def sort_key(name: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the key by which Vietnamese dictionaries sort: letters first (a < ă < â … d < đ), then tones.

    >>> sorted(["Đông Hải", "Duyên Hải", "Ăn", "An"], key=sort_key)
    ['An', 'Ăn', 'Duyên Hải', 'Đông Hải']
    """
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", name).lower():
        parts = unicodedata.normalize("NFD", character)
        tone = next((p for p in parts if p in TONES), "")
        base = unicodedata.normalize("NFC", parts.replace(tone, "", 1) if tone else parts)
        tones.append(TONES.find(tone) + 1 if tone else 0)
        if base in LETTERS:
            letters.append((3, LETTERS[base]))
        elif base.isdecimal():
            letters.append((2, int(base)))
        else:
            letters.append((0, 0) if base.isspace() else (1, ord((base or character)[0])))
    return letters, tones


def number(value: float | int, language: str | None = None) -> str:
    """Return a number as the language writes it: 1.234 in Vietnamese, 1,234 in English."""
    return str(format_decimal(value, locale=_locale(language)))


def percent(share: float | None, language: str | None = None, rounding: Rounding = half_up) -> str:
    """Return a share as a percentage with one decimal, rounded as `analysis.printed` says; "–" if it is missing.

    `rounding` is math.floor for a lower limit and math.ceil for an upper one.
    """
    return "–" if share is None or share != share else percentage(printed_share(share, rounding), language)


def percentage(printed: Decimal, language: str | None = None) -> str:
    """Return a figure in per cents, with the decimals that it has and one at least: 92,5%."""
    return str(format_decimal(printed, format="#,##0.0########", locale=_locale(language))) + "%"


def score(mean: float | None, language: str | None = None) -> str:
    """Return a mean score with two decimals: 4,37; "–" if it is missing."""
    return "–" if mean is None else str(format_decimal(rounded(mean, 2), format="0.00", locale=_locale(language)))


def date(value: dt.date | dt.datetime, language: str | None = None) -> str:
    """Return a day as forms write it: 05/02/2026 in Vietnamese, 5 February 2026 in English."""
    day = local_day(value) if isinstance(value, dt.datetime) else value
    language = language or current_language()
    return str(babel_date(day, "dd/MM/yyyy" if language == "vi" else "d MMMM yyyy", locale=_locale(language)))


def _locale(language: str | None) -> Locale:
    try:
        return Locale.parse(language or current_language())
    except ValueError:
        return Locale.parse(DEFAULT)
