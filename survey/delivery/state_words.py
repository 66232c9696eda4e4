"""How a delivery stands, in words: one table for pages and commands."""

from __future__ import annotations

from survey.i18n import gettext, msgid
from survey.models import State

_WORDS = {
    State.QUEUED: msgid("Waiting"),
    State.SENDING: msgid("Being sent"),
    State.DELIVERED: msgid("Delivered"),
    State.UNKNOWN: msgid("Unknown"),
    State.REFUSED: msgid("Address refused"),
    State.FAILED: msgid("Given up"),
    State.EXPIRED: msgid("Too late"),
    State.EXPORTED: msgid("Handed over in a file"),
    State.DROPPED: msgid("Not needed"),
}
STATES = tuple(_WORDS)  # in the order in which they are shown


def state_words(state: State) -> str:
    """Return the words for a state in the language in use."""
    return gettext(_WORDS[state])
