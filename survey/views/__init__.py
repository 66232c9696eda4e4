"""The addresses of the product; each view parses, calls one domain function and renders."""

from __future__ import annotations

from flask import Flask

from survey.views import (
    api,
    choices,
    citizen,
    dashboard,
    drawing,
    embed,
    genuine,
    guard,
    health,
    kiosk,
    manage,
    placements,
    posters,
    quality,
    receipt,
    reconciliation,
    reports,
    sending,
    session,
    wording,
)
from survey.views.api import access
from survey.views.masthead import masthead_if_known

BLUEPRINTS = (
    api.pages,
    health.pages,
    citizen.pages,
    kiosk.pages,
    receipt.pages,
    session.pages,
    dashboard.pages,
    drawing.pages,
    reports.pages,
    reconciliation.pages,
    sending.pages,
    genuine.pages,
    placements.pages,
    posters.pages,
    quality.pages,
    manage.pages,
    embed.pages,
)
# What citizens' forms carry is a signed proof of origin, what programs send is a key: neither has a session's token.
OWN_PROOF = (citizen.pages, kiosk.pages, api.pages)


def register_views(app: Flask) -> None:
    """Register every blueprint."""
    app.jinja_env.globals["masthead_if_known"] = masthead_if_known
    app.jinja_env.globals.update(
        in_language=choices.in_language,
        same_page=choices.same_page,
        chart_version=drawing.version,
        role_name=wording.role_name,
        instant=wording.instant,
        decimals=wording.decimals,
    )
    guard.install(app)
    access.install(app)
    app.after_request(choices.remember_language)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
