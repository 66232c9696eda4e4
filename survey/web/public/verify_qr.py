"""The public page that says whether a QR code, address or fingerprint is one of ours."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.collection import placements, qr_verification
from survey.collection.posters import typesetting
from survey.collection.qr_verification import Finding, Verdict
from survey.i18n import nfc
from survey.periods import local_day, now
from survey.web.request import session, settings

pages = Blueprint("genuine", __name__)


@pages.get("/qr")
def show() -> tuple[str, int]:
    """Say whose code was typed, since when and whether it is in use; looking changes nothing."""
    typed, beside = (request.args.get(name, "").strip() for name in ("code", "fingerprint"))
    secret, public_url = settings().secret_key, settings().public_url
    finding = Finding(Verdict.UNKNOWN)
    if typed or beside:
        finding = qr_verification.examine(session(), secret, public_url, typed or beside, beside if typed else "")
    placement = finding.placement
    poster = typesetting.of(session(), [placement], secret, public_url, local_day(now()))[0] if placement else None
    page = render_template(
        "public/verify_qr.html",
        asked=bool(typed or beside),
        typed="" if finding.verdict == Verdict.PERSONAL else nfc(typed)[: qr_verification.LONGEST],
        beside=nfc(beside)[:40],
        finding=finding,
        poster=poster,
        shown=placements.shown,
        public_url=public_url,
    )
    unknown = bool(typed or beside) and finding.verdict in (Verdict.UNKNOWN, Verdict.MISMATCH)
    return page, 404 if unknown else 200
