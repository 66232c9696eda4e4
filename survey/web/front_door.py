"""What stands before every page: only requests for this installation's own name come in, and they know no other.

Whatever the application builds of a request's host (a redirect, an address) is built of PUBLIC_URL. A proxy on this
machine says for whom it asks, and how it names the request; nobody else is believed. The time to wait for the database
is set here, too.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from survey.db.patience import CITIZEN, OFFICIAL, waiting_at_most
from survey.db.row_security import seeing_nothing
from survey.logs import during_request
from survey.security import base32

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})  # whoever looks after the machine, on the machine
UNKNOWN_HOST = "hailong.unknown_host"
ORIGINS = "hailong.origins"  # of which our own pages may be, as the Origin header says it
PATIENT = frozenset({"staff", "api", "metrics"})  # first parts of addresses
GUARDED = frozenset({"staff", "api", "alerts"})  # who asks sees rows of own agencies only, once it is clear who that is
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class FrontDoor:
    """A WSGI application before another one."""

    def __init__(self, app: WSGIApplication, public_url: str) -> None:
        """Stand before `app`, which is reached as `public_url`."""
        self.inside = app
        public = urlsplit(public_url)
        self._scheme, self._host, self._name = public.scheme, public.netloc, public.hostname
        self._origin = f"{public.scheme}://{public.netloc}".lower()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        host = environ.get("HTTP_HOST", "").lower()
        name = _name(host)
        environ[ORIGINS] = {self._origin}
        if name in LOOPBACK:
            environ[ORIGINS].add(f"http://{host}")
        elif name != self._name:
            environ[UNKNOWN_HOST] = True
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = self._host, self._scheme
        request_id = _request_id(environ)
        _name_the_visitor(environ)
        first = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        sight = seeing_nothing() if first in GUARDED else nullcontext()
        with during_request(request_id), waiting_at_most(OFFICIAL if first in PATIENT else CITIZEN), sight:
            return self.inside(environ, _naming(start, request_id))


def _naming(start: StartResponse, request_id: str) -> StartResponse:
    """Let a reply that tells of a fault of ours say by which name the log knows it."""

    def begin(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
        named = [*headers, ("X-Request-ID", request_id)] if status.startswith("5") else headers
        return start(status, named, *fault)

    return begin


def _request_id(environ: WSGIEnvironment) -> str:
    """Return the name that the proxy on this machine has given the request, else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    if environ.get("REMOTE_ADDR") in LOOPBACK and REQUEST_ID.fullmatch(given):
        return str(given)
    return base32.random_code(16)


def _name(host: str) -> str | None:
    """Return the name in a Host header, without its port.

    >>> _name("khaosat.example.vn:8443"), _name("[::1]:80"), _name("a@b"), _name("[")
    ('khaosat.example.vn', '::1', None, None)
    """
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port is None or parts.port >= 0
    except ValueError:
        return None
    plain = parts.netloc == host and "@" not in host
    return parts.hostname if plain and port else None


def _name_the_visitor(environ: WSGIEnvironment) -> None:
    """Put the visitor's address, which the proxy on this machine tells, in the place of the proxy's."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    if forwarded is None or environ.get("REMOTE_ADDR") not in LOOPBACK:
        return
    with suppress(ValueError):
        environ["REMOTE_ADDR"] = str(ipaddress.ip_address(forwarded.rpartition(",")[2].strip()))
