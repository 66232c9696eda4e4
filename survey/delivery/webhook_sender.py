"""Events on their way to a webhook: posted as JSON, signed, under the key by which a receiver knows a repeat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from survey.delivery.http_request import BUSY, request
from survey.delivery.queue import Outcome
from survey.delivery.webhooks import ClaimedEvent, signature
from survey.models import Reason, State

AGENT = "Hailong-Webhooks/1"
GONE = 410


class WebhookSender:
    """One request per event; the address comes from the machine itself only."""

    def __init__(self, seconds: float, clock: Callable[[], dt.datetime]) -> None:
        self.seconds, self.clock = seconds, clock

    def send(self, event: ClaimedEvent) -> Outcome:
        """Post one event: 2xx is delivered, 410 ends it and its webhook; anything else, or no answer, is tried again.

        No other status refuses it for good: a receiver may be set up wrongly for a day, and a repeat does it no harm.
        """
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Hailong-Event": event.name,
            "Idempotency-Key": event.key,
            "Hailong-Signature": signature(event.secret, event.body, int(self.clock().timestamp())),
        }
        reply = request("POST", event.url, headers, event.body, self.seconds)
        if isinstance(reply, Outcome):
            return reply
        if 200 <= reply.status < 300:
            return Outcome(State.DELIVERED, status=reply.status)
        if reply.status == GONE:
            return Outcome(State.REFUSED, Reason.GONE, status=reply.status)
        reason = Reason.BUSY if reply.status in BUSY else Reason.SERVER if reply.status >= 500 else Reason.SETUP
        return Outcome(State.QUEUED, reason, reply.wait(self.clock()), reply.status)

    def close(self) -> None:
        """Hang up: there is nothing to hang up."""
