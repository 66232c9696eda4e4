"""Is the process alive, and can it take answers?"""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, jsonify

from survey.models import Installation
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
        installed = session().scalar(sa.select(sa.func.count()).select_from(Installation))
    except sa.exc.SQLAlchemyError:
        current_app.logger.warning("not ready")
        return jsonify(status="unavailable"), 503
    return jsonify(status="ok" if installed else "empty"), 200
