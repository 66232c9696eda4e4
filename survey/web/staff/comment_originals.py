"""What was written before it was redacted: the province's administrators read it one by one, for a reason on record."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from survey.comments import originals
from survey.comments.references import key_of
from survey.i18n import msgid
from survey.models import Comment, Role
from survey.periods import now
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff.forms import ReadingReason

pages = Blueprint("comment_originals", __name__, url_prefix="/staff/comments")


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(
        msgid("Originals of comments are read by the province. Please ask an administrator of the province.")
    )


@pages.get("/<named>/original")
@access.requires(Role.ADMINISTRATOR)
def show(named: str) -> str:
    """Show a comment as it may be read, and ask for the reason."""
    return _page(originals.stored(session(), key_of(settings().secret_key, named)), ReadingReason())


@pages.post("/<named>/original")
@access.requires(Role.ADMINISTRATOR)
@access.confirmed
def read(named: str) -> str | tuple[str, int] | AnyResponse:
    """Show what was written, once it is on record who reads it and why."""
    comment = originals.stored(session(), key_of(settings().secret_key, named))
    form = ReadingReason()
    if not form.validate():
        return _page(comment, form), 422
    reading = originals.Reading(access.who().staff_id, str(form.reason.data), now())
    original = originals.read(session(), settings().secret_key, comment, reading)
    session().commit()
    return _page(comment, form, original)


def _page(comment: Comment, form: ReadingReason, original: str = "") -> str:
    return render_template("staff/comment_original.html", comment=comment, form=form, original=original)
