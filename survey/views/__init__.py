"""The addresses of the product; each view parses, calls one domain function and renders."""

from __future__ import annotations

from flask import Flask

from survey.views import health

BLUEPRINTS = (health.pages,)


def register_views(app: Flask) -> None:
    """Register every blueprint."""
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
