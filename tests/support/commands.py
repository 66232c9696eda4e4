"""Run `hailong` and `python -m analysis` as processes of their own, without importing everything anew each time.

Each is forked from a process that has the program in memory and has done nothing with it: it gets the arguments,
environment, folder and standard streams that it would have got, and ends as it would have ended. The start itself is
tried by tests/operations/test_serving.py, tests/demo/test_demo.py and tests/analysis/command/test_program.py, which run
the real programs.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parent.parent.parent
OURS = ("HAILONG", "SECRET", "DATABASE", "PUBLIC", "PORT")


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what the product reads, and with what is given."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | more


def hailong(
    *arguments: str | Path,
    environ: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    given: bytes = b"",
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, in the environment that is given or in `environment` of the rest.

    `given` is what stands in its standard input.
    """
    return run("survey", arguments, environment(**more) if environ is None else environ, cwd, given)


def hailong_at_once(number: int, *arguments: str, **more: str) -> list[subprocess.CompletedProcess[str]]:
    """Run one command so many times at the same moment, each to its end."""
    return _run_together("survey", [arguments] * number, environment(**more), ROOT, b"")


def run(
    package: str, arguments: tuple[object, ...], environ: Mapping[str, str], cwd: Path = ROOT, given: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run `python -m package` to its end; a warning of analysis is an error."""
    return _run_together(package, [arguments], environ, cwd, given)[0]


def _run_together(
    package: str, runs: Sequence[tuple[object, ...]], environ: Mapping[str, str], cwd: Path, given: bytes
) -> list[subprocess.CompletedProcess[str]]:
    asked: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, arguments in enumerate(runs):
            streams = [Path(folder, f"{name}{number}") for name in ("in", "out", "err")]
            streams[0].write_bytes(given)
            asked.append({"arguments": [str(argument) for argument in arguments], "streams": [str(s) for s in streams]})
            asked[-1] |= {"environ": dict(environ), "cwd": str(cwd)}
        parent = _parent(package)
        assert parent.stdin is not None and parent.stdout is not None
        parent.stdin.write(json.dumps(asked) + "\n")
        parent.stdin.flush()
        codes = json.loads(parent.stdout.readline())
        return [
            subprocess.CompletedProcess(
                [package, *one["arguments"]],
                code,
                *(Path(path).read_bytes().decode("utf-8") for path in one["streams"][1:]),
            )
            for one, code in zip(asked, codes, strict=True)
        ]


@cache
def _parent(package: str) -> subprocess.Popen[str]:
    strict = ["-W", "error"] if package == "analysis" else []
    started = subprocess.Popen(
        [sys.executable, *strict, "-m", "tests.support.commands", package],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    atexit.register(started.communicate)
    return started


def read_the_rest(package: str = "survey") -> None:
    """Read what a program reads when it first needs it, its texts above all: most of what a short command costs."""
    importlib.import_module("scipy.special")
    if package == "survey":
        from survey.i18n import FOLDER, catalogue, languages  # not where `analysis` is run, which knows nothing of it

        for language in languages():
            catalogue(FOLDER, language)


def _serve(package: str) -> None:
    """Fork for every run that a line asks for; answer with their exit codes."""
    program = importlib.import_module(f"{package}.__main__")
    read_the_rest(package)
    for line in sys.stdin:
        children = []
        for asked in json.loads(line):
            children.append(os.fork())
            if not children[-1]:
                _run(program, asked)
        print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children], flush=True)


def _run(program: Any, asked: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        for number, path in enumerate(asked["streams"]):
            opened = os.open(path, os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        os.environ.clear()
        os.environ.update(asked["environ"])
        os.chdir(asked["cwd"])
        time.tzset()
        sys.argv = [program.__file__, *asked["arguments"]]
        code = int(program.main() or 0)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
