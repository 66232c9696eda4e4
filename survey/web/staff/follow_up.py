"""Follow one comment up: how it stands, each step so far, and the form for the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from survey.accounts import accounts
from survey.comments import follow_up, originals
from survey.comments.clock import clock
from survey.comments.follow_up import FollowUpChange
from survey.comments.reading import CommentFilter, CommentRow, CommentsInScope
from survey.comments.references import key_of, reference
from survey.comments.standing import OPEN, STATUSES, state_words
from survey.delivery import replies
from survey.errors import NotFound
from survey.i18n import gettext, msgid, text
from survey.models import ReplyStage, Role, Staff
from survey.organisation import agencies
from survey.periods import Period, local_day, now
from survey.redaction.checking import Faults, fault_words, tidied
from survey.results.channel_names import REFERENCE, channel_name
from survey.results.charts import level_names
from survey.results.period_names import period_words
from survey.results.scope import Scope
from survey.web.request import session, settings, standard, whole_number
from survey.web.staff import access, period_picker
from survey.web.staff.labels import saved_words

pages = Blueprint("follow_up", __name__, url_prefix="/staff/comments")
FILTERS = ("q", "unit", "procedure", "level", "reason", "theme", "language", "status")
_NO_DATE = msgid("This is not a day. Please write it as the field shows, or leave it empty.")
_REPLIES = {
    ReplyStage.QUEUED: msgid("The answer was handed over to be sent to the person who asked for it."),
    ReplyStage.SENT: msgid("The answer was sent, and the person's address erased."),
    ReplyStage.GIVEN_UP: msgid("The answer may not have arrived. The person's address is erased."),
    ReplyStage.WITHDRAWN: msgid("The person takes back the wish to be answered. The address is erased."),
    ReplyStage.ERASED: msgid("The person's address is erased. No message was sent to it."),
}


def comments_in(looking: Session, scope: Scope) -> CommentsInScope:
    """Return the comments of a scope as the account may read them today."""
    ticking = clock(looking, standard(), local_day(now()))
    return CommentsInScope(looking, scope, not access.of_the_province(), ticking, standard().fewest)


def here(scope: Scope) -> dict[str, Any]:
    """Return what of an address says where its reader is: agency, period, and what is filtered by."""
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return {"agency": scope.agency.code, "period": scope.period.code, "basis": str(scope.period.basis), **asked}


def address(place: Mapping[str, Any], row: CommentRow) -> str:
    """Return the address of the page on which a comment is followed up."""
    return url_for("follow_up.show", named=reference(settings().secret_key, row.key), **place)


def form_change(sent: MultiDict[str, str], *, keeping: bool) -> tuple[FollowUpChange, Faults]:
    """Return the change that a form asks for, and what in it cannot be read; `keeping`: an empty field keeps all."""
    values: dict[str, Any] = {}
    wrong: Faults = {}
    if (status := sent.get("status", "")) in STATUSES:
        values["status"] = STATUSES[status]
    owner = sent.get("owner", "")
    if owner or not keeping:
        values["owner_id"] = whole_number(owner)
    due = sent.get("due", "").strip()
    if due or not keeping:
        try:
            values["due_day"] = dt.date.fromisoformat(due) if due else None
        except ValueError:
            wrong["due_day"] = (_NO_DATE, {})
    if not keeping:
        values["answer"] = tidied(sent.get("answer", "")) or None
    reply = not keeping and sent.get("reply") == "yes"
    return FollowUpChange(values, tidied(sent.get("note", "")), reply), wrong


@pages.get("/<named>/follow-up")
@access.requires(Role.VIEWER)
def show(named: str) -> str:
    """Show a comment with all its steps."""
    comments = comments_in(session(), access.scope(request.args.get("agency"), _period()))
    row = _row(comments, named)
    return _page(comments, row, _entered(row) | _taking(row), {})


@pages.post("/<named>/follow-up")
@access.requires(Role.MANAGER)
def save(named: str) -> AnyResponse | tuple[str, int]:
    """Take the step that was sent, unless something in it is wrong or somebody else took one meanwhile."""
    comments = comments_in(session(), access.scope(request.args.get("agency"), _period()))
    _row(comments, named)
    (row,) = follow_up.held(comments, frozenset({key_of(settings().secret_key, named)}))
    change, wrong = form_change(request.form, keeping=False)
    wrong |= follow_up.faults([row], change, owners([row]), comments.clock)
    if request.form.get("turn", "") != str(row.standing.turn):
        return _page(comments, row, request.form, wrong, gettext(follow_up.MOVED_ON)), 409
    if wrong:
        return _page(comments, row, request.form, wrong), 422
    stepped = follow_up.follow_up(session(), [row], change, access.who().staff_id, now())
    if change.reply:
        replies.send(session(), settings().secret_key, row, access.who().staff_id, now())
    session().commit()
    return redirect(url_for("follow_up.show", named=named, **here(comments.scope), saved=min(stepped, 1)), 303)


def owners(rows: Sequence[CommentRow]) -> list[Staff]:
    """Return the accounts that may look after all of these comments."""
    return follow_up.owners(session(), agencies.tree(session()), [row.agency_id for row in rows])


def choices(may_own: Sequence[Staff]) -> list[tuple[str, str]]:
    """Return accounts as choices: value and name."""
    return [(str(one.id), one.name or one.login) for one in may_own]


def statuses_offered() -> list[tuple[str, str]]:
    """Return the statuses as choices."""
    return [(name, state_words(name)) for name in STATUSES]


def reply_words(stage: ReplyStage) -> str:
    """Return what became of the address to answer to, in words."""
    return str(gettext(_REPLIES[stage]))


def _period() -> Period:
    return period_picker.period_asked(local_day(now()))


def _row(comments: CommentsInScope, named: str) -> CommentRow:
    rows = comments.page(CommentFilter(keys=frozenset({key_of(settings().secret_key, named)})))
    if not rows:
        raise NotFound(originals.NO_COMMENT)
    return rows[0]


def _entered(row: CommentRow) -> dict[str, str]:
    """Return the fields as they stand; the due day only where it is another than the clock's."""
    standing = row.standing
    return {
        "status": standing.status.name.lower(),
        "owner": "" if standing.owner_id is None else str(standing.owner_id),
        "due": "" if standing.set_day is None else standing.set_day.isoformat(),
        "answer": standing.answer,
        "turn": str(standing.turn),
    }


