"""What of a call-back everybody may be told: it counts answers of its period a second time, by the days of their cases.

Beside the published counts that second number can tell what the few said who answered late. So it is published only
where enough answers hide those few whatever is subtracted (`frame.mixed`), and once for the same days. What the people
who were called say tells nothing of those answers, and needs only that enough of them were reached.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks.counts import CallCounts
from survey.models import CallBackDesign
from survey.results.scope import Reader


def as_disclosed(
    session: Session, design: CallBackDesign | None, counts: CallCounts, reader: Reader, fewest: int
) -> CallCounts:
    """Return the counts of a call-back as a reader may see them: without the number of satisfied where it must not be.

    Whoever is not guarded sees it.
    """
    if not reader.guarded or (design is not None and design.id in _disclosed(session, fewest)):
        return counts
    return replace(counts, satisfied=None)


def _disclosed(session: Session, fewest: int) -> set[int]:
    """Return the call-backs of which that number is published; what is sealed later changes nothing of it."""
    disclosed: list[CallBackDesign] = []
    sealed = sa.select(CallBackDesign).where(CallBackDesign.sealed_at.is_not(None))
    for one in session.scalars(sealed.order_by(CallBackDesign.sealed_at, CallBackDesign.id)):
        hidden = (one.about or {}).get("mixed", 0)  # missing in designs that were sealed before it was reckoned
        apart = all(one.last < other.first or other.last < one.first for other in disclosed)
        if hidden >= fewest and (one.answered or 0) >= fewest and apart:
            disclosed.append(one)
    return {one.id for one in disclosed}
