"""What a page says about each HTTP status that is an error."""

from __future__ import annotations

from survey.i18n import gettext, msgid

FAULT = msgid("Something went wrong on our side. Please try again; no answer is counted twice.")
MESSAGES = {
    404: msgid("This page does not exist. Please check the address or scan the QR code again."),
    405: msgid("This address cannot be used that way."),
    411: msgid("Say how long the content is, with the header “Content-Length”, and send it again."),
    413: msgid("What you sent is too large. Please shorten it and try again."),
    415: msgid("Send the content as JSON, with the header “Content-Type: application/json”."),
    429: msgid("Too many tries. Please wait a moment and try again."),
    500: FAULT,
    503: msgid("The survey cannot be reached just now. Please wait a moment and try again."),
}
STAFF_NOT_FOUND = msgid("This page does not exist. Please check the address.")
OTHER = msgid("This request could not be understood.")


def fact_and_cure(words: str) -> tuple[str, str]:
    """Return the first sentence of an error, which says the fact and heads its page, and the rest: what to do.

    >>> fact_and_cure("This link is not valid. Please open it again from the message.")
    ('This link is not valid', 'Please open it again from the message.')
    """
    fact, _end, cure = words.partition(". ")
    return fact.removesuffix("."), cure


def message(status: int, staff: bool = False) -> str:
    """Return what is said about a status in the language in use; officials have no QR code to scan."""
    return gettext(STAFF_NOT_FOUND if staff and status == 404 else MESSAGES.get(status, OTHER))
