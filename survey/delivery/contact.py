"""A person's address: read strictly, kept only sealed, never shown.

The seal is bound to the message's own key, so that no sealed address can be moved to another message, and has one
length per 128 bytes, so that a dump does not tell how long an address is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from survey.errors import InvalidContact
from survey.i18n import invisible, msgid
from survey.models import AddressKind
from survey.organisation.code_formats import plain_code
from survey.security import sealing

# The first character is a letter or digit, so that no address is a formula in a spreadsheet.
EMAIL = re.compile(
    r"(?=.{6,254}\Z)[A-Za-z0-9][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}"
    r"@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,63}"
)
# A spreadsheet drops the first zero of what it takes for a number; old mobile numbers of eleven digits are no more.
PHONE = re.compile(r"(?:(?:\+|00)?84|0)?([35789][0-9]{8}|2[0-9]{8,9})")
PURPOSE, BLOCK = "contact", 128


@dataclass(frozen=True)
class Contact:
    """Where a message goes; never printed by accident."""

    kind: AddressKind
    address: str = field(repr=False)


def read(typed: str) -> Contact:
    """Return the e-mail address or phone number that was given, phones as +84….

    Raises:
        InvalidContact: it is neither; the message does not repeat it.
    """
    text = "".join(sign for sign in typed if sign in "\r\n" or not invisible(sign)).strip()
    if EMAIL.fullmatch(text) and ".." not in text:
        return Contact(AddressKind.EMAIL, text)
    if phone := PHONE.fullmatch(re.sub(r"[\s.()-]", "", plain_code(text))):
        return Contact(AddressKind.PHONE, f"+84{phone.group(1)}")
    raise InvalidContact(
        msgid("This is neither an e-mail address nor a phone number of Viet Nam. Correct it or leave it empty.")
    )


def seal(secret: str, key: str, address: str, token: str) -> bytes:
    """Return an address and the token of its link, sealed for the message with this key."""
    text = json.dumps([address, token]).encode()
    text += b" " * (-len(text) % BLOCK)
    return sealing.seal(secret, PURPOSE, text, key.encode())


def unseal(secret: str, key: str, sealed: bytes) -> tuple[str, str] | None:
    """Return the address and the token, or nothing if they were not sealed here for this message."""
    plain = sealing.unseal(secret, PURPOSE, sealed, key.encode())
    if plain is None:
        return None
    address, token = json.loads(plain)
    return address, token