def _taking(row: CommentRow) -> dict[str, str]:
    """Return what is chosen beforehand where nobody is in charge yet: whoever looks at it, if they may be."""
    me = access.who().staff_id
    open_to_me = row.standing.owner_id is None and row.standing.status in OPEN and me in {o.id for o in owners([row])}
    return {"owner": str(me)} if open_to_me else {}


def _original_address(row: CommentRow) -> str:
    """Return where the province's administrators read what was taken out, if anything was and is still kept."""
    if not access.may_change_for_the_province(Role.ADMINISTRATOR):
        return ""
    key = originals.kept_of(session(), row)
    return url_for("comment_originals.show", named=reference(settings().secret_key, key)) if key else ""


def _page(
    comments: CommentsInScope, row: CommentRow, entered: Mapping[str, str], wrong: Faults, problem: str = ""
) -> str:
    place = here(comments.scope)
    return render_template(
        "staff/comment_follow_up.html",
        action=url_for("follow_up.save", named=reference(settings().secret_key, row.key), **place),
        asked_until=replies.kept_until(session(), row) if row.standing.asks else None,
        back=url_for("comments.show", **place),
        channels={channel: channel_name(channel) for channel in REFERENCE},
        entered=entered,
        faults=fault_words(wrong),
        levels=level_names(),
        longest={"answer": follow_up.LONGEST_ANSWER, "note": follow_up.LONGEST_NOTE},
        may_change=access.may_change(),
        names=accounts.names(session()),
        original=_original_address(row),
        owners=choices(owners([row])),
        period_name=period_words(comments.scope.period),
        problem=problem,
        reply_words=reply_words,
        row=row,
        saved=saved_words(request.args.get("saved", "")),
        state_words=state_words,
        statuses=statuses_offered(),
        steps=follow_up.steps(session(), row),
        units={key: text(unit.name) for key, unit in comments.scope.tree.agencies.items()},
    )
