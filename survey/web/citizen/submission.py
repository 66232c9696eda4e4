"""What a citizen's form sent: its values, and the proof that the form came from this page."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from flask import Request

from survey.i18n import nfc
from survey.models.privacy_notice import PRIVACY_HASH
from survey.security.tokens import KEY, issued_at, new_token, parse_receipt, receipt_code, sign
from survey.settings import Settings
from survey.web.request import whole_number
from survey.web.same_site import refuse_other_sites
from survey.web.upload_limits import MOST_FIELDS

FORM_SECONDS = 30 * 24 * 3600  # a form filled in without a network may be sent weeks later
AMEND_SECONDS = 24 * 3600
WAITING_SECONDS = 7 * 24 * 3600  # longer means that the device's clock was put right in between
SHARED = ""  # in the place of the key, where one page asks one person after the other
NOTICE = re.compile(rf"[0-9a-f]{{{2 * PRIVACY_HASH}}}")
# What a page adds to the answers.
OWN_FIELDS = frozenset(
    {"lang", "csrf_token", "key", "end", "amends", "step", "go", "switch", "again", "waited", "website"}
)


@dataclass(frozen=True)
class Submission:
    """The fields of one form, and what they prove."""

    fields: dict[str, list[str]]
    key: str  # the page's idempotency key: the one sent, or a new one
    csrf: str  # the proof of origin: the one sent, or nothing
    opened: int | None  # when the form was opened, in seconds since 1970; None: it is not ours, or too old
    amends: bytes | None  # the receipt of the response that this one adds to
    asked: int | None = None  # the version of a questionnaire that its proof names, whether it holds or not
    privacy_notice: bytes | None = None  # the hash of what its page said about data, if its proof names one and holds

    def values(self, name: str) -> Sequence[str]:
        """Return all values sent under a name."""
        return self.fields.get(name, ())

    def one(self, name: str) -> str:
        """Return the first value sent under a name, or nothing."""
        return next(iter(self.fields.get(name, ())), "")

    @property
    def shown(self) -> dict[str, list[str]]:
        """Return all that was sent, as a page may show it again."""
        return {name: [nfc(value) for value in values] for name, values in self.fields.items()}

    @property
    def ours(self) -> bool:
        """Return whether the form came from this page, not long ago."""
        return self.opened is not None

    @property
    def trapped(self) -> bool:
        """Return whether the field was filled in that no person sees."""
        return bool(self.one("website").strip())

    @property
    def seconds(self) -> int | None:
        """Return how long the form was open before it was sent."""
        return None if self.opened is None else max(0, self._age - int(self.waited.total_seconds()))

    @property
    def _age(self) -> int:
        return 0 if self.opened is None else int(time.time()) - self.opened

    @property
    def waited(self) -> dt.timedelta:
        """Return how long the answer waited on its device for a network: no longer than since the form was opened.

        A time that cannot be counts as none. When the form was opened is signed, so nobody moves an answer into a
        month in which they did not even have the form.
        """
        waited = whole_number(self.one("waited")) or 0
        return dt.timedelta(seconds=max(0, min(waited, self._age)) if waited <= WAITING_SECONDS else 0)


NOTHING = Submission({}, "", "", None, None)  # a page was opened, nothing was sent


def fresh(secret: str, path: str, questionnaire_id: int, privacy_notice: bytes) -> dict[str, str]:
    """Return the idempotency key and the proof of origin for a new form at this address."""
    key = new_token()
    return {"key": key, "csrf": proof(secret, path, questionnaire_id, privacy_notice, key)}


def proof(secret: str, path: str, questionnaire_id: int, privacy_notice: bytes, key: str = SHARED) -> str:
    """Return what proves that a form is ours, where and when it was opened, what it asks, and what its page said.

    It is "version.notice-seconds.mac", with the hash of the privacy notice.

    It holds for one key, so that one form gives one answer; at a kiosk, where one page asks everybody, for any.
    """
    shown = f"{questionnaire_id}.{privacy_notice.hex()}"
    return f"{shown}-{sign(secret, 'form', path, shown, key)}"


def amendment(secret: str, receipt: bytes) -> str:
    """Return the permit to add to the response with this receipt, for a day."""
    code = receipt_code(receipt)
    return f"{code}.{sign(secret, 'amend', code)}"


def read(request: Request, settings: Settings, shared: bool = False) -> Submission:
    """Read the form of a request, whatever its bytes; `shared`: its page asks one person after the other.

    Raises:
        Forbidden: another site sent it.
        RequestEntityTooLarge: it is longer than any form of ours.
    """
    refuse_other_sites(request, opaque=True)
    return _proved(fields_of(request), settings.secret_key, request.path, shared)


def fields_of(request: Request) -> dict[str, list[str]]:
    """Return the fields that a browser sent, whatever their bytes; none if there are too many."""
    if request.mimetype == "multipart/form-data":
        return {name: request.form.getlist(name) for name in request.form}
    text = request.get_data().decode("utf-8", "replace")
    try:
        return parse_qs(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def _proved(fields: dict[str, list[str]], secret: str, path: str, shared: bool) -> Submission:
    """Return a form that was sent to this address, with what it proves; one that proves nothing gets a new key."""
    key, csrf = fields.get("key", [""])[0], fields.get("csrf_token", [""])[0]
    shown, _, token = csrf.partition("-")
    number, _, notice = shown.partition(".")  # before there were notices, a version alone
    asked = whole_number(number)
    opened = _within(FORM_SECONDS, secret, "form", token, path, shown, SHARED if shared else key)
    code, _, permit = fields.get("amends", [""])[0].partition(".")
    if not KEY.fullmatch(key):
        key, opened = new_token(), None
    # A form that is too old keeps its key: what was kept under it on the device is the same answer.
    named = bytes.fromhex(notice) if opened is not None and NOTICE.fullmatch(notice) else None
    form = Submission(fields, key, "" if opened is None else csrf, opened, None, asked, named)
    still = AMEND_SECONDS + int(form.waited.total_seconds())  # as of the moment at which the person sent it
    permitted = code and _within(still, secret, "amend", permit, code) is not None
    return replace(form, amends=parse_receipt(code)) if permitted else form


def _within(seconds: int, secret: str, purpose: str, token: str, *parts: str) -> int | None:
    issued = issued_at(secret, purpose, token, *parts)
    return issued if issued is not None and time.time() - issued < seconds else None
