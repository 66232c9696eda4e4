"""Every environment variable: its type, its default and its meaning; read here and nowhere else."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "survey" / "data"  # what ships with the product: questionnaires, agencies, fonts, the poster
STATIC = ROOT / "survey" / "static"
GATEWAY_BODY = '{"to": "{phone}", "text": "{text}", "id": "{key}"}'


@dataclass(frozen=True)
class Setting:
    """One environment variable as README's table lists it."""

    variable: str
    field: str
    default: str
    meaning: str


SETTINGS = (
    Setting("DATABASE_URL", "database_url", "", "SQLite file in the instance folder, or postgresql+psycopg://…"),
    Setting("SECRET_KEY", "secret_key", "", "At least 32 characters; without it the file instance/secret_key is read"),
    Setting(
        "PUBLIC_URL", "public_url", "", "Address that citizens see in links and QR codes; else http://127.0.0.1:PORT"
    ),
    Setting("PORT", "port", "8000", "Port that `hailong serve` listens on"),
    Setting("HAILONG_HOST", "host", "127.0.0.1", "Address that `hailong serve` listens on; behind a proxy, leave it"),
    Setting("HAILONG_WORKERS", "workers", "0", "Processes that serve; 0 is one per processor, 2 to 8"),
    Setting("HAILONG_INSTANCE", "instance", "instance", "Folder for the embedded database, keys and demo addresses"),
    Setting(
        "HAILONG_TRANSLATIONS", "translations", "translations", "Folder of the catalogues; one folder per language"
    ),
    Setting(
        "HAILONG_LANGUAGE", "language", "vi", "Language of commands and their help, where --lang does not say another"
    ),
    Setting(
        "HAILONG_ANSWER_DAYS", "answer_days", "7", "Days in which an invitation may be answered, and answered again"
    ),
    Setting(
        "HAILONG_QUESTIONNAIRE",
        "questionnaire",
        "short_online",
        "Code of the questionnaire that invitations ask; a QR placement names its own",
    ),
    Setting("HAILONG_TARGET", "target", "0.90", "The share of satisfied answers that the province must reach"),
    Setting("HAILONG_CONFIDENCE", "confidence", "0.95", "Two-sided confidence of every interval and verdict"),
    Setting("HAILONG_SESSION_MINUTES", "session_minutes", "15", "Minutes of rest after which staff must sign in again"),
    Setting(
        "HAILONG_REMINDER_DAYS",
        "reminder_days",
        "3",
        "Days after which whoever has not answered is reminded, once; 0 is never",
    ),
    Setting("HAILONG_SMTP_HOST", "smtp_host", "", "Mail server that takes our messages; without it no e-mail is sent"),
    Setting("HAILONG_SMTP_PORT", "smtp_port", "587", "Its port"),
    Setting(
        "HAILONG_SMTP_SECURITY",
        "smtp_security",
        "starttls",
        "starttls, tls, or none on a line that nobody else can read",
    ),
    Setting("HAILONG_SMTP_LOGIN", "smtp_login", "", "Account on the mail server; empty if it asks for none"),
    Setting("HAILONG_SMTP_PASSWORD", "smtp_password", "", "Password of that account"),
    Setting("HAILONG_MAIL_FROM", "mail_from", "", "Address that our e-mail comes from; needed with HAILONG_SMTP_HOST"),
    Setting(
        "HAILONG_GATEWAY_URL",
        "gateway_url",
        "",
        "Address of the SMS or Zalo gateway, https; without it phones get nothing",
    ),
    Setting("HAILONG_GATEWAY_METHOD", "gateway_method", "POST", "POST or PUT"),
    Setting(
        "HAILONG_GATEWAY_HEADERS",
        "gateway_headers",
        "{}",
        "JSON object of headers that the gateway wants, its key among them",
    ),
    Setting(
        "HAILONG_GATEWAY_BODY",
        "gateway_body",
        GATEWAY_BODY,
        "JSON that is sent; {phone} {local_phone} {text} {plain_text} {english_text} {link} {key} are filled in",
    ),
    Setting(
        "HAILONG_GATEWAY_SUCCESS",
        "gateway_success",
        "200,201,202",
        "Status codes by which the gateway says that it took the message",
    ),
    Setting(
        "HAILONG_GATEWAY_REPLY",
        "gateway_reply",
        "{}",
        'JSON members that the reply must hold for the message to count as taken, for example {"error": 0}',
    ),
    Setting("HAILONG_SEND_SECONDS", "send_seconds", "20", "Seconds after which a try to send is broken off"),
    Setting("HAILONG_API_PER_MINUTE", "api_per_minute", "600", "Requests to the API that one key may send in a minute"),
    Setting("HAILONG_LOG_LEVEL", "log_level", "INFO", "DEBUG, INFO, WARNING or ERROR"),
)


