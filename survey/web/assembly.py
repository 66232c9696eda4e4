"""The addresses of the product but citizens' own; each view parses, calls one domain function and renders."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter

from survey import i18n
from survey.models import PrivacyPage
from survey.version import version
from survey.web import api, health, metrics
from survey.web.current_survey import current_survey_or_none
from survey.web.public import (
    confirm_address,
    home,
    improvements,
    indexing,
    ledger,
    receipt,
    reply_contact,
    report_check,
    results,
    results_files,
    statements,
    stop_alerts,
    verify_qr,
)
from survey.web.staff import (
    access,
    account_invitations,
    accounts,
    alerts,
    apologies,
    audit_trail,
    brief,
    call_backs,
    calls,
    closing,
    comment_originals,
    comments,
    dashboard,
    deliveries,
    duties,
    earlier,
    embed,
    exclusions,
    factor_check,
    factor_resets,
    first_account,
    follow_up,
    imports,
    indicator_766,
    invitation_coverage,
    issuing,
    jobs,
    join,
    labels,
    moved,
    navigation,
    other_figures,
    period_picker,
    person_requests,
    placements,
    posters,
    procedures,
    programs,
    publication,
    questionnaires,
    quotas,
    reasons,
    register,
    report_comments,
    reports,
    response_quality,
    return_1565,
    sample_size,
    second_factor,
    second_step,
    service_index,
    sheets,
    sign_in,
    single_sign_on,
    start,
    stopped_accounts,
    targets,
    tasks,
    themes,
    units,
    working_days,
)
from survey.web.staff import improvements as staff_improvements
from survey.web.survey import this_survey

BLUEPRINTS = (
    api.pages,
    health.pages,
    metrics.pages,
    home.pages,
    improvements.pages,
    results.pages,
    results_files.pages,
    indexing.pages,
    ledger.pages,
    receipt.pages,
    statements.pages,
    reply_contact.pages,
    confirm_address.pages,
    report_check.pages,
    stop_alerts.pages,
    sign_in.pages,
    second_step.pages,
    single_sign_on.pages,
    single_sign_on.logout,
    second_factor.pages,
    factor_resets.pages,
    dashboard.pages,
    brief.pages,
    units.pages,
    procedures.pages,
    reports.pages,
    closing.pages,
    publication.pages,
    duties.pages,
    register.pages,
    jobs.pages,
    imports.pages,
    earlier.pages,
    invitation_coverage.pages,
    deliveries.pages,
    verify_qr.pages,
    placements.pages,
    posters.pages,
    sheets.pages,
    call_backs.pages,
    calls.pages,
    response_quality.pages,
    exclusions.pages,
    reasons.pages,
    comments.pages,
    alerts.pages,
    apologies.pages,
    follow_up.pages,
    staff_improvements.pages,
    working_days.pages,
    issuing.pages,
    report_comments.pages,
    targets.pages,
    tasks.pages,
    themes.pages,
    questionnaires.pages,
    embed.pages,
    stopped_accounts.pages,
    account_invitations.pages,
    accounts.pages,
    join.pages,
    first_account.pages,
    start.pages,
    programs.pages,
    audit_trail.pages,
    comment_originals.pages,
    person_requests.pages,
    moved.pages,
    indicator_766.pages,
    service_index.pages,
    return_1565.pages,
    quotas.pages,
    sample_size.pages,
    other_figures.pages,
)
# What programs send is a key, without a session's token; a file's form is proved by its view, once it may be read;
# a link out of a mail proves itself, and mail programs follow it without any page of ours; a citizen's form carries its
# own proof, for there is no session; a file that is only compared changes nothing; and a provider signs what it sends.
OWN_PROOF = (
    api.pages,
    imports.pages,
    confirm_address.pages,
    stop_alerts.pages,
    reply_contact.pages,
    report_check.pages,
    single_sign_on.logout,
)


LAST_ROW = 2**63 - 1  # no database numbers a row higher, and asking one for more is an error


class RowNumberConverter(IntegerConverter):
    """A number of a row in an address; with more than a database can hold, there is no such page."""

    def to_python(self, value: str) -> int:
        """Return the number.

        Raises:
            NotFound: it is too large, whatever the method; `max` would let the address be one of another method.
        """
        number = super().to_python(value)
        if number > LAST_ROW:
            raise NotFound
        return int(number)


def register_views(app: Flask) -> None:
    """Register every blueprint."""
    app.url_map.converters["int"] = RowNumberConverter
    app.jinja_env.globals["current_survey_or_none"] = current_survey_or_none
    app.jinja_env.globals["privacy_notice"] = _privacy_notice
    app.jinja_env.globals.update(
        same_page=period_picker.same_page,
        role_name=labels.role_name,
        factor_due=factor_check.factor_due,
        instant=i18n.instant,
        score=i18n.score,
        product_version=version(),
    )
    access.install(app)
    navigation.install(app)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)


def _privacy_notice(page: str) -> tuple[str, ...]:
    """Return what the pages of this kind say about a citizen's data, in the language in use: at the head, and below."""
    return this_survey().privacy_notices.lines(PrivacyPage[page], i18n.current_language())
