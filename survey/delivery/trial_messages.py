"""Test messages that administrators send to themselves, by the same queue and carriers as all others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.delivery import contact, gateway, notices, queue
from survey.delivery.notices import Notice
from survey.errors import Conflict
from survey.i18n import gettext, msgid, speaking, text
from survey.models import AddressKind, Delivery, MessageKind, State, Texts
from survey.settings import Settings

SUBJECT = "TRIAL"
MOST, WITHIN = 10, dt.timedelta(hours=1)  # nobody's mailbox is filled by whoever has got into an account
LATE = dt.timedelta(minutes=2)  # by then `hailong work` has tried to send, if it runs
_OURS = sa.and_(Delivery.kind == MessageKind.NOTICE, Delivery.subject.startswith(f"{SUBJECT} "))
_NO_MAIL = msgid("No e-mail can be sent from here yet. Whoever runs the server enters the mail server first.")
_NO_GATEWAY = msgid(
    "No words can be sent to telephones from here yet. Whoever runs the server enters the gateway first."
)


def ways(settings: Settings) -> frozenset[AddressKind]:
    """Return to which kinds of address a test message can go from here.

    >>> ways(Settings("sqlite://", "", smtp_host="mail.example.vn"))
    frozenset({<AddressKind.EMAIL: 1>})
    """
    open_ones = {AddressKind.EMAIL: bool(settings.smtp_host), AddressKind.PHONE: gateway.carries_words(settings)}
    return frozenset(kind for kind, is_open in open_ones.items() if is_open)


def add(
    session: Session,
    settings: Settings,
    languages: Sequence[str],
    sender: Texts,
    typed: str,
    staff_id: int,
    at: dt.datetime,
) -> Delivery:
    """Queue a test message to an address that was typed, in the name of `sender`, on record without the address.

    Raises:
        InvalidContact: it is neither an e-mail address nor a telephone number.
        Conflict: nothing can be sent to such an address from here, or too many were sent within the hour.
    """
    to = contact.read(typed)
    if to.kind not in ways(settings):
        raise Conflict(_NO_MAIL if to.kind == AddressKind.EMAIL else _NO_GATEWAY)
    since = sa.select(sa.func.count()).select_from(Delivery).where(_OURS, Delivery.queued_at > at - WITHIN)
    if (session.scalar(since) or 0) >= MOST:
        raise Conflict("%(most)s test messages were sent within an hour. Please wait a little.", most=MOST)
    notice = _written(to.address, languages, sender)
    one = notices.delivery(settings.secret_key, notice, f"{SUBJECT} {queue.new_key()}", at, address_kind=to.kind)
    queue.add(session, [one], at)
    trail.append(session, staff_id, Act.MESSAGE_TRIED, at, kind=to.kind.name.lower())
    return session.scalars(sa.select(Delivery).where(Delivery.key == one.key)).one()


def _written(address: str, languages: Sequence[str], sender: Texts) -> Notice:
    short = {}
    for language in languages:
        with speaking(language):
            short[language] = gettext("Test message of Hài Lòng: messages arrive here.")
    with speaking(languages[0]):
        name = text(sender)
        body = (
            gettext("This is a test message: whoever reads it here knows that messages of %(name)s arrive.", name=name),
            gettext("Nothing is to be done."),
            gettext("This e-mail was written by a program; nobody reads answers to it."),
        )
        subject = "Hài Lòng: " + gettext("test message")
    return Notice(address, name, subject, "\n\n".join(body) + "\n", short=short)


def latest(session: Session, most: int = 5) -> list[Delivery]:
    """Return the newest test messages, the newest first."""
    return list(session.scalars(sa.select(Delivery).where(_OURS).order_by(Delivery.id.desc()).limit(most)))


def is_late(one: Delivery, at: dt.datetime) -> bool:
    """Return whether nobody has tried to send a message for some minutes: then `hailong work` does not run."""
    return one.state == State.QUEUED and one.attempts == 0 and at - one.queued_at >= LATE


def has_arrived(session: Session) -> bool:
    """Return whether the other side has ever taken a test message over."""
    return session.scalar(sa.select(Delivery.id).where(_OURS, Delivery.state == State.DELIVERED).limit(1)) is not None
