"""The certified provider of single sign-on from npm, as a process of its own that ends with the test."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.decoding import NODE
from tests.support.provider import SECRET

PROGRAM = Path(__file__).with_suffix(".mjs")


@dataclass
class ProviderProcess:
    """Where it is, and the file of who may do what there."""

    issuer: str
    people: Path
    process: subprocess.Popen[str]

    def say(self, **people: dict[str, Any]) -> None:
        """Let people have these claims from now on."""
        self.people.write_text(json.dumps(people), encoding="utf-8")


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def certified_provider(site: str, folder: Path) -> Iterator[ProviderProcess]:
    """Run the provider for a program of ours at `site`."""
    port, people = free_port(), folder / "people.json"
    people.write_text("{}", encoding="utf-8")
    with subprocess.Popen(
        [str(NODE), str(PROGRAM), str(port), site, str(people)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdin and process.stdout
            process.stdin.write(SECRET)
            process.stdin.close()
            assert process.stdout.readline() == "ready\n", "run `make test`, which installs oidc-provider"
            yield ProviderProcess(f"http://127.0.0.1:{port}", people, process)
        finally:
            process.kill()
