"""The way to the first report: a list of steps, each with the page where it is done; the province, a test message."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import placements
from survey.delivery import trial_messages
from survey.delivery.state_words import state_words
from survey.errors import Conflict, InvalidContact
from survey.i18n import error_text, msgid, nfc
from survey.models import AddressKind, Channel, Role
from survey.operations import start_steps
from survey.organisation import agencies, province
from survey.periods import now
from survey.web.current_survey import forget
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff.deliveries import reason_words
from survey.web.staff.first_account import ProvinceNames
from survey.web.survey import this_survey

pages = Blueprint("start", __name__, url_prefix="/staff/start")
LONGEST_ADDRESS = 254


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("The survey is set up by the province. Please ask an administrator of the province."))


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show every step and where it stands; what is done is folded."""
    steps = start_steps.steps(session(), settings(), now())
    trial = next((step.trial for step in steps if step.trial), "")
    missing = [step for step in steps if not step.done]
    required = [step for step in missing if step.required]
    return render_template(
        "staff/start.html",
        steps=steps,
        next_step=missing[0] if missing and required else None,
        opened=[*missing[:1], *required[:1]] if required else [],
        whole=not required,
        trial_address=placements.address(settings().public_url, Channel.OPEN, trial) if trial else "",
    )


@pages.get("/province")
@access.requires(Role.ADMINISTRATOR)
def ask_province() -> str:
    """Show what was entered about the province."""
    own = agencies.root(session())
    names = {"province_vi": own.name.get("vi", ""), "province_en": own.name.get("en", "")}
    return _province(ProvinceNames(data={"code": own.code, **names}))


@pages.post("/province")
@access.requires(Role.ADMINISTRATOR)
def correct_province() -> AnyResponse | tuple[str, int]:
    """Correct it, as long as no file of agencies has been imported."""
    form = ProvinceNames()
    if not form.validate():
        return _province(form), 422
    try:
        own = province.correct(session(), str(form.code.data), form.names)
    except Conflict as conflict:
        session().rollback()
        return _province(form, error_text(conflict)), conflict.status
    trail.append(session(), access.who().staff_id, Act.PROVINCE_CORRECTED, now(), province=own.code)
    session().commit()
    forget(this_survey())
    return redirect(url_for("start.show"), 303)


@pages.get("/message")
@access.requires(Role.ADMINISTRATOR)
def message() -> str:
    """Show the form for a test message, and what became of the newest ones."""
    return _message()


@pages.post("/message")
@access.requires(Role.ADMINISTRATOR)
def send_message() -> AnyResponse | tuple[str, int]:
    """Queue a test message to the address that was typed."""
    typed = nfc(request.form.get("address", ""))[:LONGEST_ADDRESS]
    own = agencies.root(session())
    try:
        trial_messages.add(
            session(), settings(), this_survey().languages, own.name, typed, access.who().staff_id, now()
        )
    except (Conflict, InvalidContact) as fault:
        session().rollback()
        return _message(typed, error_text(fault)), fault.status
    session().commit()
    return redirect(url_for("start.message"), 303)


@pages.app_template_global()
def may_start() -> bool:
    """Return whether to show the way to the list of steps: to those of the province who may look at it."""
    return access.may_look_for_the_province(Role.ADMINISTRATOR)


@pages.app_template_global()
def start_is_under_way() -> bool:
    """Return whether a page of figures leads to the list: nothing is closed, and the account may look at it."""
    return may_start() and start_steps.is_under_way(session())


def _province(form: ProvinceNames, problem: str = "") -> str:
    return render_template(
        "staff/start_province.html",
        form=form,
        problem=problem,
        may_change=access.may_change_for_the_province(Role.ADMINISTRATOR) and province.is_correctable(session()),
    )


def _message(typed: str = "", problem: str = "") -> str:
    ways, moment = trial_messages.ways(settings()), now()
    return render_template(
        "staff/start_message.html",
        typed=typed,
        problem=problem,
        mail=AddressKind.EMAIL in ways,
        phone=AddressKind.PHONE in ways,
        Kind=AddressKind,
        rows=[
            (one, state_words(one.state), reason_words(one.reason), trial_messages.is_late(one, moment))
            for one in trial_messages.latest(session())
        ],
        may_change=access.may_change_for_the_province(Role.ADMINISTRATOR),
    )
