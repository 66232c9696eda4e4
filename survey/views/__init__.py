"""The addresses of the product; each view parses, calls one domain function and renders."""

from __future__ import annotations

from flask import Flask

from survey.views import citizen, health
from survey.views.masthead import masthead_if_known

BLUEPRINTS = (health.pages, citizen.pages)
OWN_PROOF = (citizen.pages,)  # their forms carry a signed proof of origin instead of a session's token


def register_views(app: Flask) -> None:
    """Register every blueprint."""
    app.jinja_env.globals["masthead_if_known"] = masthead_if_known
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
