"""E-mail by SMTP: plain text, nothing that tracks, and an honest word on whether the server took it.

Until the last byte of the content is out, a failure means that nothing was sent. After that only the server's
reply tells; without it nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from email.message import EmailMessage
from email.policy import SMTP as RULES
from email.utils import format_datetime

from survey.delivery import contact
from survey.delivery.deadline import deadline
from survey.delivery.message_text import WrittenMessage
from survey.delivery.queue import Outcome
from survey.models import Reason, State
from survey.settings import Settings, SettingsError

SETUP = frozenset({530, 535, 554})  # sign in first, wrong password, no relaying: about us, not about the address

_WHY: tuple[tuple[tuple[type[Exception], ...], Reason], ...] = (
    ((smtplib.SMTPAuthenticationError,), Reason.SIGN_IN),
    ((smtplib.SMTPServerDisconnected,), Reason.CLOSED),
    ((smtplib.SMTPException, ssl.SSLError, UnicodeError), Reason.SETUP),
    ((TimeoutError,), Reason.TIMEOUT),
    ((OSError,), Reason.UNREACHABLE),
)


class Email:
    """The line to one mail server, kept open from message to message."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        if not contact.EMAIL.fullmatch(settings.mail_from):
            raise SettingsError("HAILONG_MAIL_FROM must be the address that our e-mail comes from")
        if settings.smtp_login and settings.smtp_security == "none":
            raise SettingsError("HAILONG_SMTP_SECURITY must be starttls or tls, so that the password stays secret")
        self.domain = settings.mail_from.rpartition("@")[2]
        self.line: smtplib.SMTP | None = None

    def send(self, message: WrittenMessage) -> Outcome:
        """Hand one message to the server."""
        content = self.composed(message).as_bytes()
        began = time.monotonic()
        with deadline(self.settings.send_seconds, self._socket):
            outcome = self._connect() or self._announce(message) or self._content(content)
        if outcome.reason == Reason.CLOSED and time.monotonic() - began >= self.settings.send_seconds:
            outcome = Outcome(outcome.state, Reason.TIMEOUT)
        if outcome.state != State.DELIVERED:
            self.close()
        return outcome

    def composed(self, message: WrittenMessage) -> EmailMessage:
        """Return the e-mail: byte for byte the same at every try, under one Message-ID."""
        email = EmailMessage(RULES)
        email["From"], email["To"], email["Subject"] = self.settings.mail_from, message.address, message.subject
        email["Date"] = format_datetime(message.queued_at)
        email["Message-ID"] = f"<{message.key}@{self.domain}>"
        email["Auto-Submitted"] = "auto-generated"
        email.set_content(message.body, cte="quoted-printable")
        return email

    def close(self) -> None:
        """Hang up."""
        if self.line is not None:
            self.line.close()
            self.line = None

    def _socket(self) -> socket.socket | None:
        return self.line.sock if self.line is not None else None

    def _connect(self) -> Outcome | None:
        """Open the line unless it is open and alive; return what went wrong."""
        if self.line is not None:
            try:
                if self.line.noop()[0] == 250:
                    return None
            except (OSError, smtplib.SMTPException):
                pass
            self.close()
        try:
            self._dial()
        except smtplib.SMTPConnectError as error:
            return Outcome(State.QUEUED, Reason.BUSY if error.smtp_code < 500 else Reason.SERVER)
        except (OSError, UnicodeError) as error:
            return Outcome(State.QUEUED, next(reason for kinds, reason in _WHY if isinstance(error, kinds)))
        return None

    def _dial(self) -> None:
        chosen, seconds = self.settings, self.settings.send_seconds
        trust = ssl.create_default_context()
        if chosen.smtp_security == "tls":
            self.line = smtplib.SMTP_SSL(timeout=seconds, local_hostname=self.domain, context=trust)
        else:
            self.line = smtplib.SMTP(timeout=seconds, local_hostname=self.domain)
        self.line._host = chosen.smtp_host  # type: ignore[attr-defined]  # smtplib checks certificates for this name
        code, reply = self.line.connect(chosen.smtp_host, chosen.smtp_port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        if chosen.smtp_security == "starttls":
            self.line.starttls(context=trust)
        self.line.ehlo_or_helo_if_needed()
        if chosen.smtp_login:
            self.line.login(chosen.smtp_login, chosen.smtp_password)

    def _announce(self, message: WrittenMessage) -> Outcome | None:
        """Say from whom and to whom; nothing can have been sent when this fails."""
        assert self.line is not None  # noqa: S101 - opened by _connect
        try:
            code, _ = self.line.mail(self.settings.mail_from)
            if code != 250:
                return Outcome(State.QUEUED, Reason.BUSY if code < 500 else Reason.SETUP)
            code, reply = self.line.rcpt(message.address)
            if code not in (250, 251):
                return _declined(code, reply)
            code, _ = self.line.docmd("DATA")
        except (OSError, smtplib.SMTPException):
            return Outcome(State.QUEUED, Reason.CLOSED)
        if code == 354:
            return None
        return Outcome(State.QUEUED, Reason.BUSY) if code < 500 else Outcome(State.REFUSED, Reason.CONTENT)

    def _content(self, content: bytes) -> Outcome:
        assert self.line is not None  # noqa: S101 - opened by _connect
        try:
            self.line.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
            code, _ = self.line.getreply()
        except (OSError, smtplib.SMTPException):
            return Outcome(State.UNKNOWN, Reason.CLOSED)
        if 200 <= code < 300:
            return Outcome(State.DELIVERED)
        return Outcome(State.QUEUED, Reason.BUSY) if code < 500 else Outcome(State.REFUSED, Reason.CONTENT)


def _declined(code: int, reply: bytes) -> Outcome:
    """Tell an address that does not exist from a server that takes nothing from us, or nothing more today."""
    if code < 500 or reply.startswith(b"5.4.5"):
        return Outcome(State.QUEUED, Reason.BUSY)
    if code in SETUP or reply.startswith(b"5.7."):
        return Outcome(State.QUEUED, Reason.SETUP)
    return Outcome(State.REFUSED, Reason.ADDRESS)
