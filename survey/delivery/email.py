"""E-mail by SMTP: plain text and perhaps HTML, nothing that tracks, and an honest word on whether it was taken.

Until the last byte of the content is out, a failure means that nothing was sent. After that only the server's
reply tells; without it nobody knows. A server may take its time over that reply: ten minutes, says RFC 5321, 4.5.3.2.6,
for whoever hangs up earlier gets the person two copies.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from survey.delivery import contact, message_reference
from survey.delivery.deadline import deadline
from survey.delivery.message_text import WrittenMessage
from survey.delivery.queue import Outcome
from survey.models import Reason, State
from survey.setting import LOOPBACK
from survey.settings import Settings, SettingsError

SETUP = frozenset({530, 535, 554})  # sign in first, wrong password, no relaying: about us, not about the address
NO_ADDRESS, OUR_ADDRESS = b"5.1.", (b"5.1.7", b"5.1.8")  # RFC 3463, 3.2: of whom we write to; but of whom we write from
LAST_WORD_SECONDS = 600.0
RULES = compat32.clone(linesep="\r\n")
BODY = Charset("utf-8")
BODY.body_encoding = QP

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
            raise SettingsError("HAILONG_MAIL_FROM must be the address that our e-mail comes from.")
        if settings.smtp_login and settings.smtp_security == "none":
            raise SettingsError("HAILONG_SMTP_SECURITY must be starttls or tls, so that the password stays secret.")
        if settings.smtp_security == "none" and settings.smtp_host not in LOOPBACK:
            raise SettingsError(
                "HAILONG_SMTP_SECURITY must be starttls or tls, for HAILONG_SMTP_HOST is another machine: somebody "
                "between could read the links."
            )
        self.domain = settings.mail_from.rpartition("@")[2]
        self.line: smtplib.SMTP | None = None

    def send(self, message: WrittenMessage) -> Outcome:
        """Hand one message to the server."""
        content = self.composed(message)

        def hand_over() -> Outcome | None:
            return self._connect() or self._announce(message) or self._text(content)

        outcome = self._within(self.settings.send_seconds, hand_over)
        outcome = outcome or self._within(LAST_WORD_SECONDS, self._last_word) or Outcome(State.DELIVERED)
        if outcome.state != State.DELIVERED:
            self.close()
        return outcome

    def check(self) -> None:
        """Open the line, sign in and hang up, with no word of any message.

        Raises:
            OSError: the server cannot be reached, does not accept how we are set up, or refuses the account.
        """
        try:
            with deadline(self.settings.send_seconds, self._socket):
                self._dial()
        finally:
            self.close()

    def composed(self, message: WrittenMessage) -> bytes:
        """Return the e-mail: byte for byte the same at every try, under one Message-ID.

        Headers go through `Header`: EmailMessage of Python 3.11 loses a space where it folds a long Vietnamese one.
        """
        email = _content(message)
        sender = Header(message.sender, "utf-8", header_name="From")
        sender.append(f"<{self.settings.mail_from}>", "us-ascii")
        email["From"] = sender  # type: ignore[assignment]  # typeshed knows texts only
        email["Subject"] = Header(message.subject, "utf-8", header_name="Subject")  # type: ignore[assignment]  # a header is taken as it is
        email["To"] = message.address
        email["Date"] = format_datetime(message.queued_at)
        email["Message-ID"] = f"<{self._reference(message)}@{self.domain}>"
        email["Auto-Submitted"] = "auto-generated"
        for name, value in message.headers.items():
            email[name] = value
        return email.as_bytes(policy=RULES)

    def close(self) -> None:
        """Hang up."""
        if self.line is not None:
            self.line.close()
            self.line = None

    def _reference(self, message: WrittenMessage) -> str:
        return message_reference.write(self.settings.secret_key, message.key, message.address)

    def _within(self, seconds: float, act: Callable[[], Outcome | None]) -> Outcome | None:
        """Act until the time is over; who hung up because of that is told apart from who hung up by himself."""
        began = time.monotonic()
        with deadline(seconds, self._socket):
            outcome = act()
        if outcome is not None and outcome.reason == Reason.CLOSED and time.monotonic() - began >= seconds:
            return Outcome(outcome.state, Reason.TIMEOUT)
        return outcome

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
        if chosen.smtp_security == "tls":
            trust = ssl.create_default_context()
            self.line = smtplib.SMTP_SSL(timeout=seconds, local_hostname=self.domain, context=trust)
        else:
            self.line = smtplib.SMTP(timeout=seconds, local_hostname=self.domain)
        self.line._host = chosen.smtp_host  # type: ignore[attr-defined]  # smtplib checks certificates for this name
        code, reply = self.line.connect(chosen.smtp_host, chosen.smtp_port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        if chosen.smtp_security == "starttls":
            self.line.starttls(context=ssl.create_default_context())
        self.line.ehlo_or_helo_if_needed()
        if chosen.smtp_login:
            self.line.login(chosen.smtp_login, chosen.smtp_password)

    def _announce(self, message: WrittenMessage) -> Outcome | None:
        """Say from whom and to whom; nothing can have been sent when this fails."""
        assert self.line is not None  # noqa: S101 - opened by _connect
        try:
            # So that a report of failure names the message even where it brings nothing of it back (RFC 3461, 4.4).
            envelope = [f"ENVID={self._reference(message)}", "RET=HDRS"] if self.line.has_extn("dsn") else []
            code, _ = self.line.mail(self.settings.mail_from, envelope)
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

    def _text(self, content: bytes) -> Outcome | None:
        """Say the message itself, to its last byte."""
        assert self.line is not None  # noqa: S101 - opened by _connect
        try:
            self.line.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
        except (OSError, smtplib.SMTPException):
            return Outcome(State.UNKNOWN, Reason.CLOSED)
        return None

    def _last_word(self) -> Outcome:
        """Wait for what the server says to the whole message."""
        line = self.line
        assert line is not None and line.sock is not None  # noqa: S101 - opened by _connect
        try:
            line.sock.settimeout(LAST_WORD_SECONDS)
            code, _ = line.getreply()
            line.sock.settimeout(self.settings.send_seconds)
        except (OSError, smtplib.SMTPException):
            return Outcome(State.UNKNOWN, Reason.CLOSED)
        if 200 <= code < 300:
            return Outcome(State.DELIVERED)
        return Outcome(State.QUEUED, Reason.BUSY) if code < 500 else Outcome(State.REFUSED, Reason.CONTENT)


def _content(message: WrittenMessage) -> MIMEText | MIMEMultipart:
    plain = MIMEText(message.body, "plain", BODY)  # type: ignore[arg-type]  # typeshed knows a name only
    if not message.html:
        return plain
    html = MIMEText(message.html, "html", BODY)  # type: ignore[arg-type]  # as above
    return MIMEMultipart(
        "alternative", f"part_{message.key}", [plain, html]
    )  # a boundary that is the same at every try


def _declined(code: int, reply: bytes) -> Outcome:
    """Tell an address that does not exist from a server that takes nothing from us, or nothing more today."""
    if code < 500 or reply.startswith(b"5.4.5"):
        return Outcome(State.QUEUED, Reason.BUSY)
    if reply.startswith(NO_ADDRESS) and not reply.startswith(OUR_ADDRESS):
        return Outcome(State.REFUSED, Reason.ADDRESS)
    if code in SETUP or reply.startswith((b"5.7.", *OUR_ADDRESS)):
        return Outcome(State.QUEUED, Reason.SETUP)
    return Outcome(State.REFUSED, Reason.ADDRESS)
