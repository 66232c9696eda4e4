"""The witness as one file that Python runs: these modules and nothing else, the same bytes whenever it is asked for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

_WHEN = (1980, 1, 1, 0, 0, 0)
_START = "from witness.command import main\n\nmain()\n"


def archive() -> bytes:
    """Return the archive: `python3 witness.pyz` needs Python 3.10 or newer and the package `cryptography`."""
    whole = io.BytesIO()
    modules = {f"witness/{path.name}": path.read_text() for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))}
    about = Path(__file__).with_name("__init__.py").read_text()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in {"__main__.py": _START, "witness/__init__.py": about, **modules}.items():
            file.writestr(zipfile.ZipInfo(name, _WHEN), text, zipfile.ZIP_DEFLATED)
    return whole.getvalue()
