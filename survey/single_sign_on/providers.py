"""The providers of single sign-on: a file of the operator says which there are, and which claim gives which rights.

It is read once, when a process starts. What it says of the database (codes of agencies) is looked at by
`hailong doctor`, and whenever somebody signs in.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from survey.models import Role
from survey.setting import SettingsError
from survey.settings import Settings

NEAR = ("127.0.0.1", "::1", "localhost")  # what may be asked without TLS: nobody else can listen there
VARIABLE = "HAILONG_SINGLE_SIGN_ON"
NAMED = (Role.ADMINISTRATOR, Role.AUDITOR)  # roles that a row gives only at an agency that it names itself


def encrypted(address: str) -> str:
    """Return an address that is asked over TLS, or on this machine; a provider's words are worth nothing else.

    Raises:
        ValueError: it is another one.
    """
    parts = urlsplit(address)
    near = parts.scheme == "http" and parts.hostname in NEAR
    if not (near or (parts.scheme == "https" and parts.hostname)) or parts.fragment or "@" in parts.netloc:
        raise ValueError("not encrypted")
    return address


def _issuer(address: str) -> str:
    if urlsplit(encrypted(address)).query:
        raise ValueError("an issuer has no query")
    return address


def _role(name: Any) -> Any:
    return Role[name.upper()] if isinstance(name, str) and name.upper() in Role.__members__ else name


ShortText = Annotated[str, Field(min_length=1, max_length=500)]
ClaimWords = Annotated[list[ShortText], Field(max_length=20)]


class _FilePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RightsRow(_FilePart):
    """One row of the table: whoever has this value of a claim gets a role at an agency.

    The agency is named, or it is the one whose code another claim holds.
    """

    claim: ShortText
    value: ShortText
    role: Role
    agency: ShortText | None = None
    agency_claim: ShortText | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_role(cls, row: Any) -> Any:
        return {**row, "role": _role(row.get("role"))} if isinstance(row, dict) else row

    @model_validator(mode="after")
    def _one_agency(self) -> RightsRow:
        if (self.agency is None) == (self.agency_claim is None) or (self.role in NAMED and self.agency is None):
            raise ValueError("one agency, and named for such a role")
        return self


class SecondFactorWords(_FilePart):
    """By which words of a provider its sign-in counts as one with a second factor; without them none does."""

    amr: ClaimWords = []
    acr: ClaimWords = []


class Provider(_FilePart):
    """One provider."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]  # in addresses: never changed
    name: Annotated[dict[str, ShortText], Field(min_length=1)]  # by language
    issuer: Annotated[ShortText, AfterValidator(_issuer)]
    client_id: ShortText
    client_secret: ShortText = Field(repr=False)
    scopes: ClaimWords = ["profile"]
    name_claim: ShortText = "name"
    login_claim: ShortText = "preferred_username"
    new_accounts: bool = True
    hours: Annotated[int, Field(ge=1, le=24)] = 12  # for which a sign-in at the provider is good for ours
    second_factor: SecondFactorWords = SecondFactorWords()
    rights: Annotated[list[RightsRow], Field(min_length=1, max_length=500)]


class _ProviderFile(_FilePart):
    provider: Annotated[list[Provider], Field(min_length=1, max_length=20)]


def read(settings: Settings) -> tuple[Provider, ...]:
    """Return the providers of an installation, none if it has no file of them.

    Raises:
        SettingsError: the file, or that of a secret, cannot be read, or says what cannot be; names the place.
    """
    if not settings.single_sign_on:
        return ()
    path = settings.instance / settings.single_sign_on
    written = _toml(path)
    entries = written.get("provider")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and isinstance(named := entry.pop("client_secret_file", None), str):
            entry["client_secret"] = _text(path.parent / named).strip()
    try:
        providers = tuple(_ProviderFile.model_validate(written).provider)
    except ValidationError as error:
        raise _refusal(path, _place(error)) from None
    for what in ("code", "issuer"):
        if len({getattr(one, what) for one in providers}) < len(providers):
            raise _refusal(path, f"provider.{what}")
    return providers


def secret_files(settings: Settings) -> list[Path]:
    """Return the file of providers and those of their secrets, which nobody else on the machine may read."""
    path = settings.instance / settings.single_sign_on
    entries = _toml(path).get("provider", [])
    named = [entry.get("client_secret_file") for entry in entries if isinstance(entry, dict)]
    return [path, *(path.parent / one for one in named if isinstance(one, str))]


def named(providers: tuple[Provider, ...], code: str) -> Provider | None:
    """Return the provider of a code."""
    return next((one for one in providers if one.code == code), None)


def of_issuer(providers: tuple[Provider, ...], issuer: str) -> Provider | None:
    """Return the provider that an issuer is, as long as the file names it."""
    return next((one for one in providers if one.issuer == issuer), None)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise _refusal(path, ":".join(re.findall(r"\d+", str(error).rpartition("(")[2])) or path.name) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            "%(variable)s: the file %(file)s cannot be read.", variable=VARIABLE, file=str(path)
        ) from error


def _refusal(path: Path, place: str) -> SettingsError:
    return SettingsError(
        "%(variable)s: the file %(file)s is not right at “%(place)s”. Compare it with docs/operators.md.",
        variable=VARIABLE,
        file=path.name,
        place=place,
    )


def _place(error: ValidationError) -> str:
    """Return where in the file its first fault stands, such as provider.1.rights.2.role; never what stands there."""
    where = error.errors(include_input=False, include_url=False)[0]["loc"]
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where)
