"""Phones: any gateway for SMS or Zalo that takes JSON over HTTP, described by settings alone.

The address comes from the settings only, redirects are not followed, and each request carries the message's key, so
that a gateway that honours it delivers once however often it is asked.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from survey.delivery.message_text import Wording, plain
from survey.delivery.outbox import Outcome, Parcel
from survey.delivery.timeout import deadline
from survey.models import Reason, State
from survey.settings import Settings, SettingsError

MOST_REPLY = 65_536
NEAR = ("127.0.0.1", "::1", "localhost")
NAME = re.compile(r"\{(\w+)\}")
NAMES = frozenset({"phone", "local_phone", "text", "plain_text", "english_text", "link", "key"})
BUSY = frozenset({408, 425, 429, 503})
SETUP = frozenset({401, 402, 403, 404, 405, 407, 415})


class Gateway:
    """One gateway, one request per message."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.address = urlsplit(settings.gateway_url)
        if self.address.scheme != "https" and self.address.hostname not in NEAR:
            raise SettingsError("HAILONG_GATEWAY_URL must begin with https://")
        if settings.gateway_method not in ("POST", "PUT"):
            raise SettingsError("HAILONG_GATEWAY_METHOD must be POST or PUT")
        self.headers = _json("HAILONG_GATEWAY_HEADERS", settings.gateway_headers)
        if any(not isinstance(value, str) or "\n" in value for value in self.headers.values()):
            raise SettingsError("HAILONG_GATEWAY_HEADERS must be a JSON object of texts without line breaks")
        self.body = _json("HAILONG_GATEWAY_BODY", settings.gateway_body)
        if strange := set(NAME.findall(settings.gateway_body)) - NAMES:
            raise SettingsError(
                "HAILONG_GATEWAY_BODY names what there is not: %(names)s", names=", ".join(sorted(strange))
            )
        self.reply = _json("HAILONG_GATEWAY_REPLY", settings.gateway_reply)
        self.success = {int(code) for code in re.findall(r"\d{3}", settings.gateway_success)}

    def send(self, parcel: Parcel, wording: Wording) -> Outcome:
        """Hand one message to the gateway."""
        body = json.dumps(_filled(self.body, values(parcel, wording)), ensure_ascii=False).encode()
        began = time.monotonic()
        with closing(self._line()) as line:
            try:
                line.connect()
            except ssl.SSLError:
                return Outcome(State.QUEUED, Reason.SETUP)
            except TimeoutError:
                return Outcome(State.QUEUED, Reason.TIMEOUT)
            except OSError:
                return Outcome(State.QUEUED, Reason.UNREACHABLE)
            try:
                with deadline(self.settings.send_seconds, lambda: line.sock):
                    return self._exchange(line, body, parcel.key)
            except (OSError, http.client.HTTPException):
                late = time.monotonic() - began >= self.settings.send_seconds
                return Outcome(State.UNKNOWN, Reason.TIMEOUT if late else Reason.CLOSED)

    def close(self) -> None:
        """Hang up: there is nothing to hang up."""

    def _line(self) -> http.client.HTTPConnection:
        host, port = self.address.hostname or "", self.address.port
        if self.address.scheme == "https":
            trust = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self.settings.send_seconds, context=trust)
        return http.client.HTTPConnection(host, port, timeout=self.settings.send_seconds)

    def _exchange(self, line: http.client.HTTPConnection, body: bytes, key: str) -> Outcome:
        target = self.address.path or "/"
        target += f"?{self.address.query}" if self.address.query else ""
        headers = {"Content-Type": "application/json", "Accept": "application/json", **self.headers}
        line.request(self.settings.gateway_method, target, body, headers | {"Idempotency-Key": key})
        with line.getresponse() as response:
            if response.status in self.success:
                # Only as much as is asked for: the status alone is the gateway's word, unless the reply must say so.
                return self._agreed(response.read(MOST_REPLY)) if self.reply else Outcome(State.DELIVERED)
            return _declined(response.status, response.headers.get("Retry-After", ""))

    def _agreed(self, said: bytes) -> Outcome:
        try:
            reply = json.loads(said)
        except ValueError:  # broken off in the middle, or not what was agreed
            return Outcome(State.UNKNOWN, Reason.SERVER)
        agreed = isinstance(reply, dict) and all(reply.get(name) == value for name, value in self.reply.items())
        return Outcome(State.DELIVERED) if agreed else Outcome(State.QUEUED, Reason.SERVER)


def _declined(status: int, retry_after: str) -> Outcome:
    if status in BUSY:
        seconds = int(retry_after[:9]) if retry_after.isascii() and retry_after.isdigit() else 0
        return Outcome(State.QUEUED, Reason.BUSY, timedelta(seconds=seconds))
    if status in SETUP or 300 <= status < 400:
        return Outcome(State.QUEUED, Reason.SETUP)
    if 400 <= status < 500 and status != 409:
        return Outcome(State.REFUSED, Reason.ADDRESS)
    return Outcome(State.UNKNOWN, Reason.SERVER)  # also 409: a try with this key is still under way there


def values(parcel: Parcel, wording: Wording) -> dict[str, str]:
    """Return what the body's placeholders stand for."""
    first = next(iter(wording.short.values()))
    return {
        "phone": parcel.address,
        "local_phone": parcel.address.replace("+84", "0", 1),
        "text": first,
        "plain_text": plain(first),
        "english_text": wording.short.get("en", first),
        "link": wording.link,
        "key": parcel.key,
    }


def _filled(part: Any, known: dict[str, str]) -> Any:
    """Fill placeholders inside the texts of a JSON value, so that what is filled in can never break out of it."""
    if isinstance(part, str):
        return NAME.sub(lambda found: known[found.group(1)], part)
    if isinstance(part, dict):
        return {name: _filled(value, known) for name, value in part.items()}
    return [_filled(value, known) for value in part] if isinstance(part, list) else part


def _json(variable: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SettingsError("%(variable)s must be a JSON object.", variable=variable)
    return found
