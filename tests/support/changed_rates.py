"""What the changes in a list tell of the period before."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Channel, Response
from survey.periods import previous
from survey.results import counts
from survey.results.changes import changes
from survey.results.figures import Figures
from survey.results.scope import scope_for


def rates_before(session: Session, shown: Figures) -> Iterator[tuple[frozenset[int], int]]:
    """Yield of each row that says how it has moved whose answers it was before, and how many of them were satisfied.

    So does a rate less its change tell whoever knows whom he served.
    """
    then = scope_for(session, previous(shown.period), shown.scope.agency_id, reader=shown.scope.reader)
    columns = (Response.id, Response.procedure_id)
    reading = [
        sa.select(*columns).where(*those, Response.channel == Channel.INVITATION) for those in counts.standing(then)
    ]
    there = [tuple(row) for query in reading for row in session.execute(query)]
    rows = {row.id: row for row in shown.judged.rows}
    for key, moved in changes(session, shown).items():
        rate = rows[key].rate
        of = frozenset(one for one, procedure in there if shown.by == "unit" or procedure == key)
        assert rate is not None and of
        yield of, round((rate - moved.difference) * len(of))