class SettingsError(Exception):
    """A setting is missing or senseless; `message` is an English msgid that names the variable and the cure."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


@dataclass(frozen=True)
class Settings:
    """The settings of one running installation."""

    database_url: str
    secret_key: str
    public_url: str = "http://127.0.0.1:8000"
    port: int = 8000
    host: str = "127.0.0.1"
    workers: int = 0
    instance: Path = ROOT / "instance"
    translations: Path = ROOT / "translations"
    language: str = "vi"
    answer_days: int = 7
    questionnaire: str = "short_online"
    target: str = "0.90"
    confidence: float = 0.95
    session_minutes: int = 15
    reminder_days: int = 3
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_login: str = ""
    smtp_password: str = field(default="", repr=False)
    mail_from: str = ""
    gateway_url: str = ""
    gateway_method: str = "POST"
    gateway_headers: str = field(default="{}", repr=False)
    gateway_body: str = GATEWAY_BODY
    gateway_success: str = "200,201,202"
    gateway_reply: str = "{}"
    send_seconds: float = 20.0
    api_per_minute: int = 600
    log_level: str = "INFO"

    @property
    def secure(self) -> bool:
        """Say whether visitors come by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this installation.

    Raises:
        SettingsError: no secret key, or a value of the wrong type; names the variable and what to do.
    """
    environ = os.environ if environ is None else environ
    raw: dict[str, Any] = {s.field: environ.get(s.variable) or s.default for s in SETTINGS}
    for folder in ("instance", "translations"):
        raw[folder] = ROOT / raw[folder]
    raw["database_url"] = raw["database_url"] or f"sqlite:///{raw['instance'] / 'hailong.db'}"
    raw["secret_key"] = raw["secret_key"] or _secret_from(raw["instance"])
    if len(raw["secret_key"]) < 32:
        raise SettingsError("SECRET_KEY must have at least 32 characters.")
    for setting in SETTINGS:
        kind = Settings.__annotations__[setting.field]
        try:
            raw[setting.field] = {"int": int, "float": float}.get(kind, lambda value: value)(raw[setting.field])
        except ValueError as error:
            raise SettingsError("%(variable)s must be a number.", variable=setting.variable) from error
    raw["public_url"] = raw["public_url"].rstrip("/") or f"http://127.0.0.1:{raw['port']}"
    return Settings(**raw)


def spoken(environ: Mapping[str, str] | None = None) -> tuple[str, Path]:
    """Return the language of the commands and the folder of catalogues, though other settings may be wrong."""
    environ = os.environ if environ is None else environ
    raw = {s.field: environ.get(s.variable) or s.default for s in SETTINGS}
    return raw["language"], ROOT / raw["translations"]


def ensure_secret(environ: Mapping[str, str] | None = None) -> None:
    """Make this installation's secret key in its instance folder, unless one is there or in the environment."""
    environ = os.environ if environ is None else environ
    if not environ.get("SECRET_KEY"):
        make_secret(ROOT / (environ.get("HAILONG_INSTANCE") or "instance"))


def make_secret(instance: Path) -> None:
    """Write a new secret key for this installation, readable by its owner only; keep one that is there."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(instance / "secret_key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))


def _secret_from(instance: Path) -> str:
    path = instance / "secret_key"
    if not path.is_file():
        raise SettingsError(
            "No secret key. Set SECRET_KEY to at least 32 random characters, or run `hailong secret` once to make "
            "secret_key in the instance folder."
        )
    return path.read_text().strip()
