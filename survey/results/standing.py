"""Which answers stood at a moment: those that were there and counted, each as the last one of its sender."""

from __future__ import annotations

from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from survey.collection.exclusions import uncounted
from survey.collection.placements import of_test
from survey.models import Response

RowFilter: TypeAlias = "sa.ColumnExpressionArgument[bool]"


def stood(there: sa.ColumnElement[bool]) -> tuple[RowFilter, RowFilter]:
    """Return the two conditions that an answer was `there` when a period was closed, and then the last of its sender.

    Apart, because the first is answered by the index of counted answers, the second by the few replaced since. What was
    left out before did not count; what is left out or counted again since has not changed whether it does.
    """
    replaced = sa.select(Response.supersedes_id).where(sa.not_(there), Response.supersedes_id.is_not(None))
    since = had_counted(replaced)
    return sa.and_(there, Response.counted), sa.and_(there, sa.not_(Response.counted), since)


def had_counted(replaced: sa.Select[int | None]) -> sa.ColumnElement[bool]:
    """Return the condition that an answer counted until it was replaced: it was no test, and not left out."""
    test = of_test(Response.placement_id)
    return sa.and_(Response.id.in_(replaced), sa.not_(test), Response.id.not_in(uncounted()))


def latest(newest: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that no later answer took an answer's place, or none with a number up to `newest`."""
    later = aliased(Response)
    replacing = sa.exists().where(later.supersedes_id == Response.id)
    return sa.not_(replacing if newest is None else replacing.where(later.id <= newest))
