"""The one way in which a step of a follow-up is written: how all stands now, and one more line of its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from survey.models import FollowUp, FollowUpStatus, FollowUpStep, ReplyStage

FIELDS = ("status", "owner_id", "due_day", "answer")
UNTOUCHED: dict[str, Any] = {**dict.fromkeys(FIELDS), "status": FollowUpStatus.NEW}


@dataclass(frozen=True)
class StepAuthor:
    """Who takes a step, and on which day; what happens of itself has neither."""

    staff_id: int | None = None
    day: dt.date | None = None


def take_step(
    session: Session,
    key: tuple[int, str],
    values: Mapping[str, Any],
    author: StepAuthor,
    note: str = "",
    reply: ReplyStage | None = None,
) -> bool:
    """Change what `values` hold, of `FIELDS`, and return whether that is a step: a comment that stands so takes none.

    `key` is the number of the comment's answer and its question. The caller holds the lock by which links are cut.
    """
    own = {"response_id": key[0], "question": key[1]}
    stored = session.get(FollowUp, own)
    before = UNTOUCHED if stored is None else {name: getattr(stored, name) for name in FIELDS}
    after = {**before, **values}
    if after == before and not note and reply is None:
        return False
    if stored is None:
        stored = FollowUp(**own, turn=0)
        session.add(stored)
    stored.turn += 1
    for name in FIELDS:
        setattr(stored, name, after[name])
    session.flush()
    step = FollowUpStep(**own, **after, turn=stored.turn, day=author.day, staff_id=author.staff_id)
    step.note, step.reply = note or None, reply
    session.add(step)
    session.flush()
    return True
