"""The mailbox to which reports of failed delivery come: at an IMAP server, or a maildir on this machine.

Only reports are looked at and marked as read; whatever else is in the mailbox is left as it is.
"""

from __future__ import annotations

import imaplib
import mailbox
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from survey.delivery.http_request import NEAR
from survey.i18n import msgid
from survey.settings import Settings, SettingsError

REPORTS = ("UNSEEN", "HEADER", "Content-Type", '"delivery-status"')
PORTS = {"imaps": 993, "imap": 143}
SUBFOLDERS = ("new", "cur", "tmp")  # of a maildir


@dataclass(frozen=True)
class ImapMailbox:
    """A folder at an IMAP server."""

    host: str
    port: int
    secure: bool
    login: str
    password: str = field(repr=False)
    folder: str
    seconds: float

    def unread(self) -> Iterator[bytes]:
        """Yield each unread report; it is marked as read when the next is asked for.

        Raises:
            OSError: the server cannot be reached.
            imaplib.IMAP4.error: it refuses the account or the folder.
        """
        with self._opened() as line:
            (numbers,) = _sure(line.uid("SEARCH", *REPORTS))
            for number in str(numbers or b"", "ascii").split():
                parts = _sure(line.uid("FETCH", number, "(BODY.PEEK[])"))
                yield from (part[1] for part in parts if isinstance(part, tuple))
                _sure(line.uid("STORE", number, "+FLAGS", r"(\Seen)"))

    def check(self) -> None:
        """Open the folder as `unread` does, and leave it as it is.

        Raises:
            OSError: the server cannot be reached.
            imaplib.IMAP4.error: it refuses the account or the folder, or lets nothing be marked as read.
        """
        with self._opened():
            pass

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4]:
        with self._connected() as line:
            line.login(self.login, self.password)
            _sure(line.select(f'"{self.folder}"'))
            yield line

    def _connected(self) -> imaplib.IMAP4:
        if not self.secure:
            return imaplib.IMAP4(self.host, self.port, self.seconds)
        return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=ssl.create_default_context(), timeout=self.seconds)


@dataclass(frozen=True)
class MaildirMailbox:
    """A maildir on this machine."""

    folder: Path

    def unread(self) -> Iterator[bytes]:
        """Yield each new message; it is marked as read when the next is asked for."""
        box = mailbox.Maildir(self.folder, create=False)
        for key in sorted(box.keys()):
            message = box[key]
            if message.get_subdir() != "new" or message.get_content_type() != "multipart/report":
                continue
            yield box.get_bytes(key)
            message.set_subdir("cur")
            message.add_flag("S")
            box[key] = message

    def check(self) -> None:
        """Make sure that reports can be read and marked as read; nothing is changed.

        Raises:
            OSError: whoever asks may not do so.
        """
        next((self.folder / "new").iterdir(), None)
        for name in SUBFOLDERS:
            with tempfile.TemporaryFile(dir=self.folder / name):
                pass


def of(settings: Settings) -> ImapMailbox | MaildirMailbox | None:
    """Return the mailbox that the settings name, or None.

    Raises:
        SettingsError: it is neither an IMAP address with an account nor a maildir.
    """
    chosen = settings.bounces
    if not chosen:
        return None
    try:
        address = urlsplit(chosen)
        host, port = address.hostname or "", address.port
    except ValueError:
        raise SettingsError(_WRONG) from None
    if address.scheme in PORTS and host and address.username:
        if address.scheme == "imap" and host not in NEAR:
            raise SettingsError("HAILONG_BOUNCES must begin with imaps://, so that the password stays secret.")
        login, folder = unquote(address.username), unquote(address.path.strip("/")) or "INBOX"
        secure, seconds = address.scheme == "imaps", settings.send_seconds
        at = port or PORTS[address.scheme]
        return ImapMailbox(host, at, secure, login, settings.bounces_password, folder, seconds)
    if not Path(chosen).is_absolute() or not all((Path(chosen) / name).is_dir() for name in SUBFOLDERS):
        raise SettingsError(_WRONG)
    return MaildirMailbox(Path(chosen))


_WRONG = msgid("HAILONG_BOUNCES must be imaps://LOGIN@HOST/FOLDER, or the whole path of a maildir that is there.")


def _sure(reply: tuple[str, list[Any]]) -> list[Any]:
    if reply[0] != "OK":
        raise imaplib.IMAP4.error(reply[1])
    return reply[1]
