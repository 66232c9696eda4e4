"""The page that proves an answer is kept, never what it was; only what the unit answered to its comments is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, render_template, request

from survey.collection import receipts
from survey.comments.answered import answered
from survey.delivery import replies
from survey.errors import NotFound
from survey.i18n import nfc
from survey.ledger import proofs
from survey.periods import local_day, now
from survey.security.tokens import parse_receipt, receipt_code
from survey.web.reply_form import proof, reply_form
from survey.web.request import session, settings

pages = Blueprint("receipt", __name__)


@pages.get("/receipt", defaults={"code": ""})
@pages.get("/receipt/<code>")
def receipt(code: str) -> tuple[str, int]:
    """Return whether the response with this receipt is kept and counted, to the day and no closer."""
    typed = code or request.args.get("code", "")
    wanted = parse_receipt(typed)
    if wanted and receipts.recorded(session().connection(), wanted):
        return receipt_page(wanted), 200
    page = render_template(
        "public/receipt.html",
        code=nfc(typed)[:60],
        record=None,
        sealed=None,
        replies=[],
        wish="",
        contact="",
        form=None,
    )
    return page, 404 if typed else 200


@pages.get("/receipt/<code>/proof")
def proof_of(code: str) -> Response:
    """Return the file that proves to anybody that the response with this receipt stands in the sealed ledger."""
    wanted = parse_receipt(code)
    of = proofs.sealed(session(), wanted) if wanted else None
    if wanted is None or of is None:
        raise NotFound("There is no proof for this code yet. What was sent just now is sealed within a few minutes.")
    response = Response(proofs.proof_file(session(), of), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{receipt_code(wanted)}.tlog-proof"'
    return response


def receipt_page(wanted: bytes, typed: str = "", agreed: bool = False, faults: Mapping[str, str] | None = None) -> str:
    """Return the page of a receipt; with an address as it was typed and what is wrong with it, if it was sent."""
    code = receipt_code(wanted)
    form = reply_form(settings(), code, proof(settings(), code))
    return render_template(
        "public/receipt.html",
        code=code,
        record=receipts.recorded(session().connection(), wanted),
        sealed=proofs.sealed(session(), wanted),
        replies=answered(session(), wanted),
        wish=replies.wish(session(), wanted, local_day(now())).name,
        contact=request.args.get("contact", ""),
        form=replace(form, typed=typed, agreed=agreed, faults=dict(faults or {})),
    )
