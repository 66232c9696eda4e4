"""Which sheet a comment is read with: the counted one to which it was sent, or which took its place and kept it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from survey.collection.exclusions import in_force
from survey.models import Comment, Response
from survey.results import counts
from survey.results.disclosure import released
from survey.results.scope import Scope


def with_its_sheet(scope: Scope) -> sa.Subquery:
    """Return each comment's response and question with the counted sheet that it belongs to; `place` 1: the last text.

    From the response with which it was sent it goes on to the one that adds to it, and so on, until one counts. Of what
    is left out nobody waits for an answer, even where a closed figure still counts it.
    """
    _counted, *there = counts.within(scope)
    sent = sa.select(
        Comment.response_id.label("part"),
        Comment.question.label("question"),
        Response.id.label("sheet"),
        sa.literal(0).label("steps"),
    )
    # Each answer with a comment is among these, and an index holds no other: without it all comments would be read.
    commented = sa.or_(Response.comment_marks.is_not(None), Response.entry.is_(None))
    sent = sent.join(Response, Response.id == Comment.response_id).where(*there, commented)
    chain = sent.cte("chain", recursive=True)
    adding = aliased(Response)
    step = sa.select(chain.c.part, chain.c.question, adding.id, chain.c.steps + 1)
    chain = chain.union_all(step.join(adding, adding.supersedes_id == chain.c.sheet).where(adding.amends))
    sheet = aliased(Response)
    place = sa.func.row_number().over(
        partition_by=(chain.c.sheet, chain.c.question), order_by=(chain.c.steps, chain.c.part)
    )
    kept = sa.select(chain.c.part, chain.c.question, chain.c.sheet, place.label("place"))
    kept = kept.join(sheet, sheet.id == chain.c.sheet).where(sheet.counted, sheet.id.not_in(in_force()))
    if scope.running:  # comments come in the batches in which the answers do
        kept = kept.where(sheet.id.in_(sa.select(Response.id).where(released(scope, [scope.period]))))
    elif scope.reader.guarded and scope.closing is not None:  # what came one by one since then, with the next closing
        kept = kept.where(chain.c.part <= scope.closing.newest_response_id)
    return kept.subquery("kept")
