"""Letters of apology for late cases: what waits is approved, declined or printed, and what was sent is followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.apologies import drafting, letter_counts, letter_text, listing, steps
from survey.apologies.listing import ApologyRow
from survey.apologies.steps import ApologyStep, Desk
from survey.delivery import letters, messages
from survey.errors import Conflict, NotFound
from survey.i18n import error_text, gettext, language_name, msgid, speaking, text
from survey.i18n import number as number_text
from survey.models import AddressKind, Role
from survey.organisation import agencies
from survey.periods import local_day, month_of, now
from survey.redaction.checking import Faults, fault_words, tidied
from survey.web.request import number_asked, page_asked, session, settings, whole_number
from survey.web.staff import access, labels
from survey.web.staff.deliveries import REASONS
from survey.web.survey import this_survey

pages = Blueprint("apologies", __name__, url_prefix="/staff/apologies")
A_PAGE, MONTHS = 50, 6
_NO_LETTER = msgid("There is no such letter, or it is another unit's.")
_LIST_WORDS = {
    "waiting": msgid("To be approved"),
    "paper": msgid("To be printed"),
    "sent": msgid("Approved and sent"),
    "other": msgid("Handed over, declined, not needed"),
}
_WAYS = {AddressKind.EMAIL: msgid("by e-mail"), AddressKind.PHONE: msgid("as a short message")}


@pages.app_template_global()
def drafts_apologies() -> bool:
    """Return whether this installation drafts letters."""
    return drafting.apology_ways(settings()) is not None


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """List the letters of one's own agencies, and count them by month."""
    return _list("", None)


@pages.post("")
@access.requires(Role.MANAGER)
def approve() -> AnyResponse | tuple[str, int]:
    """Approve the letters that are ticked, each as it was shown; what has moved on meanwhile is left and said."""
    desk, approved, left = _desk(), 0, list[str]()
    for number, turn in sorted(filter(all, map(_ticked, request.form.getlist("letter")[:A_PAGE]))):
        try:
            steps.take(session(), desk, number, turn, ApologyStep.APPROVE, now())
            approved += 1
        except Conflict as conflict:
            left.append(error_text(conflict))
    session().commit()
    if left or not approved:
        why = " ".join(dict.fromkeys(left)) or gettext("Please tick the letters that you approve.")
        return _list(why, approved), 409 if left else 422
    return redirect(url_for(".show", approved=approved), 303)


@pages.get("/<int:number>")
@access.requires(Role.VIEWER)
def look(number: int) -> str:
    """Show a letter as it would be written now, how it stands, and what can be done with it."""
    return _page(_row(number), {}, {})


@pages.post("/<int:number>")
@access.requires(Role.MANAGER)
def change(number: int) -> AnyResponse | tuple[str, int]:
    """Take the step that was sent, unless something in it is wrong or the letter has moved on meanwhile."""
    row, sent = _row(number), request.form.get("step", "")
    if sent not in {step.value for step in ApologyStep}:
        raise NotFound(_NO_LETTER)
    step = ApologyStep(sent)
    words, reason = (tidied(request.form.get(name, "")) for name in ("words", "reason"))
    if wrong := steps.faults(step, words, reason):
        return _page(row, request.form, wrong), 422
    typed = {"words": words} if step == ApologyStep.WRITE else {"reason": reason} if step == ApologyStep.DECLINE else {}
    try:
        steps.take(session(), _desk(), number, whole_number(request.form.get("turn", "")) or 0, step, now(), **typed)
    except Conflict as conflict:
        session().rollback()
        return _page(_row(number), request.form, {}, error_text(conflict)), 409
    session().commit()
    return redirect(url_for(".look", number=number, saved=1), 303)


