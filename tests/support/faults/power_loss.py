"""What a power cut may leave of files: everything that was synced, and any part of what was written since.

Replayed from what strace has seen of a program: each file is what its last sync made sure of, and of what was written
after it nothing, all, the beginning, or any sectors. Names that were made or taken away count once their folder is
synced; before that, as many of them in their order as chance has it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "pwrite64,write,fdatasync,fsync,ftruncate,unlink"
LONGEST = 1 << 20  # bytes of one write that strace prints
SECTOR = 512
LEFT = ("nothing", "all", "beginning", "sectors")
_LINE = re.compile(
    r'^\d+ (?P<call>\w+)\((?:\d+<(?P<path>(?:\\x..)+)>|"(?P<name>(?:\\x..)+)")'
    r'(?:, "(?P<data>(?:\\x..)*)")?(?:, (?P<first>\d+))?(?:, (?P<second>\d+))?\) += (?P<result>-?\d+)'
)


@dataclass(frozen=True)
class Operation:
    """One system call on a file: what was written where, how long it became, that it was synced or taken away."""

    call: str
    path: Path
    place: int = 0
    data: bytes = b""


def options(paths: list[Path]) -> list[str]:
    """Return strace's options by which it lists all that is done to these files."""
    only = [option for path in paths for option in ("-P", str(path))]
    return ["-y", "-xx", "-s", str(LONGEST), "-e", f"trace={CALLS}", *only]


def operations(log: Path) -> Iterator[Operation]:
    """Yield what was done, in its order."""
    for line in log.read_text("ascii").splitlines():
        row = _LINE.match(line)
        if row is None:
            assert "resumed" not in line and "unfinished" not in line and '"...' not in line, line[:200]
            continue
        if int(row["result"]) < 0:
            continue
        path, data = Path(_bytes(row["path"] or row["name"]).decode()), _bytes(row["data"] or "")
        match row["call"]:
            case "pwrite64":
                yield Operation("write", path, int(row["second"]), data[: int(row["result"])])
            case "write":
                yield Operation("append", path, 0, data)
            case "ftruncate":
                yield Operation("truncate", path, int(row["first"]))
            case "unlink":
                yield Operation("unlink", path)
            case _:
                yield Operation("sync", path)


def _bytes(printed: str) -> bytes:
    return bytes.fromhex(printed.replace("\\x", ""))


@dataclass
class Content:
    """The bytes of one file that are sure, and what was done to them since."""

    sure: bytearray = field(default_factory=bytearray)
    since: list[Operation] = field(default_factory=list)

    def sync(self) -> None:
        for operation in self.since:
            _apply(self.sure, operation)
        self.since = []

    def left(self, how: str, chance: random.Random) -> bytes:
        """Return what a power cut leaves."""
        content = bytearray(self.sure)
        kept = {"nothing": 0, "beginning": chance.randint(0, len(self.since))}.get(how, len(self.since))
        for operation in self.since[:kept]:
            if how != "sectors":
                _apply(content, operation)
            elif chance.random() < 0.75:
                _apply(content, operation, chance)
        return bytes(content)


def _apply(content: bytearray, operation: Operation, torn: random.Random | None = None) -> None:
    if operation.call == "truncate":
        content[operation.place :] = bytes(max(0, operation.place - len(content)))
        return
    end = operation.place + len(operation.data)
    content.extend(bytes(max(0, end - len(content))))
    for start in range(operation.place, end, SECTOR):
        if torn is None or torn.random() < 0.7:
            part = operation.data[start - operation.place : start - operation.place + SECTOR]
            content[start : start + len(part)] = part


class Disk:
    """Files of one folder, as they are replayed."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        """Begin with what is in the folder now, all of it sure."""
        self.folder = folder
        self.now = {name: Content(bytearray((folder / name).read_bytes())) for name in names}
        self.sure = dict(self.now)
        self._changes: list[tuple[str, Content | None]] = []

    def replay(self, operation: Operation) -> None:
        """Do once more what was done."""
        name = operation.path.name
        if operation.call == "sync":
            if operation.path == self.folder:
                self.sure, self._changes = dict(self.now), []
            elif name in self.now:
                self.now[name].sync()
        elif operation.call == "unlink":
            if self.now.pop(name, None) is not None:
                self._changes.append((name, None))
        else:
            if name not in self.now:
                self.now[name] = Content()
                self._changes.append((name, self.now[name]))
            self.now[name].since.append(operation)

    def cut(self, how: str, chance: random.Random) -> dict[str, bytes]:
        """Return the files that are there when the power is back."""
        names, number = dict(self.sure), len(self._changes)
        kept = {"nothing": 0, "all": number}.get(how, chance.randint(0, number))
        for name, content in self._changes[:kept]:
            if content is None:
                names.pop(name, None)
            else:
                names[name] = content
        return {name: content.left(how, chance) for name, content in names.items()}
