"""The link by which an official confirms the e-mail address of an account: no alert goes anywhere before that."""

from __future__ import annotations

import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import mail_address
from survey.alerts.post import Post
from survey.delivery import notices, queue
from survey.delivery.notices import Notice
from survey.i18n import gettext, speaking, text
from survey.models import Delivery, MessageKind, Staff
from survey.organisation import agencies
from survey.periods import local_day
from survey.security.tokens import issued_at, sign

PURPOSE = "confirm staff address"
VALID = dt.timedelta(days=3)
MOST = 5  # links in a day: whoever types a stranger's address cannot fill a mailbox
DAY = dt.timedelta(days=1)


def send(session: Session, post: Post, account: Staff, at: dt.datetime) -> bool:
    """Queue the e-mail with the link to an address that is not confirmed; return False if there were too many of late.

    An earlier link is void: it confirms only the address as it was kept then.
    """
    address = mail_address.address_of(post.secret, account)
    if not address or account.email_confirmed:
        return True
    mine = (Delivery.kind == MessageKind.NOTICE, Delivery.subject.startswith(_subject(account, "")))
    number = session.scalar(sa.select(sa.func.count()).where(*mine, Delivery.queued_at > at - DAY)) or 0
    if number >= MOST:
        return False
    subject = _subject(account, hashlib.sha256(account.email or b"").hexdigest()[:16])
    notice = _written(session, post, account, address, at)
    queue.add(session, [notices.delivery(post.secret, notice, subject, at, kept=VALID)], at)
    return True


def link(post: Post, account: Staff, at: dt.datetime) -> str:
    """Return the address that confirms the e-mail address of an account as it is kept now."""
    token = sign(post.secret, PURPOSE, *_parts(account), at=at.timestamp())
    return f"{post.public_url}/alerts/confirm/{account.id}/{token}"


def confirmable(session: Session, secret: str, staff_id: int, token: str, at: dt.datetime) -> Staff | None:
    """Return whose address a link confirms; None of one that is not ours, or too old, or of another address."""
    account = session.get(Staff, staff_id)
    if account is None or not account.enabled or account.email is None:
        return None
    issued = issued_at(secret, PURPOSE, token, *_parts(account))
    if issued is None or at.timestamp() - issued > VALID.total_seconds():
        return None
    return account


def _parts(account: Staff) -> tuple[str, str]:
    return str(account.id), (account.email or b"").hex()  # sealed anew each time it is saved


def _subject(account: Staff, of: str) -> str:
    return f"{account.id} CONFIRM {of}"


def _written(session: Session, post: Post, account: Staff, address: str, at: dt.datetime) -> Notice:
    own = agencies.tree(session, local_day(at)).named_now(account.agency_id)
    with speaking(post.language_of(account)):
        body = (
            gettext("Dear %(name)s,", name=account.name or account.login),
            gettext(
                "This address was entered for alerts of %(agency)s. Please confirm within three days that it is yours:",
                agency=text(own.name),
            )
            + f"\n{link(post, account, at)}",
            gettext("If you did not enter it, please ignore this e-mail: nothing more is sent here."),
            gettext("This e-mail was written by a program; nobody reads answers to it."),
        )
        subject = "Hài Lòng: " + gettext("please confirm your e-mail address")
        return Notice(address, text(own.name), subject, "\n\n".join(body) + "\n")
