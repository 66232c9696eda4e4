"""One HTTP request with a body, and an honest word on whether it was sent: redirects are not followed."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from survey.delivery.deadline import deadline
from survey.delivery.queue import Outcome
from survey.models import Reason, State

NEAR = ("127.0.0.1", "::1", "localhost")  # what may be reached without TLS: nobody else can listen there
MOST_REPLY = 65_536
BUSY = frozenset({408, 425, 429, 503})
SETUP = frozenset({401, 402, 403, 404, 405, 407, 415})


@dataclass(frozen=True)
class Reply:
    """What the other side answered; `body` only if it was asked for."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str

    @property
    def wait(self) -> timedelta:
        """Return how long the other side asks us to wait, at most some thirty years."""
        asked = self.retry_after
        return timedelta(seconds=int(asked[:9]) if asked.isascii() and asked.isdigit() else 0)


def request(
    method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float, reads: bool = False
) -> Reply | Outcome:
    """Send a body and return the reply; without one, return what is known: not sent, or unknown.

    `seconds` bounds the whole exchange. The reply's body is read only if somebody `reads` it: a reply that breaks off
    after its status is still a reply.
    """
    try:
        address = urlsplit(url)
        line = _line(address.scheme, address.hostname or "", address.port, seconds)
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        line.connect()
    except (ValueError, ssl.SSLError):  # ValueError: an address that nobody can post to
        return Outcome(State.QUEUED, Reason.SETUP)
    except TimeoutError:
        return Outcome(State.QUEUED, Reason.TIMEOUT)
    except OSError:
        return Outcome(State.QUEUED, Reason.UNREACHABLE)
    began = time.monotonic()
    try:
        with deadline(seconds, lambda: line.sock):
            line.request(method, target, body, dict(headers))
            with line.getresponse() as response:
                content = response.read(MOST_REPLY) if reads else b""
                return Reply(response.status, content, response.headers.get("Retry-After", ""))
    except (ValueError, http.client.InvalidURL):  # raised before the first byte
        return Outcome(State.QUEUED, Reason.SETUP)
    except (OSError, http.client.HTTPException):
        late = time.monotonic() - began >= seconds
        return Outcome(State.UNKNOWN, Reason.TIMEOUT if late else Reason.CLOSED)
    finally:
        line.close()


def _line(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=seconds)
