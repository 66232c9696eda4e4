"""What draws lives in a process of its own: replaced when it dies, never left over, and no part of those that serve."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from survey.operations.drawing_process import DrawingProcess, NotDrawn
from survey.settings import ROOT
from tests.support.posters import poster_data


def test_a_drawing_process_that_dies_is_replaced() -> None:
    drawing = DrawingProcess()
    data = poster_data()
    try:
        with pytest.raises(NotDrawn):
            drawing.poster("{")
        pid = drawing.pid
        assert pid is not None and drawing.poster(data).startswith(b"%PDF") and drawing.pid == pid
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert drawing.poster(data).startswith(b"%PDF") and drawing.pid != pid
    finally:
        drawing.close()
    assert drawing.pid is None


def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from survey.operations.drawing_process import drawing_process\n"
        "from tests.support.posters import poster_data\n"
        "drawing_process.poster(poster_data())\n"
        "print(drawing_process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    parent = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    pid = int(parent.stdout)
    until = time.monotonic() + 30
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_process_that_serves_pages_never_loads_what_draws_or_sets(tmp_path: Path) -> None:
    """What can panic or holds much memory is not even there; what only figures need waits for the first of them."""
    code = (
        "import sys\n"
        "from survey.app import create_app\n"
        "from survey.settings import Settings\n"
        f"create_app(Settings('sqlite:///{tmp_path}/a.db', 'x' * 40))\n"
        "heavy = {'vl_convert', 'typst', 'docx', 'xlsxwriter', 'openpyxl', 'scipy.special', 'scipy.optimize'}\n"
        "print(*heavy & sys.modules.keys())\n"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
