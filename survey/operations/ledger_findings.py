"""What `hailong doctor` says of the ledger: how far it goes, and whether it is sealed as things happen."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.i18n import msgid
from survey.ledger import numbering, tree
from survey.operations.finding import Finding

ABOUT = msgid("ledger")
LATE = dt.timedelta(minutes=15)  # it is sealed every minute
SET_UP = msgid("Run `hailong ledger-key` once, and keep `hailong work` running, see docs/operators.md")
LOOK = msgid("Run `hailong seal`, which says what is wrong, and keep `hailong work` running")


def sealing(session: Session, at: dt.datetime) -> Finding:
    """Look at how long ago the ledger was sealed, if anything waits for that."""
    newest, waits = tree.newest_checkpoint(session), numbering.waits(session)
    if newest is None:
        return Finding("warning", ABOUT, msgid("nothing is sealed yet, so nobody can check an answer"), SET_UP)
    values = {"size": newest.size, "moment": newest.sealed_at}
    if waits and at - newest.sealed_at > LATE:
        return Finding(
            "warning", ABOUT, msgid("something waits to be sealed; that was done last %(moment)s"), LOOK, values
        )
    return Finding("ok", ABOUT, msgid("%(size)s entries, sealed %(moment)s"), values=values)
