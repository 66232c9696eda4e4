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
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parent.parent.parent
OURS = ("HAILONG", "SECRET", "DATABASE", "PUBLIC", "PORT")


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what the product reads, and with what is given."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | more


def hailong(
    *arguments: str | Path, environ: Mapping[str, str] | None = None, cwd: Path = ROOT, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, in the environment that is given or in `environment` of the rest."""
    return run("survey", arguments, environment(**more) if environ is None else environ, cwd)


def run(
    package: str, arguments: tuple[object, ...], environ: Mapping[str, str], cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run `python -m package` to its end; a warning of analysis is an error."""
    told = [str(argument) for argument in arguments]
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder, "out"), Path(folder, "err")]
        asked = {"arguments": told, "environ": dict(environ), "cwd": str(cwd), "streams": [str(s) for s in streams]}
        parent = _parent(package)
        assert parent.stdin is not None and parent.stdout is not None
        parent.stdin.write(json.dumps(asked) + "\n")
        parent.stdin.flush()
        code = int(parent.stdout.readline())
        out, err = (stream.read_bytes().decode("utf-8") for stream in streams)
        return subprocess.CompletedProcess([package, *told], code, out, err)


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


def _serve(package: str) -> None:
    """Fork for every line that asks for a run; answer with its exit code."""
    program = importlib.import_module(f"{package}.__main__")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(program, json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _run(program: Any, asked: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        for number, path in enumerate(["/dev/null", *asked["streams"]]):
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
