"""What the changes in a list tell of the period before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Channel, Response
from survey.periods import previous
from survey.results import counts
from survey.results.changes import changes
from survey.results.figures import Figures
from survey.results.scope import closed_period


def rates_before(session: Session, shown: Figures) -> Iterator[tuple[frozenset[int], int]]:
    """Yield of each row that says how it has moved whose answers it was before, and how many of them were satisfied.

    So does a rate less its change tell whoever knows whom he served.
    """
    period = previous(shown.period)
    then = replace(shown.scope, period=period, closing=closed_period(session, period))
    columns = (Response.id, Response.agency_id, Response.procedure_id)
    reading = [
        sa.select(*columns).where(*those, Response.channel == Channel.INVITATION) for those in counts.standing(then)
    ]
    there = [tuple(row) for query in reading for row in session.execute(query)]
    rows = {row.id: row for row in shown.judged.rows}
    for key, moved in changes(session, shown).items():
        rate = rows[key].rate
        whose = [(one, then.unit_of[agency] if shown.by == "unit" else procedure) for one, agency, procedure in there]
        of = frozenset(one for one, row in whose if row == key)
        assert rate is not None and of
        yield of, round((rate - moved.difference) * len(of))
