"""The headers that a gateway wants, its key among them: from the setting, or from a file that is read when it changes.

Keys of some gateways hold for a day only (Zalo's for 25 hours). Whatever renews one hands the new headers to
`hailong gateway-headers`, and the next message goes out with them: nothing is started anew.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from survey.i18n import msgid
from survey.settings import SettingsError

VARIABLE, AT_FILE = "HAILONG_GATEWAY_HEADERS", "@"
MOST_BYTES = 65_536
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.1
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_NO_FILE = msgid(
    "The file of HAILONG_GATEWAY_HEADERS cannot be read: %(why)s. Hand headers to `hailong gateway-headers`."
)


class GatewayHeaders:
    """The headers of one gateway as they hold now."""

    def __init__(self, setting: str) -> None:
        """Take the setting: a JSON object, or @ and the path of a file that holds one.

        Raises:
            SettingsError: it is neither; what a file holds is looked at when a message goes out.
        """
        self.path = file_of(setting)
        self._headers = {} if self.path else parsed(setting)
        self._seen: tuple[int, int, int] | None = None

    def current(self) -> dict[str, str]:
        """Return the headers, read anew if the file has changed since.

        Raises:
            SettingsError: the file is missing, or holds no headers.
        """
        if self.path is None:
            return self._headers
        try:
            state = self.path.stat()
            seen = (state.st_ino, state.st_mtime_ns, state.st_size)
            if seen != self._seen:
                self._headers, self._seen = parsed(_text(self.path)), seen
        except OSError as error:
            self._seen = None
            raise SettingsError(_NO_FILE, why=str(error.strerror)) from error
        return self._headers


def file_of(setting: str) -> Path | None:
    """Return the file that a setting names, if it names one.

    Raises:
        SettingsError: its path is not a whole one.

    >>> file_of('{"A": "b"}') is None
    True
    """
    if not setting.startswith(AT_FILE):
        return None
    path = Path(setting.removeprefix(AT_FILE))
    if not path.is_absolute():
        raise SettingsError("The file of HAILONG_GATEWAY_HEADERS must be named from the root on: @/….")
    return path


def parsed(text: str) -> dict[str, str]:
    """Return the headers that a JSON object tells.

    Raises:
        SettingsError: it is none, or tells what a request cannot carry.
    """
    headers = json_object(VARIABLE, text)
    if not all(map(_sendable, headers, headers.values())):
        raise SettingsError("HAILONG_GATEWAY_HEADERS must be a JSON object of headers that a request can carry.")
    return headers


def store(path: Path, text: str) -> None:
    """Put new headers into the file, whole or not at all, for its owner's eyes only.

    Raises:
        SettingsError: they are none; the file stays as it was.
        OSError: the file cannot be written.
    """
    content = json.dumps(parsed(text), ensure_ascii=False)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600 from the beginning
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def json_object(variable: str, text: str) -> dict[str, Any]:
    """Return the JSON object that the text of a setting is.

    Raises:
        SettingsError: it is none.
    """
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise SettingsError("%(variable)s must be a JSON object.", variable=variable)
    return value


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MOST_BYTES).decode("utf-8", "replace")


def _sendable(name: str, value: object) -> bool:
    return NAME.fullmatch(name) is not None and isinstance(value, str) and VALUE.fullmatch(value) is not None
