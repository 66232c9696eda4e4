"""One environment variable: what it may hold, and the one line that refuses anything else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

ROOT = Path(__file__).resolve().parent.parent  # where the program lies
# Where the paths of settings begin: in the source's folder, or where a program that was installed from a wheel is run.
HERE = ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()
MACHINE = re.compile(r"(?!.*\.\.)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
CODE = re.compile(r"[a-z][a-z0-9_]*")
SECRET_LENGTH, SECRET_LETTERS = 32, 8
LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
BETWEEN = "\0"  # today's secret key and former ones: neither an environment variable nor a text file holds it
PRIVATE_KEY = "AGE-SECRET-KEY-"


class SettingsError(Exception):
    """A setting is missing or senseless; `message` is an English msgid that names the variable and the cure."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


@dataclass(frozen=True)
class Setting:
    """One environment variable as README's table lists it, and what it may hold."""

    variable: str
    meaning: str
    bounds: tuple[float, float] | None = None  # every number has them
    choices: tuple[str, ...] = ()
    reading: Callable[[str, str], str] | None = None  # what a text means, given the variable's name too
    field: str = ""
    default: str = ""

    def value(self, text: str, kind: type[Any]) -> Any:
        """Return what the text of the variable means.

        Raises:
            SettingsError: it is none of the choices, no number within the bounds, or not what is meant here.
        """
        if self.bounds:
            self._check_number(text, kind, *self.bounds)
        if self.choices:
            text = self._choice(text)
        if self.reading and text:
            text = self.reading(self.variable, text)
        return HERE / text if issubclass(kind, Path) else kind(text)

    def _check_number(self, text: str, kind: type[Any], least: float, most: float) -> None:
        try:
            number = int(text) if kind is int else float(text)
        except ValueError:
            number = math.nan  # which is within no bounds
        if not text.isascii() or "_" in text:  # what Python takes for a number, and a share kept as text does not
            number = math.nan
        values = {"variable": self.variable, "value": text[:80], "least": least, "most": most}
        if not least <= number <= most and kind is int:
            raise SettingsError(
                "%(variable)s is “%(value)s”; it must be a whole number from %(least)s to %(most)s.", **values
            )
        if not least <= number <= most:
            raise SettingsError(
                "%(variable)s is “%(value)s”; it must be a number from %(least)s to %(most)s.", **values
            )

    def _choice(self, text: str) -> str:
        for choice in self.choices:
            if choice.lower() == text.lower():
                return choice
        raise SettingsError(
            "%(variable)s is “%(value)s”; it must be one of: %(choices)s.",
            variable=self.variable,
            value=text[:80],
            choices=", ".join(self.choices),
        )


def declared(
    default: Any,
    variable: str,
    meaning: str,
    *,
    bounds: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    reading: Callable[[str, str], str] | None = None,
    secret: bool = False,
) -> Any:
    """Declare a setting: it is of the kind of its default, and a secret is never printed."""
    one = Setting(variable, meaning, bounds, choices, reading)
    return field(default=default, repr=not secret, metadata={"setting": one})


def required(variable: str, meaning: str, reading: Callable[[str, str], str]) -> Any:
    """Declare a secret text without a default."""
    return field(repr=False, metadata={"setting": Setting(variable, meaning, reading=reading)})


def table(kind: type[Any]) -> Iterator[Setting]:
    """Yield the settings that a dataclass declares, each with its field and its default as README's table shows it."""
    for one in fields(kind):
        default = "" if one.default is MISSING else one.default
        if isinstance(default, Path):
            default = default.relative_to(HERE) if default.is_relative_to(HERE) else default
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        yield replace(one.metadata["setting"], field=one.name, default=shown)


def check_language(language: str, folder: Path) -> None:
    """Refuse a language that no catalogue of the folder is for.

    Raises:
        SettingsError: names those that there are.
    """
    offered = sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.po"))
    if offered and language not in offered:  # a folder without any is refused where the catalogues are read
        raise SettingsError(
            "%(variable)s is “%(value)s”; it must be one of: %(choices)s.",
            variable="HAILONG_LANGUAGE",
            value=language[:80],
            choices=", ".join(offered),
        )


