"""What came back: reports of failed delivery turn their messages to refused, and dead addresses get no more."""

from __future__ import annotations

import datetime as dt
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.delivery import bounce_mailbox, dead_addresses, delivery_reports, message_reference, queue
from survey.models import Delivery, MessageKind, Reason
from survey.periods import now
from survey.settings import Settings

# RFC 3463: no such mailbox, system or syntax, moved, not our mail (RFC 7505), disabled; not a full or a shy mailbox.
DEAD = re.compile(r"5\.1\.(?:1|2|3|6|10)|5\.2\.1")


def take(session: Session, secret: str, content: bytes, when: dt.datetime) -> int:
    """Record what an e-mail reports of our messages; return how many it turned to refused.

    An address is called dead only if the report proves that we wrote to it; none that was left for an answer, of which
    nothing is to stay.
    """
    turned = 0
    for report in delivery_reports.read(content):
        turned += queue.refuse(session, report.reference[0], Reason.RETURNED, when)
        if DEAD.fullmatch(report.status) and not _replied(session, report.reference[0]):
            for address in report.addresses:
                if message_reference.proves(secret, report.reference, address):
                    dead_addresses.add(session, secret, address, when)
                    break
    return turned


def _replied(session: Session, key: str) -> bool:
    return session.scalar(sa.select(Delivery.kind).where(Delivery.key == key)) == MessageKind.REPLY


def collect(database: Database, settings: Settings) -> int:
    """Take every unread report of the mailbox that is set, each marked as read once it is recorded; return how many.

    Raises:
        SettingsError: the mailbox that is set makes no sense.
        OSError: it cannot be reached.
        imaplib.IMAP4.error: it refuses the account or the folder.
    """
    box = bounce_mailbox.of(settings)
    number = 0
    for content in box.unread() if box else ():
        with database.session(writes=True) as session:
            number += take(session, settings.secret_key, content, now())
            session.commit()
    return number
