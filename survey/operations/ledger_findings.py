"""What `hailong doctor` says of the ledger: how far it goes, whether it is sealed in time, and who signs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy.orm import Session

from survey.i18n import gettext, msgid
from survey.ledger import cosignatures, numbering, tree
from survey.operations.cosigning import ALARMING
from survey.operations.finding import Finding
from survey.operations.witness_words import FAULTS

ABOUT = msgid("ledger")
LATE = dt.timedelta(minutes=15)  # it is sealed every minute
SET_UP = msgid("Run `hailong ledger-key` once, and keep `hailong work` running, see docs/operators.md")
WITNESS = msgid("witness %(name)s")
ASK = msgid("Ask whoever runs it; it is tried again by itself. See `hailong witnesses list`")
EXPLAIN = msgid("Run `hailong verify` and tell the witness what happened; see docs/trust.en.md")
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


def witnesses(session: Session, at: dt.datetime) -> Iterator[Finding]:
    """Look at each witness: whether it has signed lately, and whether it says that the ledger was rewritten."""
    for one in cosignatures.in_use(session):
        about = gettext(WITNESS, name=one.name)
        if one.fault in ALARMING:
            yield Finding("fault", about, FAULTS[one.fault], EXPLAIN)
        elif one.failed_at is not None and at - one.failed_at > LATE:
            yield Finding("warning", about, FAULTS[one.fault], ASK)
        else:
            yield Finding("ok", about, msgid("has signed %(size)s entries"), values={"size": one.size})
