"""The figures as they were drawn, so that nobody waits for the same drawing twice.

Those of a closed period are kept until something that they are made of changes. Those of an open one are counted at
each look, and drawn anew only if they are no longer the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session

from survey.models import ClosedPeriod, Procedure, QuestionnaireVersion, Response
from survey.organisation.agencies import Tree
from survey.periods import Period
from survey.results import counts

MOST = 48  # pages of a megabyte or two before they are packed, in each process

_kept: OrderedDict[Hashable, Shown] = OrderedDict()
_keeping = threading.Lock()


@dataclass(frozen=True)
class Shown:
    """The figures of a page, packed to a tenth, and whether there is a row in them."""

    packed: bytes
    rows: bool

    @classmethod
    def of(cls, html: str, rows: bool) -> Shown:
        """Pack a page that was rendered here, every text of it escaped."""
        return cls(zlib.compress(html.encode(), level=1), rows)

    @property
    def html(self) -> Markup:
        """Return the page as it was rendered."""
        return Markup(zlib.decompress(self.packed).decode())  # noqa: S704


def kept(
    session: Session, period: Period, known: Tree, today: dt.date, asked: Hashable, make: Callable[[], Shown]
) -> Shown:
    """Return the figures that were asked for; those of a closed period are drawn once.

    `asked` is all that tells one page from another. A new answer, closing, questionnaire, procedure or agency, a
    corrected name and a new day each make the page anew: earlier periods that are still open stand in its trend.
    """
    if counts.closed(session, period) is None:
        return make()
    return _once((asked, today, *_state(session, known)), make)


def drawn(asked: Hashable, figures: object, draw: Callable[[], Shown]) -> Shown:
    """Return the drawing of figures that have just been counted; what shows the same figures is drawn once.

    Nothing kept here can be out of date, because its key is all that is drawn.
    """
    return _once((asked, hashlib.sha256(pickle.dumps(figures)).digest()), draw)


def _once(key: Hashable, make: Callable[[], Shown]) -> Shown:
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = make()
    with _keeping:
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _state(session: Session, known: Tree) -> tuple[Any, ...]:
    """Return what changes whenever a figure or a name in it may."""
    newest = session.execute(
        sa.select(
            sa.select(sa.func.max(Response.id)).scalar_subquery(),
            sa.select(sa.func.max(ClosedPeriod.id)).scalar_subquery(),
            sa.select(sa.func.sum(QuestionnaireVersion.id * 10 + QuestionnaireVersion.status)).scalar_subquery(),
            sa.select(sa.func.sum(QuestionnaireVersion.revision)).scalar_subquery(),
        )
    ).one()
    services = sa.select(Procedure.code, Procedure.name, Procedure.field).order_by(Procedure.id)
    units = [(a.id, a.code, a.parent_id, a.successor_id, a.valid_from, a.valid_to, a.level, str(a.name))
             for a in known.agencies.values()]  # fmt: skip
    return (*newest, str(session.execute(services).all()), str(units))
