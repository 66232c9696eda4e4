"""Why people are not satisfied: the reasons that they ticked, the factors, and all else that they chose, by one cut."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from survey.i18n import current_language, gettext, number, text
from survey.models import Role
from survey.periods import local_day, now
from survey.results import caveats, verdict_text
from survey.results.choices import REASONS, ChoiceQuestion, choices
from survey.results.cuts import CUT_NAMES, EVERYBODY, Cut, PartRow, chosen, parts
from survey.results.factors import by_questionnaire, factors
from survey.results.scope import Scope
from survey.web.request import finish_reading, session, standard
from survey.web.staff import access, figures_cache, labels, period_picker
from survey.web.staff.figures_cache import CachedFigures
from survey.web.staff.task_marks import task_marks

pages = Blueprint("reasons", __name__, url_prefix="/staff")


@pages.get("/reasons")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show the reasons, factors and choices of a period and agency; of one part of the answers where one is asked for.

    By which things they can be cut is fixed (`Cut`), and only one at a time.
    """
    today = local_day(now())
    period = period_picker.period_asked(today)
    scope = access.scope(request.args.get("agency"), period)
    asked = request.args.get("by", "")
    cut, value = Cut(asked) if asked in set(Cut) else None, request.args.get("part")
    shown = figures_cache.cached(
        session(),
        (
            request.full_path,
            current_language(),
            access.who().agency_id,
            scope.reader,
            access.may_change(),
            standard(),
            today,
        ),
        lambda: _draw(scope, cut, value),
    )
    finish_reading()
    return render_template(
        "staff/reasons.html",
        agency=scope.agency,
        batches=caveats.by_batches(scope),
        by=cut or "",
        cuts=[(one.value, gettext(name)) for one, name in CUT_NAMES.items()],
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(today, period.basis, period),
        shown=shown,
    )


def _draw(scope: Scope, cut: Cut | None, value: str | None) -> CachedFigures:
    rows: Sequence[PartRow] = () if cut is None else parts(session(), scope, standard(), cut)
    only = None if cut is None or value is None else chosen(rows, value)
    part = EVERYBODY if only is None else only.part
    every = choices(session(), scope, standard(), part)
    rated = factors(session(), scope, standard(), part)
    marks = task_marks(session(), scope) if only is None else None  # tasks are about all answers
    finish_reading()
    html = render_template(
        "staff/_reasons.html",
        agency=scope.agency,
        period=scope.period,
        confidence=scope.held_to(standard()).confidence,
        cut=cut,
        cut_name=gettext(CUT_NAMES[cut]) if cut else "",
        rows=rows,
        only=only,
        marks=marks,
        reasons=next((question for question in every if question.id == REASONS), None),
        others=[question for question in every if question.id != REASONS and question.answered],
        factors=rated,
        by_questionnaire=by_questionnaire,
        target=scope.held_to(standard()).target,
        words=verdict_text,
        finding=finding,
    )
    return CachedFigures.of(html, bool(rows))


def finding(question: ChoiceQuestion) -> str:
    """Return in one sentence what was chosen most often; empty where that cannot be said."""
    first = next((choice for choice in question.choices if choice.people and choice.value != "other"), None)
    if first is None:
        return ""
    return gettext(
        "Named most often: “%(choice)s”, by %(people)s of the %(answered)s who gave a reason.",
        choice=text(first.text),
        people=number(first.people or 0),
        answered=number(question.answered),
    )
