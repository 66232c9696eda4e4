"""How many requests were answered, how fast and how they ended: counted by class of address, for `/metrics`.

Classes are few and named here, so no address, token or visitor becomes a label. Several processes count together where
`environment.measure_in` has said in which folder.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from prometheus_client import Histogram, disable_created_metrics

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
CITIZENS = frozenset({"r", "q", "k"})
OWN_CLASS = {"staff": "staff", "api": "api", "static": "static"} | dict.fromkeys(
    ("healthz", "readyz", "metrics"), "operations"
)
disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped there: when each series began: as many series again, which nobody reads
SECONDS = Histogram(
    "hailong_request_seconds",
    "Seconds from the first byte of a request to the last of its reply, waiting for a turn included.",
    ("route", "status"),
    buckets=BUCKETS,
)


def route_class(method: str, path: str) -> str:
    """Return the class of an address, one of seven.

    >>> route_class("POST", "/r/some-token"), route_class("GET", "/staff/units"), route_class("GET", "/nothing/here")
    ('citizen_answer', 'staff', 'public')
    """
    first = path.lstrip("/").partition("/")[0]
    if first in CITIZENS:
        return "citizen_answer" if method == "POST" else "citizen_page"
    return OWN_CLASS.get(first, "public")


class TimedRequests:
    """A WSGI application whose replies are counted and timed."""

    def __init__(self, application: WSGIApplication) -> None:
        """Stand before `application`, which must make a reply whole before it returns."""
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        began, status = time.monotonic(), ["5xx"]

        def begin(line: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
            status[0] = f"{line[0]}xx"
            return start(line, headers, *fault)

        try:
            return self._application(environ, begin)
        finally:
            route = route_class(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
            SECONDS.labels(route, status[0]).observe(time.monotonic() - began)
