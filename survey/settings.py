"""Every setting: its environment variable, type, default and meaning, declared here; `environment` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from survey.database_address import database_address
from survey.setting import HERE as HERE
from survey.setting import ROOT as ROOT
from survey.setting import Setting as Setting
from survey.setting import SettingsError as SettingsError
from survey.setting import declared as _setting
from survey.setting import (
    former_keys,
    machine,
    public_address,
    public_keys,
    questionnaire_code,
    table,
    unguessable,
)
from survey.setting import required as _required

DATA = ROOT / "survey" / "data"  # what ships with the product: questionnaires, agencies, fonts, the poster
STATIC = ROOT / "survey" / "static"
GATEWAY_BODY = '{"to": "{phone}", "text": "{text}", "id": "{key}"}'


@dataclass(frozen=True)
class Settings:
    """The settings of one running installation: each is declared here, and nowhere else."""

    database_url: str = _required(
        "DATABASE_URL", "SQLite file in the instance folder, or postgresql://…", database_address
    )
    secret_key: str = _required(
        "SECRET_KEY", "At least 32 characters; without it the file instance/secret_key is read", unguessable
    )
    secret_key_fallbacks: str = _setting(
        "",
        "SECRET_KEY_FALLBACKS",
        "Former keys, with blanks between them, if SECRET_KEY was changed: what was made with them stays good",
        reading=former_keys,
        secret=True,
    )
    citizens_database_url: str = _setting(
        "",
        "HAILONG_CITIZENS_DATABASE_URL",
        "The same PostgreSQL by the login of citizens' pages (`hailong roles`); else DATABASE_URL serves them, too",
        reading=database_address,
        secret=True,
    )
    public_url: str = _setting(
        "",
        "PUBLIC_URL",
        "Address that citizens see in links and QR codes; else http://127.0.0.1:PORT",
        reading=public_address,
    )
    port: int = _setting(8000, "PORT", "Port that `hailong serve` listens on", bounds=(1, 65535))
    host: str = _setting(
        "127.0.0.1",
        "HAILONG_HOST",
        "Address that `hailong serve` listens on; behind a proxy, leave it",
        reading=machine,
    )
    workers: int = _setting(
        0, "HAILONG_WORKERS", "Processes that serve; 0 is one per processor, 2 to 8", bounds=(0, 512)
    )
    instance: Path = _setting(
        HERE / "instance", "HAILONG_INSTANCE", "Folder for the embedded database, keys and demo addresses"
    )
    ledger_key: str = _setting("", "HAILONG_LEDGER_KEY", "File of the key of the ledger; else instance/ledger_key")
    translations: Path = _setting(
        ROOT / "translations", "HAILONG_TRANSLATIONS", "Folder of the catalogues; one folder per language"
    )
    language: str = _setting(
        "vi", "HAILONG_LANGUAGE", "Language of commands and their help, where --lang does not say another"
    )
    answer_days: int = _setting(
        7, "HAILONG_ANSWER_DAYS", "Days in which an invitation may be answered, and answered again", bounds=(1, 365)
    )
    questionnaire: str = _setting(
        "short_online",
        "HAILONG_QUESTIONNAIRE",
        "Code of the questionnaire that invitations ask; a QR placement names its own",
        reading=questionnaire_code,
    )
    target: str = _setting(
        "0.90", "HAILONG_TARGET", "The headline target, until one is entered on /staff/targets", bounds=(0.01, 0.999)
    )
    confidence: float = _setting(
        0.95, "HAILONG_CONFIDENCE", "Two-sided confidence of every interval and verdict", bounds=(0.5, 0.9999)
    )
    fewest_shown: int = _setting(
        10,
        "HAILONG_FEWEST_SHOWN",
        "Answers from which it is shown what people said; below, only how many answers there are",
        bounds=(5, 100),
    )
    days_to_answer: int = _setting(
        15,
        "HAILONG_DAYS_TO_ANSWER",
        "Working days after its week in which a comment from levels 1 to 3 is to be answered",
        bounds=(1, 60),
    )
    apologies: str = _setting("off", "HAILONG_APOLOGIES", "Letters of apology for late cases", choices=("off", "on"))
    reply_days: int = _setting(30, "HAILONG_REPLY_DAYS", "Most days to keep an address for an answer", bounds=(14, 60))
    session_minutes: int = _setting(
        15, "HAILONG_SESSION_MINUTES", "Minutes of rest after which staff must sign in again", bounds=(1, 1440)
    )
    second_factor: str = _setting(
        "required",
        "HAILONG_SECOND_FACTOR",
        "Second factor of managers, administrators and auditors: required within 7 days, or offered as to all others",
        choices=("required", "offered"),
    )
    single_sign_on: str = _setting(
        "",
        "HAILONG_SINGLE_SIGN_ON",
        "File of providers of single sign-on (TOML), by its path or in the instance folder; without it there is none",
    )
    reminder_days: int = _setting(
        3,
        "HAILONG_REMINDER_DAYS",
        "Days after which whoever has not answered is reminded, once; 0 is never",
        bounds=(0, 365),
    )
    smtp_host: str = _setting(
        "", "HAILONG_SMTP_HOST", "Mail server that takes our messages; without it no e-mail is sent", reading=machine
    )
    smtp_port: int = _setting(587, "HAILONG_SMTP_PORT", "Its port", bounds=(1, 65535))
    smtp_security: str = _setting(
        "starttls",
        "HAILONG_SMTP_SECURITY",
        "starttls, tls, or none where the mail server is on this machine",
        choices=("starttls", "tls", "none"),
    )
    smtp_login: str = _setting("", "HAILONG_SMTP_LOGIN", "Account on the mail server; empty if it asks for none")
    smtp_password: str = _setting("", "HAILONG_SMTP_PASSWORD", "Password of that account", secret=True)
    mail_from: str = _setting(
        "", "HAILONG_MAIL_FROM", "Address that our e-mail comes from; needed with HAILONG_SMTP_HOST"
    )
    bounces: str = _setting(
        "",
        "HAILONG_BOUNCES",
        "Mailbox of HAILONG_MAIL_FROM in which reports of failed delivery are read: imaps://LOGIN@HOST/FOLDER, "
        "or the path of a maildir",
    )
    bounces_password: str = _setting("", "HAILONG_BOUNCES_PASSWORD", "Password of that mailbox", secret=True)
    gateway_url: str = _setting(
        "", "HAILONG_GATEWAY_URL", "Address of the SMS or Zalo gateway, https; without it phones get nothing"
    )
    gateway_method: str = _setting("POST", "HAILONG_GATEWAY_METHOD", "POST or PUT", choices=("POST", "PUT"))
    gateway_headers: str = _setting(
        "{}",
        "HAILONG_GATEWAY_HEADERS",
        "JSON object of headers that the gateway wants, its key among them; or @ and the path of a file that holds it",
        secret=True,
    )
    gateway_body: str = _setting(
        GATEWAY_BODY,
        "HAILONG_GATEWAY_BODY",
        "JSON that is sent; {phone} {local_phone} {text} {plain_text} {english_text} {link} {key} are filled in",
    )
    gateway_success: str = _setting(
        "2xx",
        "HAILONG_GATEWAY_SUCCESS",
        "Status codes by which the gateway says that it took the message; every 2xx is one of them",
    )
    gateway_reply: str = _setting(
        "{}",
        "HAILONG_GATEWAY_REPLY",
        'JSON members that the reply must hold for the message to count as taken, for example {"error": 0}',
    )
    send_seconds: float = _setting(
        20.0, "HAILONG_SEND_SECONDS", "Seconds after which a try to send is broken off", bounds=(1, 600)
    )
    api_per_minute: int = _setting(
        600, "HAILONG_API_PER_MINUTE", "Requests to the API that one key may send in a minute", bounds=(1, 1_000_000)
    )
    keep_originals_days: int = _setting(
        180, "HAILONG_KEEP_ORIGINALS_DAYS", "Days for which sealed originals of comments are kept", bounds=(30, 1095)
    )
    keep_deliveries_days: int = _setting(
        730,
        "HAILONG_KEEP_DELIVERIES_DAYS",
        "Days for which it is kept what was sent and how; an address goes as soon as it is not needed",
        bounds=(400, 3650),
    )
    keep_dead_addresses_days: int = _setting(
        180,
        "HAILONG_KEEP_DEAD_ADDRESSES_DAYS",
        "Days for which an e-mail address that a mail server called dead gets no message",
        bounds=(30, 730),
    )
    keep_audit_days: int = _setting(
        730, "HAILONG_KEEP_AUDIT_DAYS", "Days for which the audit trail is kept", bounds=(365, 3650)
    )
    keep_requests_days: int = _setting(
        730,
        "HAILONG_KEEP_REQUESTS_DAYS",
        "Days for which an answered request about personal data stays in the register",
        bounds=(365, 3650),
    )
    request_days: int = _setting(
        10, "HAILONG_REQUEST_DAYS", "Working days in which a request about personal data is answered", bounds=(1, 60)
    )
    metrics_token: str = _setting(
        "",
        "HAILONG_METRICS_TOKEN",
        "Bearer token with which /metrics is read, at least 32 characters; without it there is no such page",
        reading=unguessable,
        secret=True,
    )
    backups: str = _setting("", "HAILONG_BACKUPS", "Folder of backups; without it `hailong work` makes none")
    backup_key: str = _setting(
        "",
        "HAILONG_BACKUP_KEY",
        "Public key to which backups are encrypted, as age-keygen prints it; or several with blanks between them",
        reading=public_keys,
    )
    backup_hours: int = _setting(24, "HAILONG_BACKUP_HOURS", "Hours from one backup to the next", bounds=(1, 168))
    backups_kept: int = _setting(
        14, "HAILONG_BACKUPS_KEPT", "Newest backups that stay in the folder; older ones are removed", bounds=(2, 1000)
    )
    log_level: str = _setting(
        "INFO", "HAILONG_LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", choices=("DEBUG", "INFO", "WARNING", "ERROR")
    )

    def __post_init__(self) -> None:
        """Give the installation the address at which it serves itself, where no other is set."""
        object.__setattr__(self, "public_url", self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}")

    @property
    def secure(self) -> bool:
        """Return whether visitors come by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")


SETTINGS = tuple(table(Settings))
