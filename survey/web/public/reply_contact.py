"""Leave an address to be answered at, or withdraw it: by the receipt code, which is all that its form proves."""

from __future__ import annotations

import time

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from survey.collection import receipts
from survey.delivery import contact, replies, reply_consent
from survey.delivery.replies import Agreed
from survey.errors import Conflict, InvalidContact, NotFound
from survey.i18n import current_language, gettext, msgid, nfc
from survey.models import AddressKind
from survey.periods import now
from survey.security.tokens import parse_receipt, receipt_code
from survey.web.public.receipt import receipt_page
from survey.web.reply_form import opened_at
from survey.web.request import session, settings

pages = Blueprint("reply_contact", __name__, url_prefix="/receipt/<code>/contact")
FORM_SECONDS = 24 * 3600
LONGEST = 320  # signs that are given back
NO_RECEIPT = msgid("We do not know this code")
TOO_OLD = msgid("This page was open for too long. Nothing is lost: please send it again.")
NO_ADDRESS = msgid("This is neither an e-mail address nor a phone number of Viet Nam. Please correct it.")
NO_CONSENT = msgid("Please tick that you agree, or leave this page: without it no address may be kept.")
ONLY = {
    AddressKind.EMAIL: msgid("Answers can only be sent by e-mail here. Please write an e-mail address."),
    AddressKind.PHONE: msgid("Answers can only be sent to telephones here. Please write a telephone number."),
}


@pages.post("")
def leave(code: str) -> Response | tuple[str, int]:
    """Keep the address that was sent, if its person agrees; otherwise give the form back with what to do."""
    receipt = _receipt(code)
    typed, agreed = nfc(request.form.get("address", ""))[:LONGEST], request.form.get("consent") == "yes"
    if not _proved(code):
        return receipt_page(receipt, typed, False, {"notice": gettext(TOO_OLD)}), 400
    faults = {}
    try:
        to = contact.read(typed)
        if to.kind not in (ways := reply_consent.ways(settings())):
            faults["address"] = gettext(ONLY[next(iter(ways))])
    except InvalidContact:
        faults["address"] = gettext(NO_ADDRESS)
    if not agreed:
        faults["consent"] = gettext(NO_CONSENT)
    if faults:
        return receipt_page(receipt, typed, agreed, faults), 422
    try:
        agreed_to = Agreed(current_language(), settings().reply_days)
        replies.leave(session(), settings().secret_key, receipt, to, agreed_to, now())
    except Conflict as error:
        session().rollback()
        return receipt_page(receipt, "", agreed, {"notice": gettext(error.message)}), 409
    session().commit()
    return _shown(receipt, "left")


@pages.post("/withdrawal")
def withdraw(code: str) -> Response | tuple[str, int]:
    """Erase the address that was left, and let no message go to it."""
    receipt = _receipt(code)
    if not _proved(code):
        return receipt_page(receipt, "", False, {"notice": gettext(TOO_OLD)}), 400
    replies.withdraw(session(), receipt, now())
    session().commit()
    return _shown(receipt, "withdrawn")


def _shown(receipt: bytes, done: str) -> Response:
    """Lead on to the page of the receipt, in the language in use."""
    code = receipt_code(receipt)
    return redirect(url_for("receipt.receipt", code=code, contact=done, lang=current_language()), 303)


def _receipt(code: str) -> bytes:
    """Return the receipt that an address names.

    Raises:
        NotFound: there is no such answer.
    """
    receipt = parse_receipt(code)
    if receipt is None or receipts.recorded(session().connection(), receipt) is None:
        raise NotFound(NO_RECEIPT)
    return receipt


def _proved(code: str) -> bool:
    issued = opened_at(settings(), code, request.form.get("csrf_token", ""))
    return issued is not None and time.time() - issued < FORM_SECONDS
