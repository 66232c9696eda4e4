"""The catalogues: which languages there are, and what each says for a msgid."""

from __future__ import annotations

import io
import os
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from survey.settings import ROOT, SettingsError

DEFAULT = "vi"
FOLDER = ROOT / "translations"  # what ships with the product; HAILONG_TRANSLATIONS may name another


def languages(folder: Path = FOLDER) -> list[str]:
    """Return the languages there are catalogues for, the default first.

    A language is a folder of `translations/` that holds LC_MESSAGES/messages.po: adding one takes data only. One that
    is still being translated holds a frame.po in its place and is offered to nobody.

    Raises:
        SettingsError: the default language is not among them.
    """
    codes = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.po")}
    if DEFAULT not in codes:
        raise SettingsError(
            "HAILONG_TRANSLATIONS is “%(folder)s”; this folder has no catalogue %(language)s/LC_MESSAGES/messages.po.",
            folder=str(folder),
            language=DEFAULT,
        )
    return [DEFAULT, *sorted(codes - {DEFAULT})]


def language_name(language: str) -> str:
    """Return a language's own name for itself: "Tiếng Việt", "English"."""
    try:
        name = Locale.parse(language).get_display_name(language)
    except ValueError:
        name = None
    return (name or language)[:1].upper() + (name or language)[1:]


def language_in_words(language: str, spoken: str) -> str:
    """Return what a language is called in another one, as it stands within a sentence.

    >>> language_in_words("en", "vi"), language_in_words("vi", "en")
    ('tiếng Anh', 'Vietnamese')
    """
    try:
        name = Locale.parse(language).get_display_name(spoken) or language
    except ValueError:
        return language
    return name[:1].lower() + name[1:] if spoken == "vi" else name


def catalogue(folder: Path, language: str) -> Translations:
    """Return a language's catalogue, compiled in memory, so that none can be stale; a changed file is read again.

    Raises:
        FileNotFoundError: the folder has no such language.
    """
    path = f"{folder}/{language}/LC_MESSAGES/messages.po"
    return _compiled(path, language, os.stat(path).st_mtime_ns)  # noqa: PTH116 - once per request; a Path costs tenfold


@lru_cache(maxsize=16)
def _compiled(path: str, language: str, _changed: int) -> Translations:
    compiled = io.BytesIO()
    with Path(path).open("rb") as file:
        write_mo(compiled, read_po(file, language))
    compiled.seek(0)
    return Translations(compiled)
