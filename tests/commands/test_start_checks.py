"""A setting, file or address that makes no sense is one clear line and exit code 1, at the start and in doctor."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

import migrations
from survey.db.engine import Database
from survey.settings import SETTINGS
from tests.support import commands, factories
from tests.support.files import HEADERS, ROW, as_csv

E_MAIL = {"HAILONG_SMTP_HOST": "mail.example.vn", "HAILONG_MAIL_FROM": "a@example.vn"}
PHONE = {"HAILONG_GATEWAY_URL": "https://sms.example.vn/send"}
ANY_TEXT = {"HAILONG_SMTP_LOGIN", "HAILONG_SMTP_PASSWORD", "HAILONG_BOUNCES_PASSWORD"}  # nothing is senseless in these
GARBAGE: dict[str, list[tuple[str, dict[str, str]]]] = {
    "HAILONG_BACKUP_KEY": [(text, {}) for text in ("nonsense", "age1abc", "AGE-SECRET-KEY-1ABC")],
    "DATABASE_URL": [
        (text, {})
        for text in (
            "nonsense",
            "://",
            "mysql://a/b",
            "postgresql://db:port/x",
            "sqlite://",
            "postgres://db",
            "sqlite://a/b",
            "sqlite:///:memory:",
        )
    ],
    "HAILONG_CITIZENS_DATABASE_URL": [(text, {}) for text in ("nonsense", "mysql://a/b", "postgresql://db:port/x")],
    "SECRET_KEY": [("short", {}), ("x" * 40, {}), ("  " * 20, {})],
    "SECRET_KEY_FALLBACKS": [("short", {}), (f"{'a1b2c3d4' * 4} short", {}), ("x" * 40, {})],
    "HAILONG_METRICS_TOKEN": [("short", {}), ("x" * 40, {})],
    "PUBLIC_URL": [
        (text, {})
        for text in ("khaosat.example.vn", "ftp://a.vn", "https://", "https://a.vn:x", "https://[::1", "https://a b")
    ]
    + [("https://a..vn", {}), ("https://a.vn/survey", {})],
    "HAILONG_HOST": [("http://0.0.0.0", {}), ("a b", {})],
    "HAILONG_TRANSLATIONS": [("/nowhere/at/all", {})],
    "HAILONG_LANGUAGE": [("klingon", {})],
    "HAILONG_QUESTIONNAIRE": [("shrot_online", {}), ("Phiếu ngắn", {})],
    "HAILONG_SMTP_HOST": [("smtp://mail", E_MAIL), ("a b", E_MAIL)],
    "HAILONG_MAIL_FROM": [("nobody", E_MAIL), ("", E_MAIL)],
    "HAILONG_GATEWAY_URL": [("sms.example.vn", {}), ("http://sms.example.vn", {}), ("https://[::1", {})],
    "HAILONG_GATEWAY_HEADERS": [
        (text, PHONE)
        for text in ("[]", "x", '{"a": 1}', '{"Brand": "Tỉnh"}', '{"X Key": "a"}', '{"X": "a\\rb"}', '{"": "a"}')
    ],
    "HAILONG_GATEWAY_BODY": [("x", PHONE), ('{"to": "{fone}"}', PHONE), ("{}", PHONE), ('{"to": "{phone}"}', PHONE)],
    "HAILONG_GATEWAY_REPLY": [("0", PHONE), ("x", PHONE)],
    "HAILONG_GATEWAY_SUCCESS": [("good", PHONE), ("9xx", PHONE)],
    "HAILONG_SINGLE_SIGN_ON": [("nowhere.toml", {}), ("/dev/null", {})],
    "HAILONG_BOUNCES": [("imap://a@b/INBOX", E_MAIL), ("nowhere", E_MAIL), ("imaps://[::1", E_MAIL)],
}
for setting in SETTINGS:
    if setting.bounds:
        least, most = setting.bounds
        GARBAGE[setting.variable] = [(text, {}) for text in ("a week", "-3", str(most * 100), "nan", "")]
    elif setting.choices:
        GARBAGE[setting.variable] = [("LOUD", {})]
CASES = [
    pytest.param(variable, text, beside, id=f"{variable}={text[:20]}")
    for variable, cases in GARBAGE.items()
    for text, beside in cases
    if text or variable == "HAILONG_MAIL_FROM"
]


def hailong(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return commands.hailong(*arguments, **({"SECRET_KEY": factories.SECRET} | environ))


def test_every_setting_that_can_be_senseless_has_its_garbage() -> None:
    without = {setting.variable for setting in SETTINGS} - set(GARBAGE) - ANY_TEXT
    apart = {"HAILONG_INSTANCE", "HAILONG_BACKUPS", "HAILONG_LEDGER_KEY"}
    assert without == apart, "folders and files have tests of their own, below and of backups and the ledger"


@pytest.fixture(scope="module")
def furnished(sqlite_template: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{sqlite_template}"}


@pytest.mark.parametrize(("variable", "text", "beside"), CASES)
def test_a_senseless_setting_is_one_line_that_names_it(
    variable: str, text: str, beside: dict[str, str], furnished: dict[str, str]
) -> None:
    done = hailong("doctor", **(furnished | beside | {variable: text}))
    assert (done.returncode, done.stderr.count("Traceback")) == (1, 0), done.stderr
    [fault] = [line for line in (done.stdout or done.stderr).splitlines() if variable in line]
    assert fault.startswith("lỗi" if done.stdout else "Không thực hiện được")
    assert fault.endswith("."), fault


@pytest.mark.parametrize(
    "environ",
    [
        {"HAILONG_QUESTIONNAIRE": "shrot"},
        {"HAILONG_SMTP_HOST": "mail"},
        {"HAILONG_BOUNCES": "nowhere"},
        {"HAILONG_SINGLE_SIGN_ON": "nowhere"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_what_could_not_ask_or_send_does_not_start(environ: dict[str, str], furnished: dict[str, str]) -> None:
    done = hailong("serve", **(furnished | environ))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr


def test_an_address_of_postgresql_is_taken_as_others_write_it(postgres: str) -> None:
    for scheme in ("postgres://", "postgresql://"):
        done = hailong("doctor", DATABASE_URL=postgres.replace("postgresql://", scheme))
        assert "Hãy chạy `hailong migrate` trước." in done.stdout, done.stderr


@pytest.mark.parametrize("content", ["", "short", "x" * 40])
def test_a_secret_file_that_is_no_secret_is_not_called_in_place(content: str, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(content)
    done = hailong("secret", SECRET_KEY="", HAILONG_INSTANCE=str(tmp_path))
    if not content:  # the writing of it was cut short, so nothing was sealed by it
        assert done.returncode == 0 and len((tmp_path / "secret_key").read_text()) >= 32
        return
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert str(tmp_path / "secret_key") in done.stderr and (tmp_path / "secret_key").read_text() == content


def test_files_and_folders_that_cannot_be_used_are_named(furnished: dict[str, str], tmp_path: Path) -> None:
    barred, cases = tmp_path / "a file", as_csv(tmp_path / "cases.csv", [HEADERS, ROW])
    barred.write_text("")
    links, own = tmp_path / "links.csv", tmp_path / "own.db"
    links.write_text("kept")
    own.write_bytes(Path(furnished["DATABASE_URL"].removeprefix("sqlite:///")).read_bytes())
    (tmp_path / "barred.db.lock").mkdir()
    store = {"DATABASE_URL": f"sqlite:///{own}"}
    hailong("import", "cases", cases, **store)
    for arguments, environ in (
        (["invite", "--cases", cases, "--links", links], store),
        (["report", "--period", "2026-10", "--out", barred / "below"], store),
        (["staff", "sessions", "hanh"], {"DATABASE_URL": f"sqlite:///{tmp_path / 'barred.db'}"}),
        (["secret"], {"SECRET_KEY": "", "HAILONG_INSTANCE": str(barred)}),
    ):
        done = hailong(*arguments, **environ)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
        assert str(tmp_path) in done.stderr and done.stderr.startswith("Không thực hiện được: “")
    assert links.read_text() == "kept"


def test_a_login_that_is_too_long_is_refused_and_no_hash_is_printed(database_url: str) -> None:
    for arguments in (["a" * 121], ["hanh", "--name", "x" * 201]):
        done = hailong("staff", "add", *arguments, DATABASE_URL=database_url)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    with Database(database_url) as database, pytest.raises(sa.exc.DBAPIError) as refused, database.engine.begin() as at:
        at.execute(sa.text("INSERT INTO nobody (password_hash) VALUES (:hash)"), {"hash": "$argon2id$secret"})
    assert "argon2id" not in str(refused.value)


def test_a_database_of_a_newer_program_is_one_line_and_stays(database_url: str) -> None:
    with Database(database_url) as database, database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (["migrate"], ["serve"], ["doctor"]):
        done = hailong(*command, DATABASE_URL=database_url)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "phiên bản mới hơn" in done.stdout + done.stderr


def test_three_migrations_at_once_all_end_well(engine_name: str, postgres: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    if engine_name == "postgresql":
        with psycopg.connect(postgres, autocommit=True) as server:
            server.execute("CREATE DATABASE migrated_thrice")
        url = sa.make_url(postgres).set(database="migrated_thrice").render_as_string(hide_password=False)
    try:
        ended = commands.hailong_at_once(3, "migrate", DATABASE_URL=url, SECRET_KEY=factories.SECRET)
        assert [(one.stderr, one.returncode) for one in ended] == [("", 0)] * 3
        with Database(url.replace("postgresql://", "postgresql+psycopg://")) as database:
            assert migrations.up_to_date(database)
    finally:
        if engine_name == "postgresql":
            with psycopg.connect(postgres, autocommit=True) as server:
                server.execute("DROP DATABASE IF EXISTS migrated_thrice WITH (FORCE)")
