"""Posters and QR codes: those of many units are asked for as a job, one is sent at once."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from survey.collection import placements
from survey.collection.posters import qr_code, typesetting
from survey.collection.posters.typesetting import Size
from survey.errors import NotFound, Unavailable
from survey.models import Channel, JobKind, Role
from survey.operations.drawing_process import NotDrawn, drawing_process
from survey.organisation import agencies
from survey.periods import local_day, now
from survey.web.request import finish_reading, reading, session, settings
from survey.web.staff import access, jobs
from survey.web.staff.placements import owned

pages = Blueprint("posters", __name__, url_prefix="/staff/placements")


@pages.post("/posters")
@access.requires(Role.VIEWER)
def together() -> AnyResponse:
    """Ask for the posters of an agency and everything below it as one file, and lead to where it can be fetched."""
    with reading() as looking:
        agency, _ = access.agency(request.form.get("agency"), local_day(now()), looking)
    return jobs.begin(JobKind.POSTERS, agency, {"agency": agency.code, "size": _size(request.form.get("size", ""))})


@pages.get("/<code>/poster.pdf")
@access.requires(Role.VIEWER)
def poster(code: str) -> Response:
    """Send the poster of one QR code."""
    placement = owned(code)
    if placement.channel != Channel.OPEN or placement.test:
        raise NotFound("Kiosks and test links have no poster: open the address itself.")
    size, today = _size(request.args.get("size", "")), local_day(now())
    posters = typesetting.posters_of(session(), [placement], settings().secret_key, settings().public_url, today)
    data = typesetting.document(posters, size, today, agencies.installation(session()).demo)
    finish_reading()
    try:
        pdf = drawing_process.poster(data)
    except NotDrawn as error:
        raise Unavailable("The poster could not be drawn just now. Please try again.") from error
    return _file(pdf, "application/pdf", f"poster_{placement.code}_{size}.pdf")


@pages.get("/<code>/qr.<any(svg, png):kind>")
@access.requires(Role.VIEWER)
def picture(code: str, kind: str) -> Response:
    """Send a QR code alone, as a drawing or a picture."""
    placement = owned(code)
    link = placements.address(settings().public_url, placement.channel, placement.code)
    if kind == "svg":
        return _file(qr_code.svg(link, link).encode(), "image/svg+xml", f"qr_{placement.code}.svg")
    return _file(qr_code.png(link), "image/png", f"qr_{placement.code}.png")


def _size(asked: str) -> Size:
    return Size(asked) if asked in set(Size) else Size.A4


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
