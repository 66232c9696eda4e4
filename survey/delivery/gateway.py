"""Phones: any gateway for SMS or Zalo that takes JSON over HTTP, described by settings alone.

The address comes from the settings only, redirects are not followed, and each request carries the message's key, so
that a gateway that honours it delivers once however often it is asked.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from survey.delivery.gateway_headers import GatewayHeaders, json_object
from survey.delivery.http_request import BUSY, NEAR, SETUP, Reply, request
from survey.delivery.message_text import WrittenMessage
from survey.delivery.queue import Outcome
from survey.i18n import without_marks
from survey.logs import log
from survey.models import Reason, State
from survey.periods import now
from survey.setting import web_address
from survey.settings import Settings, SettingsError

NAME = re.compile(r"\{(\w+)\}")
PHONES, WORDS = frozenset({"phone", "local_phone"}), frozenset({"text", "plain_text", "english_text"})
TEXTS = WORDS | {"link"}
NAMES = PHONES | TEXTS | {"key"}


class Gateway:
    """One gateway, one request per message."""

    def __init__(self, settings: Settings, clock: Callable[[], dt.datetime] = now) -> None:
        self.settings, self.clock = settings, clock
        web_address("HAILONG_GATEWAY_URL", settings.gateway_url.partition("?")[0])
        address = urlsplit(settings.gateway_url)
        if address.scheme != "https" and address.hostname not in NEAR:
            raise SettingsError("HAILONG_GATEWAY_URL must begin with https://.")
        self.headers = GatewayHeaders(settings.gateway_headers)
        self.body = json_object("HAILONG_GATEWAY_BODY", settings.gateway_body)
        names = set(NAME.findall(settings.gateway_body))
        if strange := names - NAMES:
            raise SettingsError(
                "HAILONG_GATEWAY_BODY names what there is not: %(names)s.", names=", ".join(sorted(strange))
            )
        if not names & PHONES or not names & TEXTS:
            raise SettingsError("HAILONG_GATEWAY_BODY must hold {phone} or {local_phone}, and a text or the {link}.")
        self.reply = json_object("HAILONG_GATEWAY_REPLY", settings.gateway_reply)
        self.success = _statuses(settings.gateway_success)

    def send(self, message: WrittenMessage) -> Outcome:
        """Hand one message to the gateway."""
        chosen = self.settings
        body = json.dumps(_filled(self.body, values(message)), ensure_ascii=False).encode()
        try:
            own = self.headers.current()
        except SettingsError as error:
            log.error("gateway_headers", kind=error.message)
            return Outcome(State.QUEUED, Reason.SETUP)
        headers = {"Content-Type": "application/json", "Accept": "application/json", **own}
        headers["Idempotency-Key"] = message.key
        # Only as much is read as is asked for: the status alone is the gateway's word, unless the reply must agree.
        method, url, seconds = chosen.gateway_method, chosen.gateway_url, chosen.send_seconds
        reply = request(method, url, headers, body, seconds, bool(self.reply))
        return reply if isinstance(reply, Outcome) else self._outcome(reply)

    def close(self) -> None:
        """Hang up: there is nothing to hang up."""

    def _outcome(self, reply: Reply) -> Outcome:
        if not 200 <= reply.status < 300 and reply.status not in self.success:
            return _declined(reply, self.clock())
        if not self.reply or not reply.body.strip():  # a reply without a word says no "no"
            return Outcome(State.DELIVERED, status=reply.status)
        try:
            answer = json.loads(reply.body)
        except ValueError:  # broken off in the middle, or not what was agreed
            answer = None
        if not isinstance(answer, dict) or not answer.keys() >= self.reply.keys():
            return Outcome(State.UNKNOWN, Reason.SERVER, status=reply.status)
        agreed = all(answer[name] == value for name, value in self.reply.items())
        state = State.DELIVERED if agreed else State.QUEUED
        return Outcome(state, None if agreed else Reason.SERVER, status=reply.status)


def carries_words(settings: Settings) -> bool:
    """Return whether the gateway gets words of ours: one with a template of its own may get nothing but a link.

    >>> carries_words(Settings("sqlite://", "", gateway_url="https://a.vn", gateway_body='{"url": "{link}"}'))
    False
    """
    return bool(settings.gateway_url) and not WORDS.isdisjoint(NAME.findall(settings.gateway_body))


def _declined(reply: Reply, when: dt.datetime) -> Outcome:
    status, wait = reply.status, reply.wait(when)
    if status in BUSY:
        return Outcome(State.QUEUED, Reason.BUSY, wait, status)
    if status in SETUP or 300 <= status < 400:
        return Outcome(State.QUEUED, Reason.SETUP, wait, status)
    if 400 <= status < 500 and status != 409:
        return Outcome(State.REFUSED, Reason.ADDRESS, status=status)
    return Outcome(State.UNKNOWN, Reason.SERVER, wait, status)  # 409: a try with this key is still under way there


def _statuses(text: str) -> frozenset[int]:
    """Return the status codes that a setting such as "2xx, 409" names."""
    codes = set[int]()
    for word in filter(None, re.split(r"[\s,;]+", text.lower())):
        if not re.fullmatch(r"[1-5](?:[0-9]{2}|xx)", word):
            raise SettingsError(
                "HAILONG_GATEWAY_SUCCESS must name status codes such as 2xx or 200,409; “%(word)s” is none.",
                word=word[:20],
            )
        first = int(word[0]) * 100
        codes |= set(range(first, first + 100)) if word.endswith("xx") else {int(word)}
    return frozenset(codes)


def values(message: WrittenMessage) -> dict[str, str]:
    """Return what the body's placeholders stand for."""
    first = next(iter(message.short.values()))
    return {
        "phone": message.address,
        "local_phone": message.address.replace("+84", "0", 1),
        "text": first,
        "plain_text": without_marks(first),
        "english_text": message.short.get("en", first),
        "link": message.link,
        "key": message.key,
    }


def _filled(part: Any, texts: dict[str, str]) -> Any:
    """Fill placeholders inside the texts of a JSON value, so that what is filled in can never break out of it."""
    if isinstance(part, str):
        return NAME.sub(lambda name: texts[name.group(1)], part)
    if isinstance(part, dict):
        return {name: _filled(value, texts) for name, value in part.items()}
    return [_filled(value, texts) for value in part] if isinstance(part, list) else part
