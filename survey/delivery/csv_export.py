"""A file for the portal to send from: one line per message, each handed over once."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.delivery import messages, queue
from survey.delivery.kinds import TO_PEOPLE, kept_by
from survey.delivery.message_text import Writer
from survey.delivery.messages import ClaimedMessage
from survey.delivery.queue import Outcome
from survey.delivery.replies import ClaimedReply
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import Delivery, State
from survey.periods import now

COLUMNS = ("address", "subject", "text", "short_text", "link", "key")


def write(database: Database, secret: str, writer: Writer, path: Path) -> int:
    """Write every message that is due to a new file that only its owner can read, and mark it as exported.

    The lines are on the disk before they are marked: after a crash a message may stand in two files, under the same
    key, but never in none.

    Raises:
        Conflict: the file is there already.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(msgid("There is already a file %(name)s. Choose another name."), name=path.name) from None
    written = 0
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)
        while True:
            with database.session(writes=True) as session:
                claimed = list(islice(handed_over(session, secret, now()), queue.BATCH))
                for message in map(writer.write, claimed):
                    short = next(iter(message.short.values()))
                    lines.writerow((message.address, message.subject, message.body, short, message.link, message.key))
                file.flush()
                os.fsync(file.fileno())
                session.commit()
            if not claimed:
                return written
            written += len(claimed)


def handed_over(session: Session, secret: str, when: dt.datetime) -> Iterator[ClaimedMessage | ClaimedReply]:
    """Yield every message that is due and may still be handed over in a file, and mark it as exported, once."""
    unsent = (Delivery.kind.in_(TO_PEOPLE), Delivery.state == State.QUEUED, messages.ready())
    while (claimed := queue.claim(session, when, dt.timedelta(), *unsent)) is not None:
        holder = kept_by(claimed)
        message = holder.opened(session, secret, claimed)
        holder.settle(session, claimed, message if isinstance(message, Outcome) else Outcome(State.EXPORTED), when)
        if not isinstance(message, Outcome):
            yield message
