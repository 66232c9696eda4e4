"""The desk for what people ask about their own data: the register, an answer found by its receipt, its comments erased.

A receipt is only ever sent in a form, never in an address: it would stand in logs and histories.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.audit.acts import Act
from survey.collection import privacy_notices
from survey.comments import kept_answers, person_requests
from survey.comments.references import reference
from survey.errors import NotFound
from survey.i18n import gettext, msgid, nfc
from survey.models import PersonRequestKind, Role
from survey.periods import local_day, now
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff.forms import REQUEST_KINDS, ErasingReason, RequestEntry, RequestOutcome

pages = Blueprint("person_requests", __name__, url_prefix="/staff/requests")
LONGEST_RECEIPT = 60


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(
        msgid("Requests about personal data are answered by the province. Please hand it on to the province.")
    )


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show the register, and where to look an answer up."""
    return _register(RequestEntry())


@pages.post("")
@access.requires(Role.ADMINISTRATOR)
def add() -> tuple[str, int] | AnyResponse:
    """Put a request into the register."""
    form = RequestEntry()
    form.today = local_day(now())
    if not form.validate():
        return _register(form), 422
    new = person_requests.NewRequest(PersonRequestKind[str(form.kind.data)], form.day, str(form.note.data))
    person_requests.add(session(), new, settings().request_days, access.who().staff_id, now())
    session().commit()
    return redirect(url_for(".show"), 303)


@pages.post("/<int:number>")
@access.requires(Role.ADMINISTRATOR)
def answer(number: int) -> tuple[str, int] | AnyResponse:
    """Note what became of a request."""
    form = RequestOutcome()
    if not form.validate():
        return _register(RequestEntry(formdata=None), answering=number, outcome=form), 422
    person_requests.answer(session(), number, str(form.outcome.data), access.who().staff_id, now())
    session().commit()
    return redirect(url_for(".show"), 303)


@pages.post("/answer")
@access.requires(Role.ADMINISTRATOR)
def look_up() -> str | tuple[str, int]:
    """Show what is kept of an answer, once it is on record who looked."""
    code = _receipt()
    try:
        sheets = kept_answers.kept_on_record(session(), code, Act.ANSWER_LOOKED_UP, access.who().staff_id, now())
    except NotFound as error:
        return _register(RequestEntry(formdata=None), receipt=code, wrong=gettext(error.message, **error.values)), 404
    session().commit()
    return _answer(code, sheets, ErasingReason(formdata=None))


@pages.post("/answer/file")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def file() -> Response:
    """Send what is kept of an answer as a file for its person, on record."""
    sheets = kept_answers.kept_on_record(session(), _receipt(), Act.ANSWER_EXPORTED, access.who().staff_id, now())
    content = "\ufeff" + kept_answers.as_text(sheets)
    session().commit()
    response = Response(content, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="hailong_{sheets[0].receipt}.txt"'
    return response


@pages.post("/answer/erase")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def erase() -> str | tuple[str, int]:
    """Ask once more, then erase the comments of an answer."""
    code, form = _receipt(), ErasingReason()
    sheets = kept_answers.kept(session(), code, now())
    if not form.validate():
        return _answer(code, sheets, form), 422
    reason = str(form.reason.data)
    if request.form.get("sure") != "yes":
        return render_template("staff/person_answer_erase.html", code=code, sheets=sheets, reason=reason)
    number = kept_answers.erase_comments(session(), code, reason, access.who().staff_id, now())
    session().commit()
    done = gettext("Erased. The ratings are still counted.") if number else gettext("There was no comment to erase.")
    return _answer(code, kept_answers.kept(session(), code, now()), ErasingReason(formdata=None), done)


def _receipt() -> str:
    return nfc(request.form.get("receipt", ""))[:LONGEST_RECEIPT]


def _answer(code: str, sheets: list[kept_answers.KeptSheet], form: ErasingReason, done: str = "") -> str:
    written = any(sheet.comments for sheet in sheets)
    return render_template(
        "staff/person_answer.html",
        code=code,
        sheets=sheets,
        form=form,
        done=done,
        reference=partial(reference, settings().secret_key),
        written=written,
    )


def _register(
    form: RequestEntry,
    receipt: str = "",
    wrong: str = "",
    answering: int = 0,
    outcome: RequestOutcome | None = None,
) -> str:
    """Show the register with a form that is given back: for a receipt, for a new request, or for what became of one."""
    waiting, answered = person_requests.register(session())
    return render_template(
        "staff/person_requests.html",
        form=form,
        waiting=waiting,
        answered=answered,
        kinds=REQUEST_KINDS,
        today=local_day(now()),
        working_days=settings().request_days,
        may_change=access.may_change(Role.ADMINISTRATOR),
        receipt=receipt,
        wrong=wrong,
        answering=answering,
        outcome=outcome or RequestOutcome(formdata=None),
        notices=privacy_notices.versions(session()).values(),
    )


@pages.app_template_global()
def may_see_requests() -> bool:
    """Return whether to show the way to this page: to administrators and auditors of the province."""
    return access.may_look_for_the_province(Role.ADMINISTRATOR)
