"""Who knows what a kind of delivery says: its module opens what was claimed, and settles how a try ended."""

from __future__ import annotations

from types import ModuleType

from survey.delivery import messages, notices, replies, webhooks
from survey.delivery.queue import ClaimedDelivery
from survey.models import MessageKind

TO_PEOPLE = (*messages.KINDS, MessageKind.REPLY)


def kept_by(claimed: ClaimedDelivery) -> ModuleType:
    """Return the module of a delivery's kind."""
    own = {MessageKind.EVENT: webhooks, MessageKind.REPLY: replies}
    own |= {MessageKind.NOTICE: notices, MessageKind.LETTER: notices}
    return own.get(claimed.kind, messages)
