"""What `hailong doctor` says of the counts that are kept of days that are over: whether they are those of a recount."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.i18n import msgid
from survey.models import CountedSpan
from survey.operations.finding import Finding
from survey.results import daily_counting

ABOUT = msgid("counts of days")
KEEP = msgid("Keep `hailong work` running; `hailong serve` starts it, unless it has --no-work")
REBUILD = msgid("Run `hailong daily-counts --rebuild`, and find out who has changed the database")


def daily_counts(session: Session, today: dt.date) -> Iterator[Finding]:
    """Compare all that is kept with a recount, and look for days that should have been counted by now."""
    differing = list(daily_counting.differences(session))
    for span in differing:
        observation = msgid("%(first)s–%(last)s: %(rows)s rows differ from a recount of the answers")
        yield Finding("fault", ABOUT, observation, REBUILD, {"first": span.first, "last": span.last, "rows": span.rows})
    if number := daily_counting.late(session, today):
        observation = msgid("%(count)s days are not counted yet, so pages count them anew each time")
        yield Finding("warning", ABOUT, observation, KEEP, {"count": number})
    whole = sa.select(sa.func.count()).select_from(CountedSpan).where(CountedSpan.edition > 0)
    values = {"count": (session.scalar(whole) or 0) - len(differing)}
    yield Finding("ok", ABOUT, msgid("%(count)s as a recount gives them"), values=values)
