"""Public results as they were written: kept until something that they show has changed, and sent as the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Response, request

from survey.comments import publishing
from survey.i18n import current_language
from survey.ledger import tree
from survey.models import IssuedReport
from survey.results import publication
from survey.web.bounded_cache import BoundedCache
from survey.web.request import session
from survey.web.survey import this_survey

FRESH_SECONDS = 300  # for as long a browser or a proxy may show what was retracted meanwhile
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class WrittenPage:
    """A page or file as it is sent."""

    body: bytes
    content_type: str
    status: int = 200

    @property
    def tag(self) -> str:
        """Return what tells it from every other."""
        return hashlib.sha256(self.body).hexdigest()[:32]


class WrittenPages(BoundedCache[WrittenPage]):
    """The public pages and files that this process has written: some tens of kB each."""

    most = 256


def sent(
    asked: Hashable, write: Callable[[], WrittenPage], cached: str = f"public, max-age={FRESH_SECONDS}"
) -> Response:
    """Send what was asked for, written only if something that it may show has changed; nothing where it is there.

    `asked` is what tells one page from another, beside the language.
    """
    page = this_survey().part(WrittenPages).get((asked, current_language(), _state()), write)
    response = Response(page.body, status=page.status, content_type=page.content_type)
    response.headers["Cache-Control"] = cached
    response.vary.add("Cookie")  # which may say the language
    response.set_etag(page.tag, weak=True)  # it is packed on the way
    if page.status == 200:
        response.make_conditional(request)
    return response


def _state() -> tuple[object, ...]:
    """Return what differs as soon as any of what these pages show does; four small looks, at no answer."""
    newest = tree.newest_checkpoint(session())
    issued = session().scalar(sa.select(sa.func.max(IssuedReport.id)))
    return (*publication.state(session()), newest and newest.size, issued, *publishing.state(session()))
