"""Addresses as version 0.2 had them, which stand in bookmarks and guides: each leads to the page of today."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from survey.models import Role
from survey.web.staff import access

pages = Blueprint("moved", __name__, url_prefix="/staff")
PAGES = {
    "quality": "response_quality.show",
    "reconciliation": "invitation_coverage.show",
    "sending": "deliveries.show",
}


@pages.get("/<any(quality, reconciliation, sending):before>")
@access.requires(Role.VIEWER)
def lead_on(before: str) -> Response:
    """Lead to the address of today, with all that was asked for."""
    query = request.query_string.decode("latin-1")
    return redirect(url_for(PAGES[before]) + (f"?{query}" if query else ""), 301)
