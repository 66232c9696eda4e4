"""An invitation's own QR code as a picture."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from flask import Response
from pydantic import Field

from survey.accounts.api_keys import KeyScope
from survey.collection import invitations
from survey.collection.posters import qr_code
from survey.errors import NotFound
from survey.organisation.agencies import tree
from survey.periods import now
from survey.security.tokens import TOKEN
from survey.web.api.operations import Asked, Query, Strict, operation
from survey.web.request import session, settings

PIXELS = 6


class InvitationToken(Strict):
    """The last part of an invitation's link."""

    token: Annotated[str, Field(pattern=f"^{TOKEN.pattern}$")]


class QrQuery(Query):
    """Which picture."""

    format: Literal["svg", "png"] = "svg"


@operation(
    "/qr/{token}",
    "GET",
    ("image/svg+xml", "image/png"),
    query=QrQuery,
    path=InvitationToken,
    scope=KeyScope.CASES_WRITE,
    errors=(404, 410),
)
def draw_qr(asked: Asked) -> Response:
    """Draw the QR code of an invitation's link, for the page or paper that hands over the result."""
    source = invitations.find(session().connection(), asked.path.token, now())
    if not tree(session()).within(source.agency_id, asked.holder.agency_id):
        raise NotFound("This link is not valid. Please open it again from the message that you received.")
    link = invitations.address(settings().public_url, asked.path.token)
    if asked.query.format == "png":
        return Response(qr_code.png(link, PIXELS), content_type="image/png")
    return Response(qr_code.svg(link), content_type="image/svg+xml")


def data(link: str, kind: str) -> str:
    """Return a link's QR code as a data address."""
    drawn = qr_code.svg(link).encode() if kind == "svg" else qr_code.png(link, PIXELS)
    media = "image/svg+xml" if kind == "svg" else "image/png"
    return f"data:{media};base64,{base64.b64encode(drawn).decode()}"
