"""The first page of an empty installation: who its first administrator is, and whose survey it is."""

from __future__ import annotations

from flask import Blueprint, render_template
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from survey.errors import Conflict, InvalidPassword, TooManyTries
from survey.i18n import error_text, lazy_gettext, nfc
from survey.operations import first_account
from survey.operations.first_account import FirstAccount
from survey.organisation import agencies
from survey.organisation.province import NAME
from survey.periods import now
from survey.security import passwords
from survey.web.current_survey import forget
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff.account_forms import Join
from survey.web.staff.forms import StaffForm
from survey.web.survey import this_survey

pages = Blueprint("first_account", __name__, url_prefix="/staff/first")


class ProvinceNames(StaffForm):
    """The code and the names of a province."""

    code = StringField(
        lazy_gettext("Identification code of the province, such as H61"),
        [DataRequired(lazy_gettext("Please enter the code of the province.")), Length(max=40)],
        filters=[lambda typed: nfc(typed or "").strip()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    province_vi = StringField(
        lazy_gettext("Name in Vietnamese, such as “Ủy ban nhân dân tỉnh Vĩnh Long”"),
        [DataRequired(lazy_gettext("Please enter the name of the province.")), Length(max=NAME)],
        filters=[lambda typed: nfc(typed or "").strip()],
        render_kw={"autocomplete": "off"},
    )
    province_en = StringField(
        lazy_gettext("The same in English, such as “Vinh Long Provincial People's Committee”"),
        [Length(max=NAME)],
        filters=[lambda typed: nfc(typed or "").strip()],
        render_kw={"autocomplete": "off"},
    )

    @property
    def names(self) -> dict[str, str]:
        """Return the name by language."""
        return {"vi": str(self.province_vi.data), "en": str(self.province_en.data)}


class First(Join, ProvinceNames):
    """The province and its first administrator."""


@pages.get("/<token>")
@access.anyone
def ask(token: str) -> str:
    """Show the form; looking uses nothing up."""
    first_account.check(session(), settings().secret_key, token, now())
    return _page(_form())


@pages.post("/<token>")
@access.anyone
def enter(token: str) -> str | tuple[str, int]:
    """Set up the first account, once."""
    moment, secret = now(), settings().secret_key
    first_account.check(session(), secret, token, moment)
    form = _form()
    if not form.validate():
        return _page(form), 422
    first = FirstAccount(str(form.login.data), str(form.name.data), str(form.new.data))
    try:
        with passwords.turn(first=True):
            account = first_account.set_up(
                session(),
                secret,
                token,
                str(form.code.data) if isinstance(form, First) else "",
                form.names if isinstance(form, First) else {},
                first,
                moment,
            )
    except InvalidPassword as error:
        session().rollback()
        form.new.errors = [error_text(error)]
        return _page(form), error.status
    except (Conflict, TooManyTries) as error:
        session().rollback()
        return _page(form, error_text(error)), error.status
    page = render_template("staff/join_done.html", account=account, renewed=False, following="start.show")
    session().commit()
    forget(this_survey())
    return page


def _form() -> Join:
    return Join() if agencies.is_installed(session()) else First()


def _page(form: Join, problem: str = "") -> str:
    return render_template("staff/first_account.html", form=form, problem=problem, entering=isinstance(form, First))