@pages.get("/<int:number>/letter")
@access.requires(Role.VIEWER)
def printed(number: int) -> str:
    """Show a letter as it is printed, with blanks for the name and the address, in the language asked for."""
    row = _row(number)
    asked = request.args.get("letter", "")
    language = asked if asked in this_survey().languages else _language(row)
    facts = listing.facts(session(), row)
    return render_template(
        "staff/apology_letter.html",
        language=language,
        letter=_letter(facts, language),
        others=[(code, language_name(code)) for code in this_survey().languages if code != language],
        place=text(agencies.installation(session()).place, language),
        procedure=text(row.procedure, language),
        row=row,
    )


def _row(number: int) -> ApologyRow:
    row = listing.one(session(), access.own_agencies(), number)
    if row is None:
        raise NotFound(_NO_LETTER)
    return row


def _desk() -> Desk:
    ways, language = letters.ways(settings()), this_survey().languages[0]
    return Desk(settings().secret_key, access.who().staff_id, access.own_agencies(), ways, language)


def _language(row: ApologyRow) -> str:
    return row.language if row.language in this_survey().languages else this_survey().languages[0]


def _ticked(value: str) -> tuple[int, int]:
    """Return number and turn of a letter that was ticked, 0 for what is none."""
    number, _, turn = value.partition(" ")
    return whole_number(number) or 0, whole_number(turn) or 0


def _letter(facts: letter_text.LetterFacts, language: str) -> dict[str, Any]:
    with speaking(language):
        return {
            "subject": letter_text.subject(),
            "greeting": letter_text.greeting(facts),
            "paragraphs": letter_text.paragraphs(facts),
            "closing": gettext("Yours faithfully,"),
            "signature": letter_text.signature(facts),
            "short": letter_text.short(facts),
            "country": gettext("SOCIALIST REPUBLIC OF VIET NAM"),
            "motto": gettext("Independence - Freedom - Happiness"),
            "day": gettext("day …… month …… year ………"),
            "name": gettext("First name and surname:"),
            "address": gettext("Address:"),
            "about": gettext("Procedure:"),
        }


def _way(row: ApologyRow) -> str:
    return gettext(_WAYS[row.address_kind]) if row.address_kind in _WAYS else ""


def _list(problem: str, approved: int | None) -> str:
    own, place = access.own_agencies(), page_asked()
    counted = listing.numbers(session(), own)
    asked = request.args.get("show", "")
    shown = asked if asked in listing.LISTS else next((name for name in listing.LISTS if counted[name]), "waiting")
    return render_template(
        "staff/apologies.html",
        approved=number_asked("approved") if approved is None else approved,
        language_of=_language,
        lists=[(name, gettext(_LIST_WORDS[name]), counted[name]) for name in listing.LISTS],
        may_approve=access.may_change(),
        month_name=lambda day: labels.period_name(month_of(day)),
        months=letter_counts.by_month(session(), own, local_day(now()), MONTHS),
        more=(place + 1) * A_PAGE < counted[shown],
        place=place,
        problem=problem,
        rows=listing.listed(session(), own, shown, place, A_PAGE),
        shown=shown,
        step=ApologyStep.APPROVE,
        steps_of=lambda row: steps.offered(row, letters.ways(settings())),
        total=sum(counted.values()),
        units=labels.unit_names(),
        way=_way,
    )


def _page(row: ApologyRow, entered: Mapping[str, str], wrong: Faults, problem: str = "") -> str:
    facts, language = listing.facts(session(), row), _language(row)
    reason = REASONS.get(row.delivery_reason) if row.delivery_reason else None
    return render_template(
        "staff/apology.html",
        entered={"words": row.words, "reason": "", **entered},
        faults=fault_words(wrong),
        language=language,
        spoken=language_name(language),
        letter=_letter(facts, language),
        longest=steps.LONGEST,
        problem=problem,
        row=row,
        saved=request.args.get("saved") == "1",
        sending_days=number_text(messages.KEPT.days),
        steps={step.value for step in steps.offered(row, letters.ways(settings()))} if access.may_change() else set(),
        undecided_days=number_text(drafting.KEPT.days),
        unit=labels.unit_names()[row.agency_id],
        way=_way(row),
        why=gettext(reason) if reason else "",
    )
