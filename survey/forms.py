"""What a person may submit on the staff pages; the citizens' questions are data, not a form."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from survey.i18n import FormMessages, lazy_gettext


class StaffForm(FlaskForm):  # type: ignore[misc]
    """A form whose messages speak the visitor's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Where WTForms finds its words."""

        def get_translations(self, _form: object) -> FormMessages:
            """Return our catalogue: WTForms ships no Vietnamese."""
            return FormMessages()


class SignIn(StaffForm):
    """Login and password, and the page to go to afterwards."""

    login = StringField(
        lazy_gettext("Login"),
        [DataRequired(lazy_gettext("Please enter your login.")), Length(max=120)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        lazy_gettext("Password"),
        [DataRequired(lazy_gettext("Please enter your password.")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordChange(StaffForm):
    """The current password and the new one."""

    current = PasswordField(
        lazy_gettext("Current password"),
        [DataRequired(lazy_gettext("Please enter your current password.")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        lazy_gettext("New password"),
        [DataRequired(lazy_gettext("Please enter a new password."))],
        render_kw={"autocomplete": "new-password", "minlength": "14"},
    )
