"""The page that proves an answer is kept, never what it was; only what the unit answered to its comments is shown."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from survey.collection import receipts
from survey.comments.answered import answered
from survey.i18n import nfc
from survey.security.tokens import parse_receipt, receipt_code
from survey.web.request import session

pages = Blueprint("receipt", __name__)


@pages.get("/receipt", defaults={"code": ""})
@pages.get("/receipt/<code>")
def receipt(code: str) -> tuple[str, int]:
    """Return whether the response with this receipt is kept and counted, to the day and no closer."""
    typed = code or request.args.get("code", "")
    wanted = parse_receipt(typed)
    record = receipts.recorded(session().connection(), wanted) if wanted else None
    replies = answered(session(), wanted) if record and wanted else []
    shown = receipt_code(wanted) if record and wanted else nfc(typed)[:60]
    return render_template(
        "public/receipt.html", code=shown, record=record, replies=replies
    ), 404 if typed and not record else 200
