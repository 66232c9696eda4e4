"""What a process keeps of memory that it has freed."""

from __future__ import annotations

import os
import subprocess
import sys

from survey.settings import ROOT

HASHES = """
import sys, threading
from pathlib import Path
from survey.operations import allocator
from survey.security import passwords

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

if sys.argv[1] == "little":
    allocator.keep_little()
turns = [threading.Semaphore(0) for _ in range(6)]
done = threading.Semaphore(0)

def sign_in(turn):
    for _ in range(2):
        turn.acquire()
        passwords.hash_password("một câu dài dễ nhớ")
        done.release()
    turn.acquire()  # the thread stays, as those that serve do

threads = [threading.Thread(target=sign_in, args=(turn,), daemon=True) for turn in turns]
for thread in threads:
    thread.start()
before = resident()
for turn in turns * 2:
    turn.release()
    done.acquire()
print(resident() - before)
"""


def test_the_memory_of_a_hash_is_given_back_whichever_thread_had_it() -> None:
    """The control, which leaves all to glibc, keeps several times as much, or this would show nothing.

    Both begin without what a machine may have told the allocator by its environment.
    """
    kept = {}
    ordinary = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MALLOC_", "LD_PRELOAD", "GLIBC_TUNABLES"))
    }
    for way in ("little", "control"):
        command = [sys.executable, "-c", HASHES, way]
        kept[way] = float(subprocess.run(command, cwd=ROOT, env=ordinary, check=True, capture_output=True).stdout)
    assert kept["little"] < 10 < 30 < kept["control"], kept
