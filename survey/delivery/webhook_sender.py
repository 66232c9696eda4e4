"""One webhook delivery over HTTP, signed; addresses come from the machine itself only, redirects are not followed."""

from __future__ import annotations

import datetime as dt
import http.client
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from survey.accounts import idempotency
from survey.db.engine import Database
from survey.delivery import webhooks
from survey.delivery.timeout import deadline
from survey.delivery.webhooks import Errand, signature
from survey.logs import log
from survey.models import Progress
from survey.periods import now
from survey.settings import Settings

AGENT = "Hailong-Webhooks/1"


def post(errand: Errand, at: dt.datetime, seconds: float) -> int | None:
    """Post one delivery and return the status that the receiver answered, or nothing if it did not."""
    line: http.client.HTTPConnection | None = None
    body = errand.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Hailong-Event": errand.event,
        "Idempotency-Key": errand.key,
        "Hailong-Signature": signature(errand.secret, body, int(at.timestamp())),
    }
    try:
        address = urlsplit(errand.url)
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        line = opened = _line(address.scheme, address.hostname or "", address.port, seconds)
        line.connect()
        with deadline(seconds, lambda: opened.sock):
            line.request("POST", target, body, headers)
            with line.getresponse() as reply:
                return reply.status
    except (OSError, http.client.HTTPException, ValueError):  # ValueError: an address that nobody can post to
        return None
    finally:
        if line is not None:
            line.close()


def _line(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=seconds)


@dataclass
class WebhookRound:
    """Everything that is due, queued and sent once; several rounds may run at the same time."""

    database: Database
    settings: Settings
    clock: Callable[[], dt.datetime] = now
    goes_on: Callable[[], bool] = lambda: True

    def run(self) -> Counter[Progress]:
        """Queue what has happened, send what is due, and return how many tries ended how."""
        with self.database.session(writes=True) as session:
            webhooks.queue(session, self.settings.public_url, self.clock())
            idempotency.forget(session, self.clock())
            session.commit()
        ended: Counter[Progress] = Counter()
        while self.goes_on() and (errand := self._claim()) is not None:
            status = post(errand, self.clock(), self.settings.send_seconds)
            with self.database.session(writes=True) as session:
                state = webhooks.settle(session, errand, status, self.clock())
                session.commit()
            log.info("webhook", kind=errand.event, state=state.name, attempt=errand.attempt, status=status)
            ended[state] += 1
        return ended

    def _claim(self) -> Errand | None:
        lease = dt.timedelta(seconds=3 * self.settings.send_seconds + 60)
        with self.database.session(writes=True) as session:
            errand = webhooks.claim(session, self.settings.secret_key, self.clock(), lease)
            session.commit()
        return errand
