"""Run `python -m analysis` as its own process, as a person would."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from tests.support import commands

PROJECT = Path(__file__).resolve().parents[3]


class Run(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def faults(self) -> list[str]:
        """The lines of complaint, the file's name taken off."""
        return [line.split(": ", 1)[1] for line in self.err.splitlines()]

    def frame(self) -> pd.DataFrame:
        assert self.code == 0, self.err
        return pd.read_csv(io.StringIO(self.out))

    def json(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        return json.loads(self.out)


def run(*arguments: object) -> Run:
    done = commands.run("analysis", arguments, commands.environment())
    return Run(done.returncode, done.stdout, done.stderr)
