"""Choose the comments that the report of an agency and period quotes: a few, until the period is closed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.comments import report_choice
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.references import key_of, reference
from survey.comments.report_choice import MOST
from survey.comments.standing import state_words
from survey.i18n import gettext, nfc, text
from survey.models import Channel, Role
from survey.periods import local_day, now
from survey.results import caveats
from survey.results.channel_names import channel_name
from survey.results.charts import level_names
from survey.web.request import session, settings
from survey.web.staff import access, labels, period_picker
from survey.web.staff.follow_up import comments_in

pages = Blueprint("report_comments", __name__, url_prefix="/staff/report-comments")
OFFERED, DISSATISFIED = 30, frozenset({1, 2, 3})


@pages.get("")
@access.requires(Role.VIEWER)
def show() -> str:
    """Show what is chosen for the report of the chosen period and agency, and what can be."""
    return _page(_comments(), "")


@pages.post("")
@access.requires(Role.MANAGER)
def choose() -> AnyResponse | tuple[str, int]:
    """Put the comments that are ticked in the place of those chosen before."""
    comments = _comments()
    keys = [key_of(settings().secret_key, named) for named in request.form.getlist("comment")[: MOST + OFFERED]]
    if len(keys) > MOST:
        return _page(comments, gettext(report_choice.TOO_MANY, most=MOST)), 422
    report_choice.choose(comments, keys, now(), access.who().staff_id)
    session().commit()
    return redirect(url_for("report_comments.show", **_here(comments), saved=1), 303)


def _comments() -> CommentsInScope:
    period = period_picker.period_asked(local_day(now()))
    return comments_in(session(), access.scope(request.args.get("agency"), period))


def _here(comments: CommentsInScope) -> dict[str, Any]:
    scope = comments.scope
    return {"agency": scope.agency.code, "period": scope.period.code, "basis": str(scope.period.basis)}


def _page(comments: CommentsInScope, fault: str) -> str:
    scope, period = comments.scope, comments.scope.period
    words = nfc(request.args.get("q", ""))[:200]
    picked = report_choice.chosen(comments)
    keys = {row.key for row in picked}
    rows = comments.page(CommentFilter(levels=DISSATISFIED, words=words), 0, OFFERED + MOST)
    secret = settings().secret_key
    return render_template(
        "staff/report_comments.html",
        agency=scope.agency,
        batches=caveats.by_batches(scope),
        channels={channel: channel_name(channel) for channel in Channel if channel != Channel.INVITATION},
        closed=scope.closing is not None,
        fault=fault,
        here=_here(comments),
        level_names=level_names(),
        may_change=access.may_change(Role.MANAGER) and scope.closing is None,
        most=MOST,
        offered=[row for row in rows if row.key not in keys][:OFFERED],
        period=period,
        period_name=labels.period_name(period),
        periods=period_picker.offered(local_day(now()), period.basis, period),
        picked=picked,
        reference=lambda row: reference(secret, row.key),
        saved=request.args.get("saved") == "1",
        state_words=state_words,
        units={key: text(unit.name) for key, unit in scope.tree.agencies.items()},
        words=words,
    )
