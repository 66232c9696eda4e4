"""The addresses of the product but citizens' own; each view parses, calls one domain function and renders."""

from __future__ import annotations

from flask import Flask

from survey import i18n
from survey.version import version
from survey.web import api, health
from survey.web.current_survey import current_survey_or_none
from survey.web.public import home, receipt, reply_contact, verify_qr
from survey.web.staff import (
    access,
    chart_svg,
    comment_originals,
    comments,
    dashboard,
    deliveries,
    embed,
    follow_up,
    imports,
    invitation_coverage,
    jobs,
    labels,
    moved,
    period_picker,
    person_requests,
    placements,
    posters,
    questionnaires,
    reasons,
    reports,
    response_quality,
    sign_in,
    stopped_accounts,
    themes,
    working_days,
)

BLUEPRINTS = (
    api.pages,
    health.pages,
    home.pages,
    receipt.pages,
    reply_contact.pages,
    sign_in.pages,
    dashboard.pages,
    chart_svg.pages,
    reports.pages,
    jobs.pages,
    imports.pages,
    invitation_coverage.pages,
    deliveries.pages,
    verify_qr.pages,
    placements.pages,
    posters.pages,
    response_quality.pages,
    reasons.pages,
    comments.pages,
    follow_up.pages,
    working_days.pages,
    themes.pages,
    questionnaires.pages,
    embed.pages,
    stopped_accounts.pages,
    comment_originals.pages,
    person_requests.pages,
    moved.pages,
)
# What programs send is a key, without a session's token; a file's form is proved by its view, once it may be read, and
# a citizen's by its own proof, for there is no session.
OWN_PROOF = (api.pages, imports.pages, reply_contact.pages)


def register_views(app: Flask) -> None:
    """Register every blueprint."""
    app.jinja_env.globals["current_survey_or_none"] = current_survey_or_none
    app.jinja_env.globals.update(
        same_page=period_picker.same_page,
        chart_version=chart_svg.version,
        role_name=labels.role_name,
        instant=i18n.instant,
        score=i18n.score,
        product_version=version(),
    )
    access.install(app)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
