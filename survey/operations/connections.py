"""The lines by which messages go out and come back, tried as the worker uses them; nothing is sent."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator

from survey.delivery import bounce_mailbox, messages
from survey.delivery.email import Email
from survey.delivery.worker import carriers
from survey.i18n import msgid
from survey.models import AddressKind
from survey.operations.finding import Finding
from survey.settings import Settings, SettingsError

WAYS = {AddressKind.EMAIL: "e-mail", AddressKind.PHONE: "SMS, Zalo"}


def sending(settings: Settings) -> Iterator[Finding]:
    """Look at what messages are sent by, and what comes back by; nothing is sent.

    A mail server that is away lets messages wait. It is no fault, or nobody could answer until it is back.
    """
    about = msgid("sending")
    try:
        usable, box = carriers(settings), bounce_mailbox.of(settings)
    except SettingsError as error:
        yield Finding("fault", about, error.message, values=error.values)
        return
    ways = [name for kind, name in WAYS.items() if kind in usable]
    if not ways:
        cure = msgid("Set HAILONG_SMTP_HOST or HAILONG_GATEWAY_URL, or hand links over by other ways")
        yield Finding("warning", about, msgid("neither e-mail nor phone messages are sent"), cure)
        return
    values = {"ways": ", ".join(ways), "days": settings.reminder_days}
    if settings.reminder_days >= min(settings.answer_days, messages.KEPT.days):
        cure = msgid("Set HAILONG_REMINDER_DAYS lower, or to 0 if nobody is to be reminded")
        late = msgid("by %(ways)s; nobody is reminded, for after %(days)s days no link or no address is left")
        yield Finding("warning", about, late, cure, values)
    else:
        yield Finding("ok", about, msgid("by %(ways)s"), values=values)
    if AddressKind.EMAIL in usable:
        yield mail_server(settings)
        yield returned(box)


def mail_server(settings: Settings) -> Finding:
    """Look at whether the mail server lets us in."""
    about, values = msgid("mail server"), {"host": settings.smtp_host}
    try:
        Email(settings).check()
    except (OSError, UnicodeError) as error:
        cure = msgid("Check HAILONG_SMTP_HOST, its port, security and account; until then messages wait")
        observation, values = msgid("%(host)s does not let us in: %(why)s"), values | {"why": str(error)}
        return Finding("warning", about, observation, cure, values)
    return Finding("ok", about, msgid("%(host)s lets us in"), values=values)


def returned(box: bounce_mailbox.ImapMailbox | bounce_mailbox.MaildirMailbox | None) -> Finding:
    """Look at whether reports of failed delivery can be read."""
    about = msgid("returned messages")
    if box is None:
        cure = msgid("Set HAILONG_BOUNCES, unless the mail server hands reports to `hailong bounces`")
        return Finding("warning", about, msgid("no mailbox is read for reports of failed delivery"), cure)
    try:
        box.check()
    except (OSError, imaplib.IMAP4.error) as error:
        cure = msgid("Check address and password of HAILONG_BOUNCES; until then refused messages count as delivered")
        return Finding("warning", about, msgid("the mailbox cannot be read: %(why)s"), cure, {"why": str(error)})
    return Finding("ok", about, msgid("the mailbox can be read"))
