"""Let a few people of the demonstration ask for an answer: by the door by which everybody leaves an address."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from sqlalchemy.orm import Session

from survey.comments.clock import clock
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.delivery import contact, replies
from survey.delivery.replies import Agreed
from survey.errors import Conflict
from survey.organisation import agencies
from survey.periods import local_day, month_of, previous
from survey.results.scope import Standard, scope_for

MOST = 12
DAYS = 30  # as the setting is, if nobody sets it


def leave_some(session: Session, secret: str, now: dt.datetime, standard: Standard) -> int:
    """Leave addresses, which lead nowhere, with some of the newest comments that wait; return with how many."""
    today, left = local_day(now), 0
    for month in (month_of(today), previous(month_of(today))):
        scope = scope_for(session, month, agencies.root(session).id)
        comments = CommentsInScope(session, scope, False, clock(session, standard, today), standard.fewest)
        for row in comments.page(CommentFilter(status="new"), 0, 5 * MOST)[::5]:
            to = contact.read(f"nguoi.gop.y.{left + 1}@example.com")
            with suppress(Conflict):  # it is too old
                replies.leave(session, secret, row.key[0], to, Agreed(row.language, DAYS), now)
                left += 1
    return left
