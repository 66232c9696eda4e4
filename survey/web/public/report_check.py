"""Check a report against the register: by the digest that is printed on it, or by its file, which nobody keeps.

A file is hashed in the browser, or sent here, hashed and thrown away where there is no script.
"""

from __future__ import annotations

import hashlib
import re

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.i18n import current_language, nfc, text
from survey.organisation import agencies
from survey.reports import register
from survey.reports.figures_digest import grouped, parsed
from survey.reports.register import RegisterRow
from survey.results.period_names import period_words
from survey.web.request import session
from survey.web.upload_limits import MOST_UPLOAD_BYTES, MOST_UPLOAD_MB

pages = Blueprint("report_check", __name__, url_prefix="/report")
SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST = 100


@pages.get("", defaults={"code": ""})
@pages.get("/<code>")
def show(code: str) -> tuple[str, int]:
    """Say what the register has of a digest or of the SHA-256 of a file; looking changes nothing."""
    typed = (code or request.args.get("code", "")).strip()
    rows, by_file = _entries(typed)
    return _page(typed, rows, by_file), 404 if typed and not rows else 200


@pages.post("")
def compare() -> AnyResponse | tuple[str, int]:
    """Hash the file that was sent, keep nothing of it, and lead to what the register has of it."""
    request.max_content_length = MOST_UPLOAD_BYTES
    if (request.content_length or 0) > MOST_UPLOAD_BYTES:  # what is too large is not read
        return _page("", [], False, too_large=True), 413
    file = request.files.get("file")
    if file is None or not file.filename:
        return redirect(url_for(".show", lang=current_language()), 303)
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # a spooled file is one
    return redirect(url_for(".show", code=digest, lang=current_language()), 303)


def _entries(typed: str) -> tuple[list[RegisterRow], bool]:
    """Return the entries of what was typed, and whether it was the SHA-256 of a file."""
    if SHA256.fullmatch(typed.lower()):
        return register.with_file(session(), bytes.fromhex(typed)), True
    digest = parsed(typed)
    return (register.with_figures(session(), digest) if digest else []), False


def _page(typed: str, rows: list[RegisterRow], by_file: bool, too_large: bool = False) -> str:
    every = agencies.by_id(session()) if rows else {}
    return render_template(
        "public/report_check.html",
        typed=nfc(typed)[:LONGEST],
        rows=rows,
        by_file=by_file,
        too_large=too_large,
        most=MOST_UPLOAD_MB,
        names={key: text(one.name) for key, one in every.items()},
        grouped=grouped,
        period_words=period_words,
    )
