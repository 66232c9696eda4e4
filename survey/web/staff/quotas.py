"""How many answers each unit is to bring, how many came, and how many people are still to be invited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.i18n import msgid
from survey.models import Role
from survey.periods import local_day, now, parse
from survey.reports import quota_table
from survey.results import quotas
from survey.results.quotas import QuotaPlan, QuotaRule
from survey.results.scope import Scope
from survey.results.verdict_text import target_text
from survey.web.request import finish_reading, number_asked, session, standard
from survey.web.staff import access, labels, period_picker

pages = Blueprint("quotas", __name__, url_prefix="/staff")
SUPPOSED = ("0.93", "0.94", "0.95", "0.96", "0.97", "0.98")
USUAL = "0.95"


@pages.get("/quotas")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the quotas of the units of an agency in a period with their progress."""
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    plan = plan_asked(scope, request.args)
    target = scope.held_to(standard()).target
    finish_reading()
    return render_template(
        "staff/quotas.html",
        agency=scope.agency,
        definition=quota_table.quota_definition(plan, target),
        fixed=number_asked("fixed"),
        may_fix=plan.fixed_at is None and not period.ended(today) and access.may_change_for_the_province(Role.MANAGER),
        more={"rule": plan.rule.value, "supposed": plan.supposed},
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
        plan=plan,
        rules=[(rule.value, quota_table.rule_name(rule)) for rule in QuotaRule],
        state_of=quota_table.state_of,
        supposed=[(share, target_text(share)) for share in SUPPOSED],
        table="quotas",
        total=plan.total,
    )


@pages.post("/quotas")
@access.requires(Role.MANAGER)
def fix() -> AnyResponse:
    """Fix the numbers that the page shows as the plan of the period.

    Raises:
        Forbidden: the account is of one agency below the province.
        Conflict: the period has ended, or its numbers were fixed already.
    """
    access.require_province(msgid("Quotas are fixed by the province. Please ask a manager of the province."))
    period = parse(request.form.get("period", ""), request.form.get("basis", ""))
    scope = access.scope(request.form.get("agency"), period)
    number = quotas.fix(session(), plan_asked(scope, request.form), now(), access.who().staff_id)
    session().commit()
    there: dict[str, Any] = {"agency": scope.agency.code, "period": period.code, "basis": str(period.basis)}
    return redirect(url_for("quotas.show", **there, fixed=number), 303)


def plan_asked(scope: Scope, sent: Mapping[str, str]) -> QuotaPlan:
    """Return the plan by the formula and the supposed share that were sent, or by the usual ones."""
    asked, share = sent.get("rule", ""), sent.get("supposed", "")
    rule = QuotaRule(asked) if asked in set(QuotaRule) else QuotaRule.PROVING
    target = scope.held_to(standard()).target
    supposed = share if share in SUPPOSED else USUAL
    return quotas.quota_plan(session(), scope, local_day(now()), target, rule, supposed)
