"""Is the process alive, and can it take answers?"""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from survey.logs import log
from survey.organisation import agencies
from survey.web.request import session

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@pages.get("/readyz")
def ready() -> tuple[Response, int]:
    """Return whether the database answers and is migrated; never why not, which is for the log."""
    try:
        installed = agencies.is_installed(session())
    except sa.exc.SQLAlchemyError as error:
        log.warning("not_ready", kind=type(error).__name__)
        return jsonify(status="unavailable"), 503
    return jsonify(status="ok" if installed else "empty"), 200
