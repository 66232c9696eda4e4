"""Settings: each declared once, and a senseless value is one clear line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pyrage import x25519

from survey import environment, settings
from survey.settings import ROOT, SETTINGS, Settings, SettingsError
from tests.support import commands, factories
from tests.support.backups import PRIVATE, PUBLIC

SECRET = {"SECRET_KEY": factories.SECRET}
NUMBERS = [setting for setting in SETTINGS if setting.bounds]


def test_an_empty_environment_gives_the_defaults_of_the_declaration() -> None:
    embedded = f"sqlite:///{ROOT / 'instance' / 'hailong.db'}"
    assert environment.load(SECRET) == Settings(embedded, factories.SECRET)
    empty = dict.fromkeys((setting.variable for setting in SETTINGS), "")
    assert environment.load(empty | SECRET) == environment.load(SECRET)


def test_a_value_is_of_the_kind_of_its_default() -> None:
    environ = {
        "PORT": "8123",
        "HAILONG_SEND_SECONDS": "2",
        "HAILONG_INSTANCE": "/srv/hailong",
        "HAILONG_TARGET": "0.925",
    }
    read = environment.load(SECRET | environ)
    values = (read.port, read.send_seconds, read.instance, read.target, read.log_level)
    assert values == (8123, 2.0, Path("/srv/hailong"), "0.925", "INFO")
    assert [type(value) for value in values[:2]] == [int, float]
    assert read.database_url == "sqlite:////srv/hailong/hailong.db"
    assert read.public_url == Settings("", "", port=8123).public_url == "http://127.0.0.1:8123"
    assert (
        environment.load(SECRET | {"PUBLIC_URL": "https://khaosat.example.vn/"}).public_url
        == "https://khaosat.example.vn"
    )
    assert environment.load(SECRET | {"HAILONG_LOG_LEVEL": "debug"}).log_level == "DEBUG"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Khaosat.example.vn:443/", "https://khaosat.example.vn"),
        ("http://khaosat.example.vn:80", "http://khaosat.example.vn"),
        ("https://khaosat.example.vn:", "https://khaosat.example.vn"),
        ("https://khaosat.example.vn:8443", "https://khaosat.example.vn:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_public_address_is_written_as_browsers_name_the_origin_of_a_form(written: str, meant: str) -> None:
    assert environment.load(SECRET | {"PUBLIC_URL": written}).public_url == meant


@pytest.mark.parametrize(
    ("at", "good"),
    [
        ("hailong@/hailong", True),
        ("hailong@localhost/hailong", True),
        ("hailong@127.0.0.1:5433/hailong", True),
        ("hailong@/hailong?host=/run/postgresql", True),
        ("hailong@db.example.vn/hailong?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem", True),
        ("hailong@db.example.vn/hailong", False),
        ("hailong@db.example.vn/hailong?sslmode=require", False),
        ("hailong@db.example.vn/hailong?sslmode=verify-ca", False),
        ("hailong@/hailong?host=/run/postgresql,db.example.vn", False),
        ("hailong@localhost/hailong?hostaddr=192.0.2.7", False),
        ("hailong@10.0.0.5/hailong", False),
    ],
)
@pytest.mark.parametrize("variable", ["DATABASE_URL", "HAILONG_CITIZENS_DATABASE_URL"])
def test_a_database_on_another_machine_is_reached_over_a_line_that_is_proved_only(
    variable: str, at: str, good: bool
) -> None:
    """`verify-full` is libpq's: encrypted, signed by who is trusted, for the name that was asked for."""
    environ = SECRET | {variable: f"postgresql://{at}"}
    if good:
        assert at in "".join((environment.load(environ).database_url, environment.load(environ).citizens_database_url))
        return
    with pytest.raises(SettingsError, match="verify-full") as refused:
        environment.load(environ)
    assert "example.vn" not in str(refused.value), "an address may hold a password"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a@127.0.0.1:5432,127.0.0.1:5433/b", {"host": "127.0.0.1,127.0.0.1", "port": "5432,5433"}),
        ("a:p%2Cq@localhost,[::1]:5433/b?application_name=x", {"host": "localhost,::1", "application_name": "x"}),
        ("a@/b?host=/run/one,/run/two", {"host": "/run/one,/run/two", "port": "5432,5432"}),
        ("a@/b?host=127.0.0.1:1&host=127.0.0.1:2", {"host": "127.0.0.1,127.0.0.1", "port": "1,2"}),
        ("a@/b?host=::1,127.0.0.1&port=1,2", {"host": "::1,127.0.0.1", "port": "1,2"}),
        ("a@db1,db2/b?sslmode=verify-full", {"host": "db1,db2", "sslmode": "verify-full"}),
        ("a@localhost,localhost/b?target_session_attrs=primary", {"target_session_attrs": "primary"}),
        ("a@db1,db2/b", None),
        ("a@localhost,db2/b", None),
        ("a@localhost,/b", None),
        ("a@localhost:x,localhost/b", None),
        ("a@localhost:70000,localhost/b", None),
        ("a@localhost,localhost/", None),
        ("a@/b?host=/run/one,/run/two&port=1", None),
    ],
)
def test_several_servers_are_read_as_one_database_of_which_one_writes(
    written: str, meant: dict[str, str] | None
) -> None:
    environ = SECRET | {"DATABASE_URL": f"postgresql://{written}"}
    if meant is None:
        with pytest.raises(SettingsError, match="DATABASE_URL"):
            environment.load(environ)
        return
    url = sa.make_url(environment.load(environ).database_url)
    meant = {"target_session_attrs": "read-write"} | meant
    assert (url.username, url.password, url.database) == ("a", "p,q" if "q" in written else None, "b")
    connected = sa.create_engine(url).dialect.create_connect_args(url)[1]
    assert {name: connected[name] for name in meant} == meant, "psycopg is told the same"


