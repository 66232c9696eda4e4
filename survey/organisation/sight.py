"""Of which agencies an account or a program may ever see rows, whichever day it asks about."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Agency

_LINKS = sa.select(Agency.id, Agency.code, Agency.parent_id, Agency.successor_id, Agency.split_from_id)


def ever_within(session: Session, scope_id: int) -> set[int] | None:
    """Return every agency that is `within` a scope in the tree of any day; None where these are all that there are.

    It never leaves out one that a tree of some day has, and may hold a few more: one that is below an agency today
    counts as below it under its former names, too. What a page shows is said by the tree of its day.
    """
    rows = session.execute(_LINKS).all()
    names, below = defaultdict[str, list[int]](list), defaultdict[int, list[int]](list)
    for row in rows:
        names[row.code].append(row.id)
        for above in (row.parent_id, row.successor_id):
            if above is not None:
                below[above].append(row.id)
        if row.split_from_id is not None:
            below[row.id].append(row.split_from_id)  # what was split stands where each of its parts does
    codes = {row.id: row.code for row in rows}
    within, ahead = set[int](), [scope_id]
    while ahead:
        at = ahead.pop()
        if at not in within:
            within.add(at)
            ahead += [*names[codes[at]], *below[at]]
    return None if len(within) == len(rows) else within
