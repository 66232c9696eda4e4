"""What a person may submit on the staff pages; the citizens' questions are data, not a form."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable
from typing import Any

from babel.support import Translations
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length, ValidationError

from survey.i18n import current_catalogue, lazy_gettext, nfc
from survey.imports.importing import ImportKind
from survey.models import PersonRequestKind
from survey.web.upload_limits import MOST_UPLOAD_MB


def _clean(typed: str | None) -> str:
    return nfc(typed or "")


def _too_long(most: int) -> Any:
    return lazy_gettext("This text is too long. Shorten it to %(most)s characters.", most=most)


class StaffForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF says no types
    """A form whose messages speak the visitor's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # as above
        """Where WTForms finds its words."""

        def get_translations(self, _form: object) -> Translations:
            """Return our catalogue: WTForms ships no Vietnamese."""
            return current_catalogue()


class SignIn(StaffForm):
    """Login and password, and the page to go to afterwards."""

    login = StringField(
        lazy_gettext("Login"),
        [DataRequired(lazy_gettext("Please enter your login.")), Length(max=120, message=_too_long(120))],
        filters=[_clean],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        lazy_gettext("Password"),
        [DataRequired(lazy_gettext("Please enter your password.")), Length(max=256, message=_too_long(256))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField(filters=[_clean])


class PasswordChange(StaffForm):
    """The current password and the new one."""

    current = PasswordField(
        lazy_gettext("Current password"),
        [DataRequired(lazy_gettext("Please enter your current password.")), Length(max=256, message=_too_long(256))],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        lazy_gettext("New password"),
        [DataRequired(lazy_gettext("Please enter a new password."))],
        render_kw={"autocomplete": "new-password", "minlength": "14"},
    )


class Import(StaffForm):
    """A file, and what it tells."""

    kind = SelectField(
        lazy_gettext("What the file holds"),
        choices=[
            SelectChoice(ImportKind.CASES.value, lazy_gettext("Finished cases")),
            SelectChoice(ImportKind.PROCEDURES.value, lazy_gettext("Procedures")),
            SelectChoice(ImportKind.AGENCIES.value, lazy_gettext("Agencies")),
            SelectChoice(ImportKind.PORTAL_COUNTS.value, lazy_gettext("Counts of the national portal (766 indicator)")),
            SelectChoice(ImportKind.EARLIER.value, lazy_gettext("Figures of earlier systems")),
            SelectChoice(ImportKind.SHEETS.value, lazy_gettext("Paper and telephone answers")),
        ],
    )
    file = FileField(
        lazy_gettext("File (.csv or .xlsx, at most %(most)s MB)", most=MOST_UPLOAD_MB),
        [FileRequired(lazy_gettext("Please choose a file."))],
        render_kw={"accept": ".csv,.xlsx"},
    )


class Spot(enum.StrEnum):
    """Where a code is put."""

    COUNTER = "counter"
    RESULT = "result"
    KIOSK = "kiosk"
    TEST = "test"

    @property
    def at_desk(self) -> bool:
        """Return whether people answer there who have come in person."""
        return self in (Spot.COUNTER, Spot.KIOSK)


class NewPlacement(StaffForm):
    """A QR code or kiosk for a unit, and perhaps one procedure, whose code must be among `procedures`."""

    procedures: Collection[str] = ()
    agency = SelectField(lazy_gettext("Unit"), choices=[])
    spot = SelectField(
        lazy_gettext("What it is"),
        choices=[
            SelectChoice(Spot.COUNTER.value, lazy_gettext("Poster at a counter or in a hall")),
            SelectChoice(Spot.RESULT.value, lazy_gettext("QR code printed on result letters")),
            SelectChoice(Spot.KIOSK.value, lazy_gettext("Kiosk screen, off until you switch it on")),
            SelectChoice(Spot.TEST.value, lazy_gettext("Test link, whose answers are never counted")),
        ],
    )
    label_vi = StringField(
        lazy_gettext("Where it hangs, in Vietnamese, such as “Quầy số 3” (not needed for result letters)"),
        [Length(max=120, message=lazy_gettext("Please shorten this to 120 characters."))],
        filters=[_clean],
    )
    label_en = StringField(
        lazy_gettext("The same in English, if you wish"),
        [Length(max=120, message=lazy_gettext("Please shorten this to 120 characters."))],
        filters=[_clean],
    )
    questionnaire = SelectField(lazy_gettext("What it asks (a kiosk always asks one question)"), choices=[], default="")
    procedure = StringField(
        lazy_gettext("Code of the procedure, if it is for one only"),
        [Length(max=40, message=_too_long(40))],
        filters=[_clean],
        render_kw={"list": "procedures", "autocomplete": "off"},
    )

    def offer(
        self,
        units: Iterable[tuple[str, str]],
        questionnaires: Iterable[tuple[str, str]],
        procedures: Collection[str],
    ) -> None:
        """Say which units and questionnaires (code and name) and which codes of procedures may be chosen."""
        self.agency.choices = [SelectChoice(code, name) for code, name in units]
        suited = SelectChoice(
            "", lazy_gettext("What suits the place: at a desk about the visit, else about applying online")
        )
        self.questionnaire.choices = [suited, *(SelectChoice(code, name) for code, name in questionnaires)]
        self.procedures = procedures

    def validate_label_vi(self, field: StringField) -> None:
        """Ask for the place of anything that hangs or stands."""
        if self.spot.data not in (Spot.RESULT, Spot.TEST) and not field.data:
            raise ValidationError(lazy_gettext("Please say where it hangs, so that it can be found and checked."))

    def validate_procedure(self, field: StringField) -> None:
        """Refuse a code that no procedure has."""
        typed = (field.data or "").strip()
        if typed and typed not in self.procedures:
            raise ValidationError(
                lazy_gettext("There is no procedure with this code. Choose one from the list, or leave this empty.")
            )


REQUEST_KINDS = {
    PersonRequestKind.SEE: lazy_gettext("To see what is kept"),
    PersonRequestKind.ERASE: lazy_gettext("To have a comment erased"),
    PersonRequestKind.OTHER: lazy_gettext("Something else"),
}


class RequestEntry(StaffForm):
    """What a person asks about the own data, and when it came; `today` is the last day that it may have come."""

    today: dt.date = dt.date.max
    kind = SelectField(
        lazy_gettext("What the person asks for"),
        choices=[SelectChoice(kind.name, words) for kind, words in REQUEST_KINDS.items()],
    )
    received = StringField(lazy_gettext("Day on which it was received"), filters=[_clean], render_kw={"type": "date"})
    note = StringField(
        lazy_gettext("What it is about, and by which way it is to be answered, without names and numbers"),
        [DataRequired(lazy_gettext("Please say what it is about.")), Length(max=300, message=_too_long(300))],
        filters=[_clean],
        render_kw={"autocomplete": "off"},
    )

    @property
    def day(self) -> dt.date:
        """Return the day on which it was received, of a form that holds."""
        return dt.date.fromisoformat(self.received.data or "")

    def validate_received(self, field: StringField) -> None:
        """Refuse what is no day, or a day on which no request can have come that is still open."""
        try:
            right = self.today - dt.timedelta(days=366) <= dt.date.fromisoformat(field.data or "") <= self.today
        except ValueError:
            right = False
        if not right:
            raise ValidationError(lazy_gettext("Please choose a day of the last year, today at the latest."))


class RequestOutcome(StaffForm):
    """What became of a request."""

    outcome = StringField(
        lazy_gettext("What became of it"),
        [DataRequired(lazy_gettext("Please say what became of it.")), Length(max=300, message=_too_long(300))],
        filters=[_clean],
        render_kw={"autocomplete": "off"},
    )


def words_on_record(label: str, missing: str) -> StringField:
    """Return a field for words that go on record: enough of them that others can follow; `missing` asks for them."""
    return StringField(
        label,
        [
            DataRequired(missing),
            Length(min=10, message=lazy_gettext("Please say in a few words why, so that others can follow it.")),
            Length(max=300, message=_too_long(300)),
        ],
        filters=[_clean],
        render_kw={"autocomplete": "off"},
    )


class ErasingReason(StaffForm):
    """Why comments are erased."""

    reason = words_on_record(lazy_gettext("Why are its comments to be erased?"), lazy_gettext("Please say why."))


class ReadingReason(StaffForm):
    """Why somebody reads the original of a comment."""

    reason = words_on_record(lazy_gettext("Why do you need to read what was written?"), lazy_gettext("Please say why."))


class FactorResetEntry(StaffForm):
    """Whose second factors are to be removed, and why."""

    login = StringField(
        lazy_gettext("Login of the account"),
        [DataRequired(lazy_gettext("Please enter the login.")), Length(max=120, message=_too_long(120))],
        filters=[_clean],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    reason = words_on_record(
        lazy_gettext("What happened, and how you know that it is this person"), lazy_gettext("Please say why.")
    )
