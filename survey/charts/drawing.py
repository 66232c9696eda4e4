"""Charts as pictures, drawn by the native engine in a process of its own, which ends when they are drawn.

The engine holds a whole JavaScript machine, some 80 MB, for as long as its process lives: whoever writes a document
needs that memory for the document.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Literal, TypeAlias

from survey import fonts

PictureKind: TypeAlias = Literal["png", "svg"]
PIXELS_PER_INCH = 160
LONGEST_SECONDS = 300.0  # a busy machine needs many times the second or two of an idle one


def drawn(specs: Sequence[str], kind: PictureKind) -> list[bytes]:
    """Return charts as pixels or as lines and letters, each from its specification (JSON), in their order.

    Raises:
        CalledProcessError: the engine has refused one of them, or has died of it; its standard error says why.
        TimeoutExpired: it took longer than a machine at work explains.
    """
    if not specs:
        return []
    command = [sys.executable, "-m", "survey.charts.drawing"]
    asked = json.dumps({"kind": kind, "specs": list(specs)}).encode()
    done = subprocess.run(command, input=asked, capture_output=True, check=True, timeout=LONGEST_SECONDS)  # noqa: S603 - a module of ours
    return [base64.b64decode(picture) for picture in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    """Draw what the standard input asks for, and write the pictures as one line of JSON."""
    import vl_convert  # native, and loaded only where it draws

    fonts.register()
    asked = json.load(sys.stdin)
    pictures: list[bytes] = []
    for spec in asked["specs"]:
        if asked["kind"] == "png":
            pictures.append(bytes(vl_convert.vegalite_to_png(spec, ppi=PIXELS_PER_INCH)))
        else:
            pictures.append(str(vl_convert.vegalite_to_svg(spec)).encode())
    print(json.dumps([base64.b64encode(picture).decode() for picture in pictures]))


if __name__ == "__main__":
    main()
