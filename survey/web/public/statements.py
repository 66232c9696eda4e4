"""What everybody may read about the product itself: what becomes of answers, and who can use its pages."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("statements", __name__)


@pages.get("/privacy")
def privacy() -> str:
    """Say what is kept of an answer, who reads it, and when it is erased."""
    return render_template("public/privacy.html")


@pages.get("/accessibility")
def accessibility() -> str:
    """Say by which standard pages are built, what is not yet known of them, and whom to tell: docs/accessibility."""
    return render_template("public/accessibility.html")
