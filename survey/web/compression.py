"""Replies packed for the way: where the application stands alone nobody else does it, and a proxy must not.

What is packed together with text that somebody else chose tells its length, and so, try by try, its content (BREACH,
2013). Such tries are requests that another site makes a browser send. So only what the visitor asked for on a page of
ours is packed, as the browser says (Fetch Metadata), and, where it says nothing, only pages in whose address nothing
was chosen. Citizens' pages are packed in their own way, in `survey.web.citizen.cached_page`.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Request, Response
from werkzeug.http import parse_accept_header

LEAST_BYTES = 1000  # less is one packet anyhow
LEVEL = 6
TYPES = ("text/", "application/json", "application/problem+json", "application/javascript", "image/svg+xml")
OURS = frozenset({"same-origin", "none"})


@lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    """Return whether a visitor who sends this Accept-Encoding takes gzip."""
    return parse_accept_header(accepted).quality("gzip") > 0


def pack(request: Request, response: Response) -> None:
    """Pack a reply, if it is text and its length may be known."""
    packable = (response.mimetype or "").startswith(TYPES) and not response.is_streamed and response.status_code != 206
    if not packable or "Content-Encoding" in response.headers or (response.content_length or 0) < LEAST_BYTES:
        return
    response.vary.add("Accept-Encoding")
    if takes_gzip(request.headers.get("Accept-Encoding", "")) and _asked_here(request):
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _asked_here(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OURS
    return request.method in ("GET", "HEAD") and not request.query_string
