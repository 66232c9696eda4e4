"""The comments that a report quotes: by a rule that anybody can follow, so that nobody picks the friendly ones.

The newest comments of people who were not satisfied, as they are redacted, long enough to say something and short
enough to be read, no two of one agency and field.
"""

from __future__ import annotations

from dataclasses import dataclass

from survey.comments.reading import CommentFilter, CommentsInScope

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
    """Return the comments of a scope that are quoted, newest first."""
    chosen: dict[tuple[int, str], Quote] = {}
    for row in comments.page(CommentFilter(levels=DISSATISFIED), 0, READ):
        words = " ".join(row.text.split())
        if SHORTEST <= len(words) <= LONGEST and len(chosen) < MOST:
            chosen.setdefault((row.agency_id, row.field), Quote(words, row.agency_id, row.field))
    return tuple(chosen.values())
