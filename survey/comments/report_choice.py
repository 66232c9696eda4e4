"""The comments that an official has chosen for a report: a few, redacted, of one agency and period.

Chosen are comments, not copies: one that its person takes back or has erased is in no report any more, and what may be
named beside it is what disclosure lets through wherever it is read. When the period is closed the choice stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.comments.follow_up import held
from survey.comments.reading import CommentFilter, CommentKey, CommentPart, CommentRow, CommentsInScope
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import ReportComment
from survey.organisation.agencies import revise
from survey.periods import local_day
from survey.results.scope import Scope

MOST = 5
TOO_MANY = msgid("Choose at most %(most)s comments for a report.")
CLOSED = msgid("The period is closed: the comments chosen for its report are not changed any more.")


def chosen(comments: CommentsInScope) -> tuple[CommentRow, ...]:
    """Return the comments chosen for the report of a scope, in their order, as its reader may read them."""
    places = _places(comments.session, comments.scope)
    if not places:
        return ()
    rows = comments.page(CommentFilter(parts=frozenset(places)))
    return tuple(sorted(rows, key=lambda row: places[row.response_id, row.key[1]]))


def choose(comments: CommentsInScope, keys: Sequence[CommentKey], when: dt.datetime, staff_id: int) -> int:
    """Put these comments, in their order, in the place of those chosen before, on record; return how many they are.

    Raises:
        Conflict: there are more than a report holds, the period is closed, or one of them is not there any more.
    """
    session, scope = comments.session, comments.scope
    if scope.closing is not None:
        raise Conflict(CLOSED)
    keys = list(dict.fromkeys(keys))
    if len(keys) > MOST:
        raise Conflict(TOO_MANY, most=MOST)
    rows = {row.key: row for row in held(comments, frozenset(keys))} if keys else {}
    before = {(part, place) for part, place in _places(session, scope).items()}
    after = [(rows[key].response_id, key[1]) for key in keys]
    if before == {(part, place) for place, part in enumerate(after)}:
        return len(after)
    session.execute(sa.delete(ReportComment).where(*_of(scope)))
    own = {"code": scope.period.code, "basis": str(scope.period.basis), "agency_id": scope.agency_id}
    for place, (response_id, question) in enumerate(after):
        session.add(
            ReportComment(
                **own, response_id=response_id, question=question, place=place, staff_id=staff_id, day=local_day(when)
            )
        )
    session.flush()
    revise(session)
    about = {"agency": scope.agency.code, "period": scope.period.code, "basis": str(scope.period.basis)}
    trail.append(session, staff_id, Act.REPORT_COMMENTS_CHOSEN, when, **about, number=len(after))
    return len(after)


def _places(session: Session, scope: Scope) -> dict[CommentPart, int]:
    columns = (ReportComment.response_id, ReportComment.question, ReportComment.place)
    rows = session.execute(sa.select(*columns).where(*_of(scope)))
    return {(response_id, question): place for response_id, question, place in rows}


def _of(scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    period = scope.period
    return (
        ReportComment.code == period.code,
        ReportComment.basis == str(period.basis),
        ReportComment.agency_id == scope.agency_id,
    )
