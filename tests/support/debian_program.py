"""Programs of Debian that tests need: the machine's own, else installed as root, else unpacked into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
UNPACKED = ROOT / ".cache" / "debian"
SYSTEM = ("/usr/sbin", "/usr/local/sbin")  # which an ordinary user's PATH leaves out


def command(name: str, package: str) -> list[str]:
    """Return how a program of a package is called."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *SYSTEM))
    if shutil.which(name, path=path) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True)
    if found := shutil.which(name, path=path):
        return [found]
    return _unpacked(name, package)


def _unpacked(name: str, package: str) -> list[str]:
    """Return how it is called out of packages that were fetched and unpacked, which needs no rights."""
    folder = UNPACKED / package
    if not folder.is_dir() and shutil.which("apt-get"):
        part = folder.with_name(f"{package}.{os.getpid()}")
        part.mkdir(parents=True, exist_ok=True)
        fetch = ["apt-get", "download", "-qq", *_missing(package)]
        if subprocess.run(fetch, cwd=part, check=False, capture_output=True).returncode == 0:
            for file in part.glob("*.deb"):
                subprocess.run(["dpkg", "-x", str(file), str(part)], check=True)
            if not folder.is_dir():  # nobody else was faster
                part.rename(folder)
        shutil.rmtree(part, ignore_errors=True)
    found = next((path for place in ("bin", "sbin") for path in folder.glob(f"usr/{place}/{name}")), None)
    assert found, f"{name} is missing: apt-get update && apt-get install --no-install-recommends {package}"
    libraries = sorted({str(path.parent) for path in folder.rglob("*.so*")})
    return ["env", f"LD_LIBRARY_PATH={os.pathsep.join(libraries)}", str(found)]


def _missing(package: str) -> list[str]:
    """Return a package and all that it needs and this machine does not have."""
    ask = ["apt-cache", "depends", "--recurse", "--important", package]
    printed = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.splitlines()
    every = sorted({line for line in printed if line and line[0].isalnum()})
    have = subprocess.run(["dpkg-query", "-W", "-f", "${Package}\n"], check=True, capture_output=True, text=True).stdout
    return [package, *sorted({*every} - {package, *have.split()})]
