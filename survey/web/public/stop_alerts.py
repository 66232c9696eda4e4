"""Stop one kind of alerts, or one digest, from the mail itself: without signing in, by a signed link (RFC 8058)."""

from __future__ import annotations

from flask import Blueprint, render_template

from survey.alerts import choices, words
from survey.errors import NotFound
from survey.models import AlertKind, Staff
from survey.periods import now
from survey.web.request import session, settings

pages = Blueprint("stop_alerts", __name__, url_prefix="/alerts/stop")


@pages.get("/<int:account>/<what>/<token>")
def ask(account: int, what: str, token: str) -> str:
    """Show what the link stops, and the button that does: looking changes nothing."""
    _of, kinds = _stoppable(account, what, token)
    return _page(kinds, stopped=False)


@pages.post("/<int:account>/<what>/<token>")
def stop(account: int, what: str, token: str) -> str:
    """Stop it, as the button or a mail program by itself asks for; once more changes nothing."""
    of, kinds = _stoppable(account, what, token)
    choices.stop(session(), of, kinds, now())
    session().commit()
    return _page(kinds, stopped=True)


def _stoppable(account: int, what: str, token: str) -> tuple[Staff, list[AlertKind]]:
    stoppable = choices.stoppable(session(), settings().secret_key, account, what, token)
    if stoppable is None:
        raise NotFound("This link stops nothing. Please open it from the e-mail again, whole.")
    return stoppable


def _page(kinds: list[AlertKind], stopped: bool) -> str:
    return render_template("public/stop_alerts.html", kinds=[words.kind_words(kind) for kind in kinds], stopped=stopped)