def test_every_number_has_bounds_and_every_setting_its_own_variable() -> None:
    numbers = {field.name for field in dataclasses.fields(Settings) if isinstance(field.default, (int, float))}
    assert numbers <= {setting.field for setting in NUMBERS}
    assert len({setting.variable for setting in SETTINGS}) == len(SETTINGS) == len(dataclasses.fields(Settings))


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.variable)
def test_a_number_that_makes_no_sense_is_named_with_what_is_allowed(setting: settings.Setting) -> None:
    assert setting.bounds is not None
    least, most = setting.bounds
    for wrong in ("a week", "nan", "inf", str(least - 1), str(most + 1), f"{most}_0", "３"):
        with pytest.raises(SettingsError) as refused:
            environment.load(SECRET | {setting.variable: wrong})
        line = str(refused.value)
        assert line.startswith(f"{setting.variable} is “{wrong}”; it must be a ")
        assert line.endswith(f" number from {least} to {most}.")
    for right in (least, most):
        assert environment.load(SECRET | {setting.variable: str(right)})


@pytest.mark.parametrize("wrong", ["7.5", "1e1"])
def test_a_whole_number_has_no_fraction(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"HAILONG_ANSWER_DAYS is .*; it must be a whole number from 1 to 365"):
        environment.load(SECRET | {"HAILONG_ANSWER_DAYS": wrong})


@pytest.mark.parametrize(
    ("variable", "choices"),
    [
        ("HAILONG_LOG_LEVEL", "DEBUG, INFO, WARNING, ERROR"),
        ("HAILONG_SMTP_SECURITY", "starttls, tls, none"),
        ("HAILONG_GATEWAY_METHOD", "POST, PUT"),
    ],
)
def test_one_of_a_few_words_is_asked_for_by_name(variable: str, choices: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} is “LOUD”; it must be one of: {choices}"):
        environment.load(SECRET | {variable: "LOUD"})


def test_a_secret_is_never_printed() -> None:
    environ: dict[str, Any] = {
        "SECRET_KEY": "the key of this installation, long enough",
        "DATABASE_URL": "postgresql+psycopg://hailong:the password of the database@localhost/hailong",
        "HAILONG_SMTP_PASSWORD": "the password of the mail",
        "HAILONG_GATEWAY_HEADERS": '{"Authorization": "the key of the gateway"}',
    }
    printed = repr(environment.load(environ))
    assert "the key" not in printed and "the password" not in printed and "answer_days=7" in printed


def test_public_keys_are_checked_and_a_private_one_is_never_repeated() -> None:
    two = f"{PUBLIC}\t {x25519.Identity.generate().to_public()}"
    assert environment.load(SECRET | {"HAILONG_BACKUP_KEY": two}).backup_key == " ".join(two.split())
    mistyped = PUBLIC[:-1] + ("q" if PUBLIC[-1] != "q" else "p")
    for wrong in (mistyped, f"{PUBLIC},{PUBLIC}", "ssh-ed25519", str(PRIVATE), f"{PUBLIC} {str(PRIVATE).lower()}"):
        with pytest.raises(SettingsError, match="HAILONG_BACKUP_KEY") as refused:
            environment.load(SECRET | {"HAILONG_BACKUP_KEY": wrong})
        assert str(PRIVATE)[20:].lower() not in str(refused.value).lower()


def test_a_wrong_folder_of_catalogues_is_one_line_in_the_words_that_ship(tmp_path: Path) -> None:
    refused = commands.hailong("staff", "sessions", "hanh", HAILONG_TRANSLATIONS=str(tmp_path), **SECRET)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert refused.stderr.startswith(f"Không thực hiện được: HAILONG_TRANSLATIONS đang là “{tmp_path}”")
