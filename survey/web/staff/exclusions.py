"""Leave answers out of the count, and count them again: an account of the province proposes, another one decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, ValidationError

from survey import periods
from survey.collection import exclusions
from survey.collection.exclusions import Grounds
from survey.collection.receipts import numbers_of
from survey.errors import Conflict
from survey.i18n import gettext, lazy_gettext, msgid, nfc, ngettext, number
from survey.models import ExclusionKind, ExclusionReason, Role
from survey.periods import local_day, now
from survey.results.exclusion_text import REASONS, suspicion_words
from survey.results.exclusions import waiting
from survey.results.scope import Scope
from survey.results.suspects import Suspicion, suspects
from survey.security.tokens import parse_receipt
from survey.web.request import number_asked, session
from survey.web.staff import access, period_picker
from survey.web.staff.forms import StaffForm, words_on_record

pages = Blueprint("exclusions", __name__, url_prefix="/staff/exclusions")
MOST_RECEIPTS = 500
OF_EXCLUDING = (ExclusionReason.TEST, ExclusionReason.PROGRAM, ExclusionReason.REPEATED, ExclusionReason.NOT_SERVED)

_LIKELY = {Suspicion.ALIKE.value: ExclusionReason.REPEATED}


class Proposal(StaffForm):
    """Why answers are left out, or counted again."""

    reason = SelectField(
        lazy_gettext("Reason"),
        choices=[SelectChoice(reason.name.lower(), lazy_gettext(REASONS[reason])) for reason in OF_EXCLUDING],
    )
    words = words_on_record(
        lazy_gettext("What has happened, in a few words that others can follow"),
        lazy_gettext("Please say what has happened."),
    )

    @property
    def grounds(self) -> Grounds:
        """Return the reason and the words."""
        return Grounds(ExclusionReason[str(self.reason.data).upper()], str(self.words.data))


class Restoration(Proposal):
    """Why answers are counted again."""

    reason = SelectField(
        lazy_gettext("Reason"), choices=[SelectChoice("mistake", lazy_gettext(REASONS[ExclusionReason.MISTAKE]))]
    )


class ByReceipt(Proposal):
    """Which answers are left out, by their receipt codes, and why."""

    receipts = TextAreaField(
        lazy_gettext("Receipt codes, one to a line"),
        [DataRequired(lazy_gettext("Please enter at least one receipt code."))],
        filters=[lambda typed: nfc(typed or "")],
        render_kw={"rows": "4", "autocomplete": "off", "spellcheck": "false"},
    )
    answers: Sequence[int] = ()

    def validate_receipts(self, field: TextAreaField) -> None:
        """Refuse codes of which there is no answer, and name the first."""
        typed = [line.strip() for line in str(field.data).splitlines() if line.strip()]
        if len(typed) > MOST_RECEIPTS:
            most = number(MOST_RECEIPTS)
            raise ValidationError(
                gettext("These are too many codes at once: please enter at most %(most)s.", most=most)
            )
        codes = {code: parse_receipt(code) for code in typed}
        rows = numbers_of(session(), [receipt for receipt in codes.values() if receipt])
        for code, receipt in codes.items():
            if receipt not in rows:
                raise ValidationError(gettext("There is no answer with the code %(code)s.", code=code[:40]))
        self.answers = list(rows.values())


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("Answers are left out by the province. Please ask a manager of the province."))


@pages.get("/new")
@access.requires(Role.MANAGER)
def new() -> str:
    """Show the form of a proposal: to leave answers out, or to count those of an earlier one again."""
    return _page(_form())


@pages.post("/new")
@access.requires(Role.MANAGER)
def propose() -> AnyResponse | tuple[str, int]:
    """Record a proposal; nothing is left out before another account agrees."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    kind = ExclusionKind.RESTORE if isinstance(form, Restoration) else ExclusionKind.EXCLUDE
    try:
        proposal = exclusions.propose(session(), kind, _answers(form), form.grounds, access.who().staff_id, now())
    except Conflict as conflict:
        session().rollback()
        return _page(form, gettext(conflict.message)), 409
    place = url_for("response_quality.show", _anchor=f"proposal-{proposal.id}", **_around(proposal.id))
    session().commit()
    return redirect(place, 303)


@pages.post("/<int:number>/decision")
@access.requires(Role.MANAGER)
@access.confirmed
def decide(number: int) -> AnyResponse:
    """Agree to a proposal of another account, or refuse it; whoever made it may only withdraw it."""
    exclusions.decide(session(), number, request.form.get("agreed") == "1", access.who().staff_id, now())
    session().commit()
    return redirect(url_for("response_quality.show", **_here(), _anchor=f"proposal-{number}"), 303)


def _form() -> Proposal:
    if _restored():
        return Restoration()
    if "flag" in request.args:
        return Proposal(data={"reason": _LIKELY.get(request.args["flag"], ExclusionReason.PROGRAM).name.lower()})
    return ByReceipt()


def _restored() -> int:
    return number_asked("restore")


def _answers(form: Proposal) -> Sequence[int]:
    if isinstance(form, ByReceipt):
        return form.answers
    if isinstance(form, Restoration):
        return exclusions.subject_of(session(), _restored())
    wanted = (request.args["flag"], request.args.get("place", ""))
    groups = suspects(session(), _scope())
    return next((group.answers for group in groups if (group.suspicion.value, group.place) == wanted), ())


def _page(form: Proposal, problem: str = "") -> str:
    heading = gettext("Propose to leave answers out of the count")
    if isinstance(form, Restoration):
        heading = gettext("Propose to count answers again")
    if isinstance(form, ByReceipt):
        subject = gettext("The receipt code stands on the page that thanked for the answer.")
    else:
        answers = len(_answers(form))
        words = {"number": number(answers)}
        subject = ngettext("It is about %(number)s answer.", "It is about %(number)s answers.", answers, **words)
        if not isinstance(form, Restoration):
            subject += " " + suspicion_words().get(request.args["flag"], "")
    return render_template(
        "staff/exclusion_new.html", form=form, heading=heading, problem=problem, subject=subject, here=_here()
    )


def _around(proposal: int) -> dict[str, Any]:
    """Return the period and agency in which a proposal is seen: those asked for, or the month of its first answer."""
    here, days = _here(), dict(waiting(session()))
    period = periods.parse(here["period"], here["basis"])
    if not period.first <= days[proposal] <= period.last:
        here["period"] = periods.month_of(days[proposal], here["basis"]).code
    return here


def _here() -> dict[str, Any]:
    """Return the period and agency that the page came from, as its address names them."""
    scope = _scope()
    return {"agency": scope.agency.code, "period": scope.period.code, "basis": str(scope.period.basis)}


def _scope() -> Scope:
    return access.scope(request.args.get("agency"), period_picker.period_asked(local_day(now())))
