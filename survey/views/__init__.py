"""The addresses of the product; each view parses, calls one domain function and renders."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from survey.views import health


def register_views(app: Flask, csrf: CSRFProtect) -> None:
    """Register every blueprint; the citizens' forms carry their own stateless token."""
    app.register_blueprint(health.pages)
