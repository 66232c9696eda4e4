"""Whether a form came from a page of ours: one check for citizens and officials.

Browsers say where a request comes from (Fetch Metadata, W3C; Origin, RFC 6454) and no page can make them lie. Programs
that are no browser say nothing; they hold nobody's cookies.
"""

from __future__ import annotations

from flask import Request

from survey.errors import Forbidden
from survey.web.front_door import ORIGINS

OURS = frozenset({"same-origin", "none"})  # "none": somebody typed the address or opened a bookmark
OPAQUE = "null"  # what a browser says that may not tell, as those inside other apps


def refuse_other_sites(request: Request, opaque: bool) -> None:
    """Refuse a form that a page of another site sent, a neighbour under the same domain among them.

    `opaque`: take it, too, if the browser may not tell where it comes from; right only where no cookie gives a right.

    Raises:
        Forbidden: it is not from a page of ours.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site in OURS if site is not None else True
    if origin == OPAQUE:
        ours = ours and (opaque or site == "same-origin")
    elif origin is not None:
        ours = ours and origin.lower() in request.environ[ORIGINS]
    if not ours:
        raise Forbidden("This form was sent from another website. Please open the page by its own address.")
