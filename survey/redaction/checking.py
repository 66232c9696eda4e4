"""What staff write about comments and figures: none of it may tell who somebody is."""

from __future__ import annotations

from typing import Any

from survey.i18n import gettext, msgid, nfc
from survey.redaction.redacting import redact

TextFault = tuple[str, dict[str, Any]]  # a msgid and its values
Faults = dict[str, TextFault]  # of a form, by field

_NAMED = msgid("Please leave out names, numbers and addresses of people: %(redacted)s")
_LONG = msgid("This text is too long. Shorten it to %(most)s characters.")


def fault_words(faults: Faults) -> dict[str, str]:
    """Return what is wrong with each field in words, in the language in use."""
    return {name: gettext(message, **values) for name, (message, values) in faults.items()}


def tidied(typed: str) -> str:
    """Return what was typed into a field of several lines as it is stored."""
    return nfc(typed.replace("\r\n", "\n")).strip()


def fault_of_text(words: str, most: int) -> TextFault | None:
    """Return what is wrong with a text of at most so many characters; None if nothing is.

    >>> fault_of_text("Xin gọi 0912345678", 100)[1]
    {'redacted': 'Xin gọi [số điện thoại]'}
    """
    if len(words) > most:
        return _LONG, {"most": most}
    redacted = redact(words).text
    return (_NAMED, {"redacted": redacted}) if redacted != words else None
