"""People to call: cases that were drawn with the same telephone number are one person's, and asked about in one call.

The frame and the draw are by case, which is what the estimate is of. Nothing that is kept says that two cases are one
person's: their numbers are opened and compared whenever somebody is taken.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks import phones
from survey.models import CallBackCase, CallBackDesign, CallBackNumber, CallBackStage


@dataclass(frozen=True)
class WaitingCase:
    """A case that was drawn and about which somebody is still to be called."""

    id: int
    last_try_at: dt.datetime | None
    held_by: int | None
    held_until: dt.datetime | None


def waiting_cases(session: Session) -> list[WaitingCase]:
    """Return all cases about which somebody is still to be called and whose number is there, in their order.

    Whoever was tried least comes first, then in the order of the draw.
    """
    columns = (CallBackCase.id, CallBackCase.last_try_at, CallBackCase.held_by, CallBackCase.held_until)
    return [WaitingCase(*row) for row in session.execute(_waiting(*columns))]


def by_number(session: Session, secret: str) -> dict[int, tuple[int, ...]]:
    """Return for each waiting case those with the same number, itself the first, the others in their order.

    A case whose number cannot be read stands alone.
    """
    columns = (CallBackCase.id, CallBackNumber.case_id, CallBackNumber.sealed)
    ids_of: dict[str | int, list[int]] = defaultdict(list)
    number_of: dict[int, str | int] = {}
    for row_id, case_id, sealed in session.execute(_waiting(*columns)):
        number_of[row_id] = phones.opened(secret, case_id, sealed) or row_id
        ids_of[number_of[row_id]].append(row_id)
    return {row_id: (row_id, *_others(ids_of[number], row_id)) for row_id, number in number_of.items()}


def _others(ids: Sequence[int], row_id: int) -> list[int]:
    return [one for one in ids if one != row_id]


def _waiting(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .join_from(CallBackCase, CallBackDesign, CallBackDesign.id == CallBackCase.call_back_id)
        .join(CallBackNumber, CallBackNumber.case_id == CallBackCase.case_id)
        .where(CallBackDesign.stage == CallBackStage.DRAWN, CallBackCase.outcome.is_(None))
        .order_by(CallBackCase.tries, CallBackDesign.last, CallBackCase.turn, CallBackCase.id)
    )
