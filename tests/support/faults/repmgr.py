"""The same pair as docs/operators.md sets it up: Debian's PostgreSQL, cloned and promoted by repmgr."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from survey.operations.postgresql_programs import DEBIAN
from tests.support.faults.pair import Node, Pair

CURE = "repmgr is missing: apt-get update && apt-get install --no-install-recommends repmgr"
TO_REPMGR = "user=repmgr dbname=repmgr connect_timeout=2"
CONFIGURATION = """
node_id = {number}
node_name = '{node.name}'
conninfo = 'host=127.0.0.1 port={node.port} {login}'
data_directory = '{node.folder}'
pg_bindir = '{node.programs}'
"""


class ManagedPair(Pair):
    """A pair whose standby is cloned, registered and promoted by repmgr."""

    def __enter__(self) -> Pair:
        super().__enter__()
        self.primary.sql("CREATE ROLE repmgr SUPERUSER LOGIN")
        self.primary.sql("CREATE DATABASE repmgr OWNER repmgr")
        for number, node in enumerate((self.primary, self.standby), start=1):
            path = self._configuration(node)
            path.write_text(CONFIGURATION.format(number=number, node=node, login=TO_REPMGR))
            path.chmod(0o644)
        self._act(self.primary, "primary", "register")
        return self

    def _configuration(self, node: Node) -> Path:
        return node.folder.with_name(f"{node.name}-repmgr.conf")

    def _act(self, node: Node, *arguments: str) -> None:
        node.run("repmgr", "--config-file", self._configuration(node), *arguments)

    def add_standby(self) -> None:
        """Clone the primary into a standby that follows it, and register it."""
        shutil.rmtree(self.standby.folder, ignore_errors=True)
        source = ("--host", "127.0.0.1", "--port", str(self.primary.port), "--username", "repmgr", "--dbname", "repmgr")
        self._act(self.standby, *source, "standby", "clone", "--fast-checkpoint")
        self.standby.start()
        self._act(self.standby, "standby", "register", "--force")

    def _promote_standby(self) -> None:
        self._act(self.standby, "standby", "promote")


def managed(folder: Path) -> Pair:
    """Return a pair of Debian's PostgreSQL and repmgr, which are installed where that can be done."""
    if not _programs() and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "repmgr"]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True)
    programs = _programs()
    assert programs, CURE
    folder.chmod(0o755)
    return ManagedPair(folder, programs[-1], "postgres" if os.geteuid() == 0 else None)


def _programs() -> list[Path]:
    return [path.parent for path in sorted(DEBIAN.glob("*/bin/repmgr"))]
