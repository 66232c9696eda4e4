"""The addresses of the product; each view parses, calls one domain function and renders."""

from __future__ import annotations

from flask import Flask

from survey.web import api, health, language
from survey.web.citizen import app as citizen
from survey.web.citizen import kiosk
from survey.web.current_survey import current_survey_or_none
from survey.web.public import receipt, verify_qr
from survey.web.staff import (
    access,
    chart_svg,
    dashboard,
    deliveries,
    embed,
    invitation_coverage,
    labels,
    period_picker,
    placements,
    posters,
    questionnaires,
    reports,
    response_quality,
    sign_in,
)

BLUEPRINTS = (
    api.pages,
    health.pages,
    citizen.pages,
    kiosk.pages,
    receipt.pages,
    sign_in.pages,
    dashboard.pages,
    chart_svg.pages,
    reports.pages,
    invitation_coverage.pages,
    deliveries.pages,
    verify_qr.pages,
    placements.pages,
    posters.pages,
    response_quality.pages,
    questionnaires.pages,
    embed.pages,
)
# What citizens' forms carry is a signed proof of origin, what programs send is a key: neither has a session's token.
OWN_PROOF = (citizen.pages, kiosk.pages, api.pages)


def register_views(app: Flask) -> None:
    """Register every blueprint."""
    app.jinja_env.globals["current_survey_or_none"] = current_survey_or_none
    app.jinja_env.globals.update(
        in_language=period_picker.in_language,
        same_page=period_picker.same_page,
        chart_version=chart_svg.version,
        role_name=labels.role_name,
        instant=labels.instant,
        decimals=labels.decimals,
    )
    access.install(app)
    app.after_request(language.remember_language)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
