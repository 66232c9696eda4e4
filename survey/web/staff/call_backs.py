"""Call-backs: plan one, seal its design, see how far the calls have come, and what they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.callbacks import designs, drawing, figures, finishing, frame, words
from survey.callbacks.designs import MOST_CALLS, MOST_TRIES, SamplePlan
from survey.callbacks.outcomes import MEANINGS
from survey.errors import Conflict
from survey.i18n import error_text, gettext, msgid
from survey.models import CallBackDesign, CallBackStage, Role
from survey.organisation import agencies
from survey.periods import Period, local_day, month_of, now, parse, previous
from survey.results.scope import scope_for
from survey.web.request import number_asked, session, standard, whole_number
from survey.web.staff import access, labels

pages = Blueprint("call_backs", __name__, url_prefix="/staff/call-backs")
MARGINS, USUAL_MARGIN = (3, 5, 7, 10), 5  # percentage points
REACHED, USUAL_REACHED = (30, 40, 50, 60, 70, 80, 90), 60  # of a hundred people who are called
OF_ANSWERED, USUAL_TRIES, CALL_MINUTES = 60, 5, 6
_WHY = msgid("Call-backs are the province's. Please ask a manager of the province.")
_NUMBERS = msgid("Please give whole numbers: at most %(calls)s calls and %(tries)s tries.")


def may_see_call_backs() -> bool:
    """Return whether the account may look at call-backs: those of the province may."""
    return access.may_look_for_the_province(Role.VIEWER)


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """List the call-backs, and reckon what one would cost."""
    access.require_province(_WHY)
    return _list()


@pages.post("")
@access.requires(Role.MANAGER)
def plan() -> AnyResponse | tuple[str, int]:
    """Plan the call-back of a period."""
    access.require_province(_WHY)
    period = parse(request.form.get("period", ""), request.form.get("basis", ""))
    try:
        design = designs.plan(session(), period, _sample(), access.who().staff_id, now())
        session().commit()
    except Conflict as conflict:
        session().rollback()
        return _list(error_text(conflict)), 409
    return redirect(url_for(".look", number=design.id), 303)


@pages.get("/<int:number>")
@access.requires(Role.VIEWER)
def look(number: int) -> str:
    """Show one call-back: its design, how far the calls have come, what they say."""
    access.require_province(_WHY)
    return _page(designs.one(session(), number))


@pages.post("/<int:number>/seal")
@access.requires(Role.MANAGER)
@access.confirmed
def seal(number: int) -> AnyResponse | tuple[str, int]:
    """Seal the design as it was sent."""
    return _step(number, lambda staff_id, at: designs.seal(session(), number, _sample(), staff_id, at))


@pages.post("/<int:number>/finish")
@access.requires(Role.MANAGER)
@access.confirmed
def finish(number: int) -> AnyResponse | tuple[str, int]:
    """Finish the calls, though not everybody was reached."""
    return _step(number, lambda staff_id, at: finishing.finish(session(), number, staff_id, at))


@pages.post("/<int:number>/draw")
@access.requires(Role.MANAGER)
def draw(number: int) -> AnyResponse | tuple[str, int]:
    """Draw now what the next round would draw: the seed is the same whoever asks for it."""
    return _step(number, lambda _staff_id, at: drawing.draw_due(session(), at))


@pages.post("/<int:number>/drop")
@access.requires(Role.MANAGER)
def drop(number: int) -> AnyResponse | tuple[str, int]:
    """Drop a plan that is not sealed."""
    return _step(number, lambda staff_id, at: designs.drop(session(), number, staff_id, at), leads_to=url_for(".show"))


def _step(
    number: int, take: Callable[[int, dt.datetime], object], *, leads_to: str = ""
) -> AnyResponse | tuple[str, int]:
    """Take a call-back one step on and lead to its page, or to another one.

    Raises:
        NotFound: there is no such call-back.
    """
    access.require_province(_WHY)
    designs.one(session(), number)
    try:
        take(access.who().staff_id, now())
        session().commit()
    except Conflict as conflict:
        session().rollback()
        return _page(designs.one(session(), number), error_text(conflict)), 409
    return redirect(leads_to or url_for(".look", number=number), 303)


def _sample() -> SamplePlan:
    """Return what was sent.

    Raises:
        Conflict: it is no whole numbers, or too many.
    """
    typed = [request.form.get(name, "").strip() or "0" for name in ("silent_calls", "answered_calls", "tries")]
    numbers = [number for one in typed if (number := whole_number(one)) is not None]
    if len(numbers) < len(typed) or max(numbers[:2]) > MOST_CALLS or not 1 <= numbers[2] <= MOST_TRIES:
        raise Conflict(_NUMBERS, calls=MOST_CALLS, tries=MOST_TRIES)
    return SamplePlan(*numbers)


def _offered(today: dt.date, rows: list[CallBackDesign]) -> list[Period]:
    """Return the periods of which a call-back can be planned: next month, this one, the one before, the quarter."""
    month = month_of(today)
    year, number = int(month.code[:4]), int(month.code[5:])
    quarter = parse(f"{year}-Q{(number + 2) // 3}")
    taken = {(row.period_code, row.period_basis) for row in rows}
    periods = [month_of(month.last + dt.timedelta(days=1)), month, previous(month), quarter]
    return [one for one in periods if (one.code, str(one.basis)) not in taken]


def _list(problem: str = "") -> str:
    today, rows = local_day(now()), list(designs.listed(session()))
    periods = _offered(today, rows)
    asked = request.values.get("period", "")
    period = next((one for one in periods if one.code == asked), periods[0] if periods else None)
    margin, reached = number_asked("margin"), number_asked("reached")
    margin = margin if margin in MARGINS else USUAL_MARGIN
    reached = reached if reached in REACHED else USUAL_REACHED
    return render_template(
        "staff/call_backs.html",
        most_calls=MOST_CALLS,
        most_tries=MOST_TRIES,
        margin=margin,
        margins=MARGINS,
        may_plan=access.may_change_for_the_province(Role.MANAGER),
        minutes=CALL_MINUTES,
        name=labels.period_name,
        period=period,
        period_of=designs.period_of,
        periods=periods,
        problem=problem,
        reached=reached,
        reached_shares=REACHED,
        reckoned=None if period is None else _reckoned(period, today, margin, reached),
        rows=rows,
        stages={stage: gettext(message) for stage, message in words.STAGES.items()},
        tries=USUAL_TRIES,
        of_answered=OF_ANSWERED,
        walking=False,
    )


def _reckoned(period: Period, today: dt.date, margin: int, reached: int) -> dict[str, Any] | None:
    """Return what the call-back of a period would take."""
    counted = designs.expected(session(), period, previous(period), today)
    if counted is None:
        return None
    counts, own = counted
    needed, drawn = designs.calls_needed(counts, margin / 100, reached / 100)
    answered = min(OF_ANSWERED, counts.answered)
    calls = drawn + answered
    return {
        "counts": counts,
        "own": own,
        "needed": needed,
        "silent_calls": min(drawn, MOST_CALLS),
        "answered_calls": answered,
        "calls": calls,
        "hours": -(-calls * CALL_MINUTES // 60),
    }


def _page(design: CallBackDesign, problem: str = "") -> str:
    period, today = designs.period_of(design), local_day(now())
    scope = scope_for(session(), period, agencies.root(session()).id)
    counted = None
    if design.stage == CallBackStage.PLANNED and period.ended(today):
        try:
            counted = frame.cohort_counts(session(), period)
        except Conflict as conflict:
            problem = problem or error_text(conflict)
    return render_template(
        "staff/call_back.html",
        counted=counted,
        design=design,
        ended=period.ended(today),
        drawable=design.stage == CallBackStage.SEALED and drawing.seed_checkpoint(session(), design, now()) is not None,
        may_change=access.may_change_for_the_province(Role.MANAGER),
        meanings={outcome: (gettext(one.words), one.code) for outcome, one in MEANINGS.items()},
        most_calls=MOST_CALLS,
        most_tries=MOST_TRIES,
        outcomes=figures.outcomes(session(), design),
        period=period,
        period_name=labels.period_name(period),
        problem=problem,
        shown=figures.of_design(session(), design, scope.held_to(standard())),
        stage=gettext(words.STAGES[design.stage]),
        strata={stratum: gettext(message) for stratum, message in words.STRATA.items()},
        walking=False,
        words=words,
    )
