"""The calendar of duties: what is to be handed in until when, how far it has come, and how the province keeps it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from survey import periods
from survey.errors import InvalidPeriod, NotFound
from survey.i18n import gettext, lazy_gettext, msgid, nfc, text
from survey.models import Duty, DutySpan, Role
from survey.periods import Basis, local_day, now
from survey.reports import duties
from survey.reports.duties import DutyState
from survey.web.request import session
from survey.web.staff import access, jobs, labels
from survey.web.staff.forms import StaffForm

pages = Blueprint("duties", __name__, url_prefix="/staff/duties")
LONGEST_NAME, MOST_MONTHS, MOST_DAYS = 120, 12, 60
STATES = {
    DutyState.UPCOMING: msgid("upcoming"),
    DutyState.DRAFTED: msgid("draft made"),
    DutyState.CLOSED: msgid("closed"),
    DutyState.HANDED_IN: msgid("handed in"),
    DutyState.OVERDUE: msgid("overdue"),
}
SPANS = {
    DutySpan.MONTH: msgid("every month"),
    DutySpan.QUARTER: msgid("every quarter"),
    DutySpan.HALF: msgid("every half-year"),
    DutySpan.YEAR: msgid("every year"),
    DutySpan.DAYS: msgid("once, for days of its own"),
}
_NO_DUTY = msgid("There is no such duty.")
_NO_DRAFT = msgid("The draft is not kept any more. Please make the report anew.")


def _clean(typed: str | None) -> str:
    return " ".join(nfc(typed or "").split())


def _name(label: str) -> StringField:
    long = lazy_gettext("Please shorten this to 120 characters.")
    needed = InputRequired(lazy_gettext("Please enter what it is called."))
    return StringField(label, [needed, Length(max=LONGEST_NAME, message=long)], filters=[_clean])


def _number(label: str, most: int, least: int = 0) -> IntegerField:
    wrong = lazy_gettext("Please enter a number from %(least)s to %(most)s.", least=least, most=most)
    return IntegerField(label, [InputRequired(wrong), NumberRange(least, most, message=wrong)])


class DutyForm(StaffForm):
    """What is owed, for which periods, until when, and what is done by itself."""

    name_vi = _name(lazy_gettext("Name in Vietnamese"))
    name_en = _name(lazy_gettext("Name in English"))
    span = SelectField(
        lazy_gettext("For which periods"),
        choices=[SelectChoice(span.name, lazy_gettext(words)) for span, words in SPANS.items()],
    )
    basis = SelectField(
        lazy_gettext("Month runs"),
        choices=[
            SelectChoice(Basis.CALENDAR.value, lazy_gettext("Calendar (1st to last day)")),
            SelectChoice(Basis.ADMINISTRATIVE.value, lazy_gettext("Administrative (15th to 14th)")),
        ],
    )
    only_month = _number(lazy_gettext("Of months only this one each year (0: all of them)"), MOST_MONTHS)
    ending = StringField(
        lazy_gettext("A year ends on: month and day 14, such as 1114, or a month, such as 10 (empty: with December)"),
        filters=[_clean],
    )
    days = StringField(lazy_gettext("Days of its own, such as 20251201-20261014"), filters=[_clean])
    due_months = _number(lazy_gettext("To be handed in so many months after the month in which the period ends"), 6)
    due_day = _number(lazy_gettext("On which day of that month at the latest"), 31, 1)
    remind_days = _number(lazy_gettext("Remind so many days before"), MOST_DAYS)
    enabled = BooleanField(lazy_gettext("It is in force"))
    drafts = BooleanField(lazy_gettext("Make its draft by itself once the period has ended"))
    closes = BooleanField(lazy_gettext("Close its period by itself once it has ended; this cannot be undone"))

    def validate_ending(self, field: StringField) -> None:
        """Refuse a day on which no year can end."""
        _check(f"2026-Y{field.data}" if field.data and self.span.data == DutySpan.YEAR.name else "2026")

    def validate_days(self, field: StringField) -> None:
        """Refuse days that are no period; ask for them where they are needed."""
        if self.span.data == DutySpan.DAYS.name:
            _check(field.data or "")

    def fill(self, duty: Duty) -> None:
        """Put what was entered, of a form that holds, into a duty."""
        duty.name = {"vi": str(self.name_vi.data), "en": str(self.name_en.data)}
        duty.span = DutySpan[str(self.span.data)]
        duty.basis = str(self.basis.data)
        duty.ending = str(self.ending.data) if duty.span == DutySpan.YEAR else ""
        duty.days = str(self.days.data) if duty.span == DutySpan.DAYS else ""
        duty.only_month = int(self.only_month.data or 0) if duty.span == DutySpan.MONTH else 0
        duty.due_months, duty.due_day = int(self.due_months.data or 0), int(self.due_day.data or 1)
        duty.remind_days = int(self.remind_days.data or 0)
        duty.enabled, duty.drafts, duty.closes = (bool(one.data) for one in (self.enabled, self.drafts, self.closes))


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("The calendar of duties is the province's. Please ask a manager of the province."))


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show what is due, in the order of its days, and what is owed at all."""
    today = local_day(now())
    return render_template(
        "staff/duties.html",
        rows=duties.rows(session(), today),
        listed=duties.listed(session()),
        today=today,
        saved=request.args.get("saved") == "1",
        may_edit=access.may_change_for_the_province(Role.ADMINISTRATOR),
        period_name=labels.period_name,
        state_name=lambda state: gettext(STATES[state]),
        span_words=_span_words,
    )


