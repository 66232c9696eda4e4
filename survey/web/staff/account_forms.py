"""What a person may submit about accounts: whom to invite, what an account is to be, and the way in by a link."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length, ValidationError

from survey.accounts.accounts import LOGIN, NAME
from survey.delivery import contact
from survey.errors import InvalidContact
from survey.i18n import lazy_gettext, nfc
from survey.models import AddressKind, Role
from survey.web.staff.forms import StaffForm
from survey.web.staff.labels import ROLES


def _clean(typed: str | None) -> str:
    return nfc(typed or "").strip()


def _too_long(most: int) -> str:
    words: str = lazy_gettext("This text is too long. Shorten it to %(most)s characters.", most=most)
    return words


class AccountPlace(StaffForm):
    """What an account may do, and where: a role, and the unit at whose subtree it ends."""

    roles: Collection[str] = ()
    role = SelectField(lazy_gettext("Role"), choices=[])
    agency = SelectField(lazy_gettext("Unit"), choices=[])

    def offer(self, roles: Collection[Role], units: Iterable[tuple[str, str]]) -> None:
        """Say which roles and which units (code and name) may be chosen."""
        self.roles = [role.name.lower() for role in roles]
        self.role.choices = [SelectChoice(role.name.lower(), lazy_gettext(ROLES[role])) for role in roles]
        self.agency.choices = [SelectChoice(code, name) for code, name in units]

    @property
    def chosen_role(self) -> Role:
        """Return the role of a form that holds."""
        return Role[str(self.role.data).upper()]


class Invite(AccountPlace):
    """A person who is invited to an account, and where the link is sent, if it is."""

    name = StringField(
        lazy_gettext("Full name"),
        [DataRequired(lazy_gettext("Please enter the person's name.")), Length(max=NAME, message=_too_long(NAME))],
        filters=[_clean],
        render_kw={"autocomplete": "off"},
    )
    email = StringField(
        lazy_gettext("E-mail address to send the link to; leave it empty to hand the link over yourself"),
        [Length(max=254, message=_too_long(254))],
        filters=[_clean],
        render_kw={"autocomplete": "off", "inputmode": "email", "spellcheck": "false"},
    )

    @property
    def address(self) -> str:
        """Return where the link is sent; empty if it is handed over."""
        return contact.read(self.email.data).address if self.email.data else ""

    def validate_email(self, field: StringField) -> None:
        """Refuse what is no e-mail address."""
        try:
            right = not field.data or contact.read(field.data).kind == AddressKind.EMAIL
        except InvalidContact:
            right = False
        if not right:
            raise ValidationError(
                lazy_gettext("This is no e-mail address. Please correct it, or leave it empty to hand the link over.")
            )


class NewPassword(StaffForm):
    """A password that its holder chooses by a link, typed twice: nobody can be asked for the current one."""

    new = PasswordField(
        lazy_gettext("Password"),
        [DataRequired(lazy_gettext("Please enter a password."))],
        render_kw={"autocomplete": "new-password", "minlength": "14"},
    )
    again = PasswordField(
        lazy_gettext("The same password once more"),
        render_kw={"autocomplete": "new-password"},
    )

    def validate_again(self, field: PasswordField) -> None:
        """Refuse two passwords that differ."""
        if self.new.data and field.data != self.new.data:
            raise ValidationError(lazy_gettext("The two passwords differ. Please type both again."))


class Join(NewPassword):
    """What an invited person chooses: name, login and password."""

    name = StringField(
        lazy_gettext("Full name"),
        [DataRequired(lazy_gettext("Please enter your name.")), Length(max=NAME, message=_too_long(NAME))],
        filters=[_clean],
        render_kw={"autocomplete": "name"},
    )
    login = StringField(
        lazy_gettext("Login"),
        [DataRequired(lazy_gettext("Please enter your login.")), Length(max=LOGIN, message=_too_long(LOGIN))],
        filters=[_clean],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
