"""What tests write lies in memory, where the machine has room: databases are made and written without waiting."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  # several times what all processes of a run hold at once


def write_there() -> None:
    """Let temporary files of this process and its children lie in memory; TMPDIR names another folder."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
