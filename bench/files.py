"""Run the command in its own process and watch its memory."""

from __future__ import annotations

import subprocess
import sys
import time

# The high-water mark of the process itself: what wait4 tells would start from the memory of this benchmark.
CHILD = """
import atexit, pathlib, runpy, sys
def peak():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)
atexit.register(peak)
runpy.run_module("analysis", run_name="__main__", alter_sys=True)
"""


def peak_of_command(*arguments: object) -> tuple[float, float]:
    """Return the seconds and the peak memory in megabytes of `python -m analysis` with these arguments (Linux)."""
    start = time.perf_counter()
    command = [sys.executable, "-c", CHILD, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return time.perf_counter() - start, int(done.stderr.split()[-1]) / 1024
