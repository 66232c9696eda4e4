"""Texts that are data: stored in several languages, and in one spelling."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from survey.i18n.catalogues import DEFAULT
from survey.i18n.language import current_language


def text(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """Return a stored text in the language given or in use, or in the default language if it lacks that one."""
    if not texts:
        return ""
    return texts.get(language or current_language()) or texts.get(DEFAULT) or next(iter(texts.values()))


def nfc(value: str) -> str:
    """Return text as it may be stored: NFC, without control characters and bidirectional overrides."""
    kept = "".join(c for c in value.replace("\r\n", "\n") if c in "\n\t" or _may_be_stored(c))
    return unicodedata.normalize("NFC", kept).strip()


def _may_be_stored(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind not in ("Cc", "Cs") and not "\u202a" <= character <= "\u202e" and not "\u2066" <= character <= "\u2069"
