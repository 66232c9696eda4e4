"""What officials write for others to read: not too long, and without names, numbers and addresses of people."""

from __future__ import annotations

from typing import Any

from survey.i18n import msgid, nfc
from survey.redaction import redact

WordsFault = tuple[str, dict[str, Any]]  # a msgid and its values
Faults = dict[str, WordsFault]  # by field

_NAMED = msgid("Please leave out names, numbers and addresses of people: %(redacted)s")
_LONG = msgid("This text is too long. Shorten it to %(most)s characters.")


def tidied(typed: str) -> str:
    """Return what was typed into a field of several lines as it is stored."""
    return nfc(typed.replace("\r\n", "\n")).strip()


def words_fault(words: str, most: int) -> WordsFault | None:
    """Return what is wrong with a text that may have `most` characters, if anything."""
    if len(words) > most:
        return _LONG, {"most": most}
    redacted = redact(words).text
    return None if redacted == words else (_NAMED, {"redacted": redacted})
