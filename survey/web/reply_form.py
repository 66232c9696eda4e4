"""The form by which somebody leaves an address for an answer: on the page that thanks, and on that of the receipt."""

from __future__ import annotations

from dataclasses import dataclass, field

from survey.delivery import reply_consent
from survey.delivery.reply_consent import CONSENT_VERSION
from survey.i18n import gettext, msgid
from survey.models import AddressKind
from survey.security.tokens import issued_at, sign
from survey.settings import Settings

PURPOSE = "reply contact"
_LABELS = {
    frozenset({AddressKind.EMAIL}): msgid("Your e-mail address"),
    frozenset({AddressKind.PHONE}): msgid("Your mobile number"),
    frozenset(AddressKind) - {AddressKind.WEBHOOK}: msgid("Your e-mail address or mobile number"),
}


@dataclass(frozen=True)
class ReplyForm:
    """What the form shows: for which receipt code, with which proof, and what was typed and is wrong, if anything.

    `consent` is what is agreed to, `erasure` when the address is erased.
    """

    code: str
    proof: str
    label: str
    consent: str
    erasure: str
    typed: str = ""
    agreed: bool = False
    faults: dict[str, str] = field(default_factory=dict)


def proof(settings: Settings, code: str) -> str:
    """Return what proves that the form is of a page of ours with the words of today, and when that was opened."""
    return sign(settings.secret_key, PURPOSE, code, _words(settings))


def opened_at(settings: Settings, code: str, proving: str) -> int | None:
    """Return when the page of a form was opened, in seconds since 1970; None if it is not ours or had other words."""
    return issued_at(settings.secret_key, PURPOSE, proving, code, _words(settings))


def _words(settings: Settings) -> str:
    """Name the words that are agreed to, of which the number of days is one."""
    return f"{CONSENT_VERSION} {settings.reply_days}"


def reply_form(settings: Settings, code: str, proving: str) -> ReplyForm:
    """Return an empty form, in the language in use."""
    label, consent = gettext(_LABELS[reply_consent.ways(settings)]), gettext(reply_consent.CONSENT)
    return ReplyForm(code, proving, label, consent, gettext(reply_consent.ERASURE, days=settings.reply_days))
