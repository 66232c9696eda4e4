"""The first page."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("home", __name__)


@pages.get("/")
def show() -> str:
    """Say what this is and how to take part."""
    return render_template("public/home.html", code="", record=None)
