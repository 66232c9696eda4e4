"""Download posters and QR codes; drawing them changes nothing."""

from __future__ import annotations

from flask import Blueprint, Response, request

from survey.collection import placements
from survey.collection.posters import qr_code, typesetting
from survey.collection.posters.typesetting import Size
from survey.errors import Conflict, NotFound
from survey.models import Channel, Placement, Role
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff.placements import owned

pages = Blueprint("posters", __name__, url_prefix="/staff/placements")
MOST = 300  # a few seconds' work; more is for the command line


@pages.get("/posters.pdf")
@access.requires(Role.VIEWER)
def together() -> Response:
    """Send the posters of an agency and everything below it as one file."""
    agency, known = access.agency(request.args.get("agency"), local_day(now()))
    found = placements.listed(session(), list(known.subtree(agency.id)))
    wanted = [placement for placement in found if placement.enabled and placement.channel == Channel.OPEN]
    if not wanted:
        raise NotFound("There is no QR code in use here. Please add one first.")
    if len(wanted) > MOST:
        raise Conflict("These are more than %(most)s posters. Please choose a smaller unit.", most=MOST)
    return _poster(wanted, agency.code)


@pages.get("/<code>/poster.pdf")
@access.requires(Role.VIEWER)
def poster(code: str) -> Response:
    """Send the poster of one QR code."""
    placement = owned(code)
    if placement.channel != Channel.OPEN:
        raise NotFound("A kiosk has no poster: open its address on the screen itself.")
    return _poster([placement], placement.code)


@pages.get("/<code>/qr.<any(svg, png):kind>")
@access.requires(Role.VIEWER)
def picture(code: str, kind: str) -> Response:
    """Send a QR code alone, as a drawing or a picture."""
    placement = owned(code)
    link = placements.address(settings().public_url, placement)
    if kind == "svg":
        return _file(qr_code.svg(link, link).encode(), "image/svg+xml", f"qr_{placement.code}.svg")
    return _file(qr_code.png(link), "image/png", f"qr_{placement.code}.png")


def _poster(wanted: list[Placement], name: str) -> Response:
    asked = request.args.get("size", "")
    size = Size(asked) if asked in set(Size) else Size.A4
    today = local_day(now())
    said = typesetting.posters_of(session(), wanted, settings().secret_key, settings().public_url, today)
    drawn = typesetting.pdf(said, size, today, agencies.installation(session()).demo)
    return _file(drawn, "application/pdf", f"poster_{name}_{size}.pdf")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
