"""Which answers stood at a moment: those that were there, each as the last one of its sender."""

from __future__ import annotations

from typing import TypeAlias

import sqlalchemy as sa

from survey.models import Response

RowFilter: TypeAlias = "sa.ColumnExpressionArgument[bool]"


def stood(there: sa.ColumnElement[bool]) -> tuple[RowFilter, RowFilter]:
    """Return the two conditions that an answer was `there` at some moment, and then the last one of its sender.

    Apart, because the first is answered by the index of counted answers, the second by the few replaced since.
    """
    replaced = sa.select(Response.supersedes_id).where(sa.not_(there), Response.supersedes_id.is_not(None))
    return sa.and_(there, Response.counted), sa.and_(there, sa.not_(Response.counted), Response.id.in_(replaced))
