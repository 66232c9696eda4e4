"""The register of issued reports: what was issued under which number, and the form that enters a file."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length, ValidationError

from survey import periods
from survey.errors import Conflict
from survey.i18n import date as day_words
from survey.i18n import gettext, lazy_gettext, msgid, nfc
from survey.models import Edition, Role
from survey.operations.jobs import FIGURES
from survey.periods import Period, now
from survey.reports import register
from survey.reports.figures_digest import grouped
from survey.reports.register import Issuance, MadeReport, RegisterRow
from survey.web.request import number_asked, page_asked, session
from survey.web.staff import access, jobs, labels
from survey.web.staff.forms import StaffForm

pages = Blueprint("register", __name__, url_prefix="/staff/register")
A_PAGE = 50
LONGEST_SYMBOL, SHORTEST_CHANGE, LONGEST_CHANGE = 60, 10, 500
EDITIONS = {Edition.INTERNAL: msgid("internal edition"), Edition.PUBLIC: msgid("public edition")}


class IssueForm(StaffForm):
    """What stands on a report that was issued, and of a correction which one it replaces and what it changes."""

    period: Period
    symbol = StringField(
        lazy_gettext("Number and symbol, as they stand on the report, such as 05/BC-SKHCN"),
        [
            DataRequired(lazy_gettext("Please enter the number and symbol.")),
            Length(max=LONGEST_SYMBOL, message=lazy_gettext("Please shorten this to 60 characters.")),
        ],
        filters=[lambda typed: " ".join(nfc(typed or "").split())],
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST_SYMBOL)},
    )
    issued_on = StringField(lazy_gettext("Date of issue"), render_kw={"type": "date"})
    edition = SelectField(
        lazy_gettext("Edition"), choices=[SelectChoice(one.name, lazy_gettext(EDITIONS[one])) for one in Edition]
    )
    replaces = SelectField(lazy_gettext("Does it correct a report that was issued before?"), choices=[], default="0")
    change = StringField(
        lazy_gettext("What the correction changes, in words that everybody may read"),
        [
            Length(
                max=LONGEST_CHANGE,
                message=lazy_gettext("This text is too long. Shorten it to %(most)s characters.", most=LONGEST_CHANGE),
            )
        ],
        filters=[lambda typed: " ".join(nfc(typed or "").split())],
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST_CHANGE)},
    )

    def offer(self, period: Period, earlier: list[RegisterRow]) -> None:
        """Say of which period the report is, and which entries it may take the place of."""
        self.period = period
        none = SelectChoice("0", lazy_gettext("No, it is the first one"))
        self.replaces.choices = [none, *(SelectChoice(str(row.entry.id), _named(row)) for row in earlier)]

    @property
    def issuance(self) -> Issuance:
        """Return what was entered, of a form that holds."""
        day, edition = dt.date.fromisoformat(self.issued_on.data or ""), Edition[str(self.edition.data)]
        return Issuance(str(self.symbol.data), day, edition, int(self.replaces.data) or None, str(self.change.data))

    def validate_issued_on(self, field: StringField) -> None:
        """Refuse what is no day on which this report can have been issued."""
        try:
            fault = register.fault_of_day(dt.date.fromisoformat(field.data or ""), self.period, now())
        except ValueError:
            fault = msgid("This is not a day. Please write it as the field shows.")
        if fault:
            raise ValidationError(gettext(fault))

    def validate_change(self, field: StringField) -> None:
        """Ask what a correction changes."""
        if self.replaces.data != "0" and len(field.data or "") < SHORTEST_CHANGE:
            raise ValidationError(gettext("Please say what the correction changes."))


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """List what the account's agency and all below it have issued, what was entered last first."""
    own, place = access.own_agencies(), page_asked()
    return render_template(
        "staff/register.html",
        rows=register.entries(session(), own, place * A_PAGE, A_PAGE),
        number_of_rows=register.number(session(), own),
        place=place,
        a_page=A_PAGE,
        entered=number_asked("entered"),
        units=labels.unit_names(),
        period_name=labels.period_name,
        grouped=grouped,
        edition_name=lambda edition: gettext(EDITIONS[edition]),
    )


@pages.get("/new")
@access.requires(Role.MANAGER)
def new() -> str:
    """Show the form for a file that was made."""
    report = _report()
    return _page(_form(report), report)


@pages.post("/new")
@access.requires(Role.MANAGER)
def enter() -> AnyResponse | tuple[str, int]:
    """Enter the file into the register; a correction names what it replaces and what it changes."""
    report = _report()
    form = _form(report)
    if not form.validate():
        return _page(form, report), 422
    try:
        entry = register.issue(session(), report, form.issuance, access.who().staff_id, now())
    except Conflict as conflict:
        session().rollback()
        return _page(form, report, gettext(conflict.message, **conflict.values)), 409
    place = url_for("register.show", entered=entry.id)
    session().commit()
    return redirect(place, 303)


@pages.app_template_global()
def may_enter() -> bool:
    """Return whether to show the way to the form: to managers."""
    return access.may_change(Role.MANAGER)


def _report() -> MadeReport:
    """Return the report that the address names, with its file.

    Raises:
        NotFound: the account did not ask for it, or its file is not kept any more.
    """
    job, content = jobs.own_report(number_asked("job"))
    asked = job.arguments
    period = periods.parse(asked["period"], asked["basis"])
    return MadeReport(
        job.agency_id, period, asked["format"], asked["language"], str(job.file), content, str(job.values[FIGURES])
    )


def _form(report: MadeReport) -> IssueForm:
    form = IssueForm()
    form.offer(report.period, register.replaceable(session(), report))
    return form


def _named(row: RegisterRow) -> str:
    name = gettext("%(symbol)s of %(day)s", symbol=row.entry.symbol, day=day_words(row.entry.issued_on))
    return f"{name} ({gettext(EDITIONS[row.entry.edition])})"


def _page(form: IssueForm, report: MadeReport, problem: str = "") -> str:
    return render_template(
        "staff/register_new.html",
        form=form,
        report=report,
        problem=problem,
        job=number_asked("job"),
        unit=labels.unit_names()[report.agency_id],
        period_name=labels.period_name(report.period),
        digest=grouped(report.figures),
    )