@pages.get("/new")
@access.requires(Role.ADMINISTRATOR)
def new() -> str:
    """Show the form of a new duty."""
    begin = {"span": DutySpan.MONTH.name, "only_month": 0, "due_months": 1, "due_day": 5, "remind_days": 5}
    return _page(DutyForm(data={**begin, "enabled": True, "drafts": True}), gettext("Another duty"))


@pages.post("/new")
@access.requires(Role.ADMINISTRATOR)
def add() -> AnyResponse | tuple[str, int]:
    """Add a duty."""
    return _save(Duty(), gettext("Another duty"))


@pages.get("/<int:number>")
@access.requires(Role.ADMINISTRATOR)
def edit(number: int) -> str:
    """Show the form of a duty."""
    duty = _duty(number)
    values: dict[str, Any] = {name: getattr(duty, name) for name in DutyForm()._fields if hasattr(duty, name)}
    values |= {"span": duty.span.name, "name_vi": duty.name.get("vi"), "name_en": duty.name.get("en")}
    return _page(DutyForm(data=values), text(duty.name))


@pages.post("/<int:number>")
@access.requires(Role.ADMINISTRATOR)
def save(number: int) -> AnyResponse | tuple[str, int]:
    """Change a duty."""
    duty = _duty(number)
    return _save(duty, text(duty.name))


@pages.get("/<int:number>/draft")
@access.requires(Role.VIEWER)
def draft(number: int) -> Response:
    """Send the draft of a duty's period while it is kept: for a day.

    Raises:
        NotFound: it is not kept any more, or was never made.
    """
    job = duties.draft_job(session(), number, nfc(request.args.get("period", "")))
    if job is None or job.file is None:
        raise NotFound(_NO_DRAFT)
    return jobs.sent(job)


@pages.app_template_global()
def may_see_duties() -> bool:
    """Return whether to show the way to this page: to the province's own accounts."""
    return access.may_look_for_the_province(Role.VIEWER)


def _span_words(duty: Duty) -> str:
    if duty.only_month:
        return str(gettext("every year, for month %(month)s", month=duty.only_month))
    return str(gettext(SPANS[duty.span]))


def _duty(number: int) -> Duty:
    if (duty := session().get(Duty, number)) is None:
        raise NotFound(_NO_DUTY)
    return duty


def _save(duty: Duty, heading: str) -> AnyResponse | tuple[str, int]:
    form = DutyForm()
    if not form.validate():
        return _page(form, heading), 422
    form.fill(duty)
    duties.save(session(), duty, access.who().staff_id, now())
    session().commit()
    return redirect(url_for("duties.show", saved=1), 303)


def _page(form: DutyForm, heading: str) -> str:
    return render_template("staff/duty.html", form=form, heading=heading)


def _check(code: str) -> None:
    try:
        periods.parse(code)
    except InvalidPeriod as error:
        raise ValidationError(gettext(error.message, **error.values)) from error
