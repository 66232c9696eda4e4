"""Who knows what a kind of delivery says: its module opens what was claimed, and settles how a try ended."""

from __future__ import annotations

from types import ModuleType

from survey.delivery import messages, replies, webhooks
from survey.delivery.queue import ClaimedDelivery
from survey.models import MessageKind

TO_PEOPLE = (*messages.KINDS, MessageKind.REPLY)


def kept_by(claimed: ClaimedDelivery) -> ModuleType:
    """Return the module of a delivery's kind."""
    return {MessageKind.EVENT: webhooks, MessageKind.REPLY: replies}.get(claimed.kind, messages)
