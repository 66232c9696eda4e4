"""One environment variable: what it may hold, and the one line that refuses anything else."""

from __future__ import annotations

import math
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
MACHINE = re.compile(r"(?!.*\.\.)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
CODE = re.compile(r"[a-z][a-z0-9_]*")
POSTGRESQL = re.compile(r"^postgres(?:ql)?://")  # as hosts of databases write it
DRIVERS = ("sqlite", "postgresql+psycopg")
SECRET_FILE = "secret_key"  # noqa: S105 - its name
SECRET_LENGTH, SECRET_LETTERS = 32, 8


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
        return ROOT / text if issubclass(kind, Path) else kind(text)

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


def database_address(variable: str, text: str) -> str:
    """Return the address of a database as our driver has it; a refusal does not repeat it: it may hold a password.

    >>> database_address("DATABASE_URL", "postgres://hailong@db/hailong")
    'postgresql+psycopg://hailong@db/hailong'
    """
    text = POSTGRESQL.sub("postgresql+psycopg://", text, count=1)
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    # A database in memory would be another one in each process, and gone with it.
    lost = url is not None and url.drivername == "sqlite" and (url.host or url.database == ":memory:")
    if url is None or url.drivername not in DRIVERS or not url.database or lost:
        raise SettingsError(
            "%(variable)s is no address of a database. Write sqlite:////FOLDER/FILE or "
            "postgresql://NAME:PASSWORD@HOST/DATABASE.",
            variable=variable,
        )
    return text


def secret_key(variable: str, text: str) -> str:
    """Return a key that cannot be guessed; a refusal does not repeat it."""
    if len(text.strip()) < SECRET_LENGTH:
        raise SettingsError("%(variable)s must have at least 32 characters.", variable=variable)
    if len(set(text)) < SECRET_LETTERS:
        raise SettingsError(
            "%(variable)s repeats a few characters and can be guessed. Let `hailong secret` make one.",
            variable=variable,
        )
    return text


def _parts(text: str) -> SplitResult | None:
    """Return the parts of an address whose host and port there can be."""
    try:
        address = urlsplit(text)
        return address if MACHINE.fullmatch(address.hostname or "") and address.port != 0 else None
    except ValueError:
        return None


def make_secret(instance: Path) -> None:
    """Write a new secret key, readable by its owner only; keep one that is there, if it is one."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = instance / SECRET_FILE
    if path.is_file() and not path.stat().st_size:
        path.unlink()  # nothing was sealed by it: the writing of it was cut short
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret_from(instance)
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))


def secret_from(instance: Path) -> str:
    """Return the secret key that lies in an instance folder.

    Raises:
        SettingsError: there is none, or it is too short.
    """
    path = instance / SECRET_FILE
    if not path.is_file():
        raise SettingsError(
            "No secret key. Set SECRET_KEY to at least 32 random characters, or run `hailong secret` once to make "
            "secret_key in the instance folder."
        )
    return secret_key(str(path), path.read_bytes().decode("utf-8", "replace").strip())