def web_address(variable: str, text: str) -> str:
    """Return an address that links can begin with, without a last slash.

    >>> web_address("PUBLIC_URL", "https://khaosat.example.vn/")
    'https://khaosat.example.vn'
    """
    address = _parts(text)
    plain = address is not None and "@" not in address.netloc and not address.query and not address.fragment
    if not plain or not re.match("https?://", text) or re.search(r"\s", text):
        raise SettingsError(
            "%(variable)s is “%(value)s”; it must be an address such as https://khaosat.example.vn.",
            variable=variable,
            value=text[:80],
        )
    return text.rstrip("/")


def public_address(variable: str, text: str) -> str:
    """Return the address of a whole site as browsers name the origin of its pages, so that its forms are known as ours.

    >>> public_address("PUBLIC_URL", "https://Khaosat.example.vn:443/")
    'https://khaosat.example.vn'
    """
    address = urlsplit(web_address(variable, text).lower())
    if address.path:  # every page, link and cookie of ours begins at the root of its host
        raise SettingsError(
            "%(variable)s is “%(value)s”; it must be an address such as https://khaosat.example.vn.",
            variable=variable,
            value=text[:80],
        )
    usual = {"http": 80, "https": 443}[address.scheme]
    host = f"[{address.hostname}]" if ":" in str(address.hostname) else address.hostname
    return f"{address.scheme}://{host}" + (f":{address.port}" if address.port not in (None, usual) else "")


def machine(variable: str, text: str) -> str:
    """Return the name or number of a machine."""
    if not MACHINE.fullmatch(text):
        raise SettingsError(
            "%(variable)s is “%(value)s”; it must be the name or number of a machine, without https:// and port.",
            variable=variable,
            value=text[:80],
        )
    return text


def questionnaire_code(variable: str, text: str) -> str:
    """Return a questionnaire's code; whether there is one, the database knows."""
    if not CODE.fullmatch(text):
        raise SettingsError(
            "%(variable)s is “%(value)s”; it must be the code of a questionnaire, such as short_online.",
            variable=variable,
            value=text[:80],
        )
    return text


def unguessable(variable: str, text: str) -> str:
    """Return a key that cannot be guessed; a refusal does not repeat it."""
    if len(text.strip()) < SECRET_LENGTH:
        raise SettingsError("%(variable)s must have at least 32 characters.", variable=variable)
    if len(set(text)) < SECRET_LETTERS:
        raise SettingsError(
            "%(variable)s repeats a few characters and can be guessed. Let `hailong secret` make one.",
            variable=variable,
        )
    return text


def former_keys(variable: str, text: str) -> str:
    """Return former keys, with blanks between them; a refusal does not repeat them."""
    for key in text.split():
        unguessable(variable, key)
    return text


def public_keys(variable: str, text: str) -> str:
    """Return public keys of age with one blank between them; a refusal never repeats a private one.

    Raises:
        SettingsError: one is none, or is mistyped: the last letters of a key are a check of the others.
    """
    from pyrage import RecipientError, x25519  # for those who make backups

    keys = text.split()
    if any(PRIVATE_KEY in key.upper() for key in keys):
        raise SettingsError(
            "%(variable)s holds a private key. Keep that one on another machine, and write the public key here, which "
            "begins with age1.",
            variable=variable,
        )
    for key in keys:
        try:
            x25519.Recipient.from_str(key)
        except RecipientError:
            raise SettingsError(
                "%(variable)s is “%(value)s”; it must be a public key that begins with age1, as age-keygen prints it, "
                "or several with blanks between them.",
                variable=variable,
                value=key[:80],
            ) from None
    return " ".join(keys)


def _parts(text: str) -> SplitResult | None:
    """Return the parts of an address whose host and port there can be."""
    try:
        address = urlsplit(text)
        return address if MACHINE.fullmatch(address.hostname or "") and address.port != 0 else None
    except ValueError:
        return None
