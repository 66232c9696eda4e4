"""The plan of quotas as a file, and its words on pages."""

from __future__ import annotations

from collections.abc import Sequence

from survey.i18n import gettext, msgid
from survey.reports.columns import Value
from survey.reports.owed_tables import OwedTable, named
from survey.results.quotas import QuotaLine, QuotaPlan, QuotaRule
from survey.results.verdict_text import target_text

RULES = {
    QuotaRule.OFFICIAL: msgid("Official formula"),
    QuotaRule.PRECISE: msgid("Exact for ±5 points"),
    QuotaRule.PROVING: msgid("Proves the target"),
}


def rule_name(rule: QuotaRule) -> str:
    """Return the name of a formula."""
    return gettext(RULES[rule])


def quota_definition(plan: QuotaPlan, target: str) -> str:
    """Say by which formula the numbers are, and from what they were worked out."""
    if plan.rule is QuotaRule.OFFICIAL:
        formula = gettext("Wanted = N ÷ (1 + N × e²) with e = 5%, rounded up: the official formula.")
    elif plan.rule is QuotaRule.PRECISE:
        formula = gettext(
            "Wanted = as many answers as estimate a share to within ±5 points at 95% confidence, of N cases."
        )
    else:
        formula = gettext(
            "Wanted = as many answers as prove, four times in five, that %(target)s of the N cases are satisfied if "
            "%(supposed)s are.",
            target=target_text(target),
            supposed=target_text(plan.supposed),
        )
    return formula + " " + gettext("N is the number of finished cases. The formulas hold for people chosen by chance.")


def state_of(line: QuotaLine) -> str:
    """Say in a few words how a unit stands."""
    if not line.cases:
        return gettext("No finished cases")
    if line.wanted is None:
        return gettext("Cannot be proved: too few would be satisfied")
    if not line.left:
        return gettext("Reached")
    if not line.reachable:
        return gettext("Cannot be reached even if everyone is invited")
    if line.to_invite is None:
        return gettext("Nobody has answered yet")
    return gettext("Not reached yet") if line.to_invite else gettext("Enough people are invited")


def quota_table(plan: QuotaPlan, target: str) -> OwedTable:
    """Return the plan as a table, a line for each unit and one for all."""
    columns = (
        (gettext("Code"), "text"),
        (gettext("Unit"), "long"),
        (gettext("Finished cases"), "count"),
        (gettext("Wanted answers"), "count"),
        (gettext("Fixed"), "text"),
        (gettext("Invited cases"), "count"),
        (gettext("Rated cases"), "count"),
        (gettext("Still missing"), "count"),
        (gettext("Still to be invited"), "count"),
        (gettext("State"), "long"),
    )
    lines: list[Sequence[Value]] = []
    for line in (*plan.lines, plan.total):
        fixed = gettext("yes") if line.fixed else gettext("no")
        counts = (line.invited, line.rated, line.left, line.to_invite)
        lines.append([*named(line.agency), line.cases, line.wanted, fixed, *counts, state_of(line)])
    return OwedTable(gettext("Quotas of answers"), columns, lines, quota_definition(plan, target))
