"""The installation as visitors reach it: its certificate, its clock, and the address that it listens on."""

from __future__ import annotations

import datetime as dt
import http.client
import ssl
from collections.abc import Iterator
from contextlib import closing
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from survey.i18n import msgid
from survey.operations.finding import Finding
from survey.periods import local_day, now
from survey.settings import Settings

SECONDS = 5.0  # as long as the start of the service waits for it at most
CERTIFICATE_DAYS = 14
CLOCK_SLACK = dt.timedelta(seconds=60)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ABOUT = msgid("public site")


def examine(settings: Settings, context: ssl.SSLContext | None = None) -> Iterator[Finding]:
    """Yield what there is to say; the site is asked for one page of its head only, by https only.

    Whatever is wrong with it is a warning: a service that did not start for it could not be put right behind it.
    """
    yield listening(settings)
    if settings.secure:
        yield from reached(settings.public_url, context or ssl.create_default_context())


def listening(settings: Settings) -> Finding:
    """Look at whether strangers reach the program past the proxy."""
    about, values = msgid("listening"), {"host": settings.host, "port": settings.port}
    if settings.host in LOOPBACK:
        return Finding("ok", about, msgid("on %(host)s, port %(port)s"), values=values)
    observation = msgid("on %(host)s, port %(port)s: other machines reach it past the proxy, without encryption")
    cure = msgid("Leave HAILONG_HOST at 127.0.0.1 and put nginx in front of it on this machine")
    return Finding("warning", about, observation, cure, values)


def reached(url: str, context: ssl.SSLContext) -> Iterator[Finding]:
    """Look at the site's certificate, and compare its clock with this machine's."""
    address = urlsplit(url)
    connection = http.client.HTTPSConnection(address.netloc, timeout=SECONDS, context=context)
    try:
        with closing(connection):
            connection.request("HEAD", "/healthz")
            end = _end_of_certificate(connection)
            stamp = connection.getresponse().getheader("Date")
            here = now()
    except ssl.SSLCertVerificationError as error:
        cure = msgid("Renew it, or let this machine trust whoever has issued it")
        refused = msgid("its certificate is not accepted: %(why)s")
        yield Finding("warning", ABOUT, refused, cure, {"why": error.verify_message})
        return
    except (OSError, http.client.HTTPException) as error:
        cure = msgid("Check nginx and the name of PUBLIC_URL; if nobody reaches it, nobody can answer")
        away = msgid("%(url)s is not reached from this machine (%(kind)s)")
        yield Finding("warning", ABOUT, away, cure, {"url": url, "kind": type(error).__name__})
        return
    yield certificate(end, here)
    yield from clock(stamp, here)


def certificate(end: dt.datetime | None, when: dt.datetime) -> Finding:
    """Look at how long the certificate is good for."""
    values = {"day": local_day(end) if end else ""}
    if end is None or end - when < dt.timedelta(days=CERTIFICATE_DAYS):
        cure = msgid("Renew it in time, or see why it is not renewed by itself")
        return Finding("warning", ABOUT, msgid("its certificate ends on %(day)s"), cure, values)
    return Finding("ok", ABOUT, msgid("reached, with a certificate until %(day)s"), values=values)


def clock(stamp: str | None, here: dt.datetime) -> Iterator[Finding]:
    """Say if the clock of the site is not that of this machine: on which day an answer counts depends on it."""
    try:
        there = parsedate_to_datetime(stamp or "")
    except ValueError:
        return
    if there.tzinfo is not None and abs(there - here) > CLOCK_SLACK:
        observation = msgid("its clock differs from this machine's by %(seconds)s seconds")
        seconds = round(abs(there - here).total_seconds())
        yield Finding("warning", ABOUT, observation, msgid("Use NTP on both"), {"seconds": seconds})


def _end_of_certificate(connection: http.client.HTTPSConnection) -> dt.datetime | None:
    shown = connection.sock.getpeercert() if isinstance(connection.sock, ssl.SSLSocket) else None
    end = (shown or {}).get("notAfter")
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(end), dt.UTC) if isinstance(end, str) else None
