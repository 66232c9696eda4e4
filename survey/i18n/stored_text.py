"""Texts that are data: stored in several languages, and in one spelling."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from survey.i18n.catalogues import DEFAULT
from survey.i18n.language import current_language
from survey.security.characters import allowed

JOINER, SUBSCRIPT = "\u200d", "\u17d2"  # the second one makes the next Khmer consonant one of its own sign
# Letters and signs that take room and show nothing, though their category is one of what is seen.
BLANK = frozenset("\u115f\u1160\u2065\u2800\u3164\uffa0\U0001d159") | {
    chr(code) for first, last in ((0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF)) for code in range(first, last + 1)
}


def text(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """Return a stored text in the language given or in use, or in the default language if it lacks that one."""
    if not texts:
        return ""
    return texts.get(language or current_language()) or texts.get(DEFAULT) or next(iter(texts.values()))


def nfc(value: str) -> str:
    r"""Return text as it may be stored: NFC, of allowed characters only; nothing where none of them can be seen.

    >>> nfc(" Ho\u0300a\u200f "), nfc("\u2063 \u180e\u200b")
    ('Hòa', '')
    """
    stored = unicodedata.normalize("NFC", allowed(value.replace("\r\n", "\n"))).strip()
    return stored if any(map(visible, stored)) else ""


def visible(character: str) -> bool:
    r"""Return whether a character shows something of its own: no blank, no mark on another, no invisible sign.

    >>> visible("ă"), visible("\u0306"), visible("\u2063")
    (True, False, False)
    """
    return unicodedata.category(character)[0] not in "ZM" and not invisible(character)


def invisible(character: str) -> bool:
    r"""Return whether a character is there and nobody sees it, other than a blank between words.

    >>> invisible("\u200b"), invisible(" ")
    (True, False)
    """
    return unicodedata.category(character) in ("Cf", "Cc") or character in BLANK


def length(value: str) -> int:
    r"""Return how many signs people see in a text: a letter with its marks is one, and so are a flag or a family.

    The rule is that of Unicode's extended grapheme clusters for the scripts in use here; joining of jamo and of
    Indic consonants is left out, so that a text in these is counted as longer than it looks, never as shorter.

    >>> length("Hòa"), length("\u1780\u17b6"), length("\U0001f1fb\U0001f1f3 \U0001f468\u200d\U0001f467")
    (3, 1, 3)
    """
    number, base, before = 0, "\n", "\n"
    for character in unicodedata.normalize("NFC", value):
        if base == "\n" or not (_extends(character) or _joined(base, before, character)):
            number += 1
            base = character
        elif _is_flag(character):
            base = ""  # the second of a pair: a third one begins another flag
        before = character
    return number


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or character in (JOINER, "\u200c")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _joined(base: str, before: str, character: str) -> bool:
    if _is_flag(character):
        return _is_flag(before) and _is_flag(base)
    kind = unicodedata.category(character)
    if before == JOINER:
        return kind == "So" and base != "" and unicodedata.category(base) == "So" and not _is_flag(base)
    return before == SUBSCRIPT and kind == "Lo" and base != "" and unicodedata.category(base) == "Lo"
