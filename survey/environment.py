"""What the environment says: the settings of this installation, read here and nowhere else, and its secret keys."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from survey import secret_files
from survey.setting import BETWEEN, check_language
from survey.settings import HERE, SETTINGS, Settings, SettingsError


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this installation.

    Raises:
        SettingsError: no secret key, or a senseless value; names the variable, what it holds and what is allowed.
    """
    texts, values = _texts(environ), dict[str, Any]()
    for setting, declared in zip(SETTINGS, fields(Settings), strict=True):
        kind = str if declared.default is MISSING else type(declared.default)
        values[setting.field] = setting.value(texts[setting.field], kind)
    values["database_url"] = values["database_url"] or f"sqlite:///{values['instance'] / 'hailong.db'}"
    values["secret_key"] = BETWEEN.join(_keys(values))
    check_language(values["language"], values["translations"])
    return Settings(**values)


def _keys(values: Mapping[str, Any]) -> list[str]:
    today, instance = values["secret_key"] or secret_files.read(values["instance"]), values["instance"]
    former = (*values["secret_key_fallbacks"].split(), *secret_files.read_former(instance))
    return list(dict.fromkeys((today, *former)))


def of_commands(environ: Mapping[str, str] | None = None) -> tuple[str, Path]:
    """Return the language of the commands and the folder of catalogues, though other settings may be wrong."""
    texts = _texts(environ)
    return texts["language"], HERE / texts["translations"]


def misnamed(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the variables that are named as ours are and are none of ours; sorted.

    A slip in a name is not seen in any value: the default goes on holding.
    """
    ours = {setting.variable for setting in SETTINGS}
    names = os.environ if environ is None else environ
    return sorted(name for name in names if name.startswith("HAILONG_") and name not in ours)


def ensure_secret(environ: Mapping[str, str] | None = None) -> None:
    """Make this installation's secret key in its instance folder, unless one is there or in the environment."""
    texts = _texts(environ)
    if not texts["secret_key"]:
        secret_files.make(HERE / texts["instance"])


def replace_secret(when: dt.datetime, environ: Mapping[str, str] | None = None) -> Path:
    """Let a new secret key take the place of the one in the instance folder; return the file of the former one.

    Raises:
        SettingsError: the key is in the environment, which nobody but its owner changes; or there is none yet.
    """
    texts = _texts(environ)
    if texts["secret_key"]:
        raise SettingsError(
            "SECRET_KEY is set. Put its value in SECRET_KEY_FALLBACKS, set SECRET_KEY to a new one of at least 32 "
            "random characters, and start the services again."
        )
    return secret_files.replace(HERE / texts["instance"], when)


def measure_in(folder: Path) -> None:
    """Let this process and those that it starts count requests together, in files of a folder, emptied first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # read by prometheus_client once it is imported


def measured_in() -> Path | None:
    """Return the folder in which several processes count requests together; None where each counts its own."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) if folder else None


def _texts(environ: Mapping[str, str] | None) -> dict[str, str]:
    """Return what every setting is set to, or its default, unchecked; by its field."""
    environ = os.environ if environ is None else environ
    return {setting.field: environ.get(setting.variable) or setting.default for setting in SETTINGS}
