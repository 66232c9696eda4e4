"""The comments that a report quotes: those that an official chose, else by a rule that anybody can follow.

By the rule they are the newest comments of people who were not satisfied, as they are redacted, long enough to say
something and short enough to be read, no two of one agency and field: so nobody picks the friendly ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.report_choice import chosen

MOST = 4
SHORTEST, LONGEST = 30, 240  # letters
READ = 80  # newest comments among which they are looked for
DISSATISFIED = frozenset({1, 2})


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, whom it was about, and the field where it may be named."""

    text: str
    agency_id: int
    field: str


def quotes(comments: CommentsInScope) -> tuple[Quote, ...]:
    """Return what is quoted of a scope: the chosen comments in their order, else those of the rule, newest first."""
    if picked := chosen(comments):
        return tuple(Quote(" ".join(row.text.split()), row.agency_id, row.field) for row in picked)
    ruled: dict[tuple[int, str], Quote] = {}
    for row in comments.page(CommentFilter(levels=DISSATISFIED), 0, READ):
        words = " ".join(row.text.split())
        if SHORTEST <= len(words) <= LONGEST and len(ruled) < MOST:
            ruled.setdefault((row.agency_id, row.field), Quote(words, row.agency_id, row.field))
    return tuple(ruled.values())
