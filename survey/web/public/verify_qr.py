"""The public page that says whether a QR code, address or fingerprint is one of ours."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.collection import qr_verification
from survey.collection.posters import typesetting
from survey.collection.qr_verification import Authenticity, Verification
from survey.i18n import nfc
from survey.periods import local_day, now
from survey.web.request import session, settings

pages = Blueprint("verify_qr", __name__)


@pages.get("/qr")
def show() -> tuple[str, int]:
    """Say whose code was typed, since when and whether it is in use; looking changes nothing."""
    typed, beside = (request.args.get(name, "").strip() for name in ("code", "fingerprint"))
    secret, public_url = settings().secret_key, settings().public_url
    verification = Verification(Authenticity.UNKNOWN)
    if typed or beside:
        sought = typed or beside
        verification = qr_verification.verify(session(), secret, public_url, sought, beside if typed else "")
    placement = verification.placement
    poster = None
    if placement is not None:
        [poster] = typesetting.posters_of(session(), [placement], secret, public_url, local_day(now()))
    page = render_template(
        "public/verify_qr.html",
        asked=bool(typed or beside),
        typed="" if verification.authenticity == Authenticity.PERSONAL else nfc(typed)[: qr_verification.LONGEST],
        beside=nfc(beside)[:40],
        verification=verification,
        poster=poster,
        public_url=public_url,
    )
    unknown = bool(typed or beside) and verification.authenticity in (Authenticity.UNKNOWN, Authenticity.MISMATCH)
    return page, 404 if unknown else 200
