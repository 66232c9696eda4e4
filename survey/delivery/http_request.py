"""One HTTP request with a body, and an honest word on whether it was sent: redirects are not followed."""

from __future__ import annotations

import datetime as dt
import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from survey.delivery.deadline import deadline
from survey.delivery.queue import Outcome
from survey.models import Reason, State

NEAR = ("127.0.0.1", "::1", "localhost")  # what may be reached without TLS: nobody else can listen there
MOST_REPLY = 65_536
BUSY = frozenset({408, 425, 429, 503})
SETUP = frozenset({401, 402, 403, 404, 405, 407, 410, 415})


@dataclass(frozen=True)
class Reply:
    """What the other side answered; `body` only if it was asked for."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str

    def wait(self, when: dt.datetime) -> dt.timedelta:
        """Return how long the other side asks us to wait: seconds, or until a date (RFC 9110, 10.2.3); else nothing.

        >>> Reply(503, b"", "120").wait(dt.datetime(2026, 10, 5, tzinfo=dt.UTC))
        datetime.timedelta(seconds=120)
        >>> Reply(503, b"", "Mon, 05 Oct 2026 01:00:00 GMT").wait(dt.datetime(2026, 10, 5, tzinfo=dt.UTC))
        datetime.timedelta(seconds=3600)
        """
        asked = self.retry_after.strip()
        if asked.isascii() and asked.isdigit():
            return dt.timedelta(seconds=int(asked[:9]))
        try:
            until = parsedate_to_datetime(asked)
        except ValueError:
            return dt.timedelta()
        return max(dt.timedelta(), (until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - when)


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
