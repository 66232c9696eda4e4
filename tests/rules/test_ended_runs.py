"""A run of tests that is ended from outside takes along what it has started."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from survey.settings import ROOT, Settings
from tests.support.sending.mail import until

WAITING = """
import time
from pathlib import Path
from survey.settings import Settings
from tests.support.faults.running import running

def test_that_takes_long():
    settings = Settings({url!r}, {secret!r}, instance=Path({folder!r}))
    with running(settings, workers=1) as server:
        Path({folder!r}, "started").write_text(str(server.process.pid))
        time.sleep(120)
"""


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_run_that_is_told_to_end_leaves_no_server_behind(settings: Settings, tmp_path: Path) -> None:
    file, started = tmp_path / "test_waiting.py", tmp_path / "started"
    file.write_text(WAITING.format(url=settings.database_url, secret=settings.secret_key, folder=str(tmp_path)))
    family = list[psutil.Process]()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest", file]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as run:
        try:
            until(lambda: (started.exists() and bool(started.read_text())) or run.poll() is not None, 60)
            server = psutil.Process(int(started.read_text()))
            family += [server, *server.children(recursive=True)]
            run.send_signal(signal.SIGTERM)
            assert run.wait(30) != 0
            _, alive = psutil.wait_procs(family, timeout=10)
            assert alive == []
        finally:
            run.kill()
            for process in family:
                if process.is_running():
                    process.kill()
