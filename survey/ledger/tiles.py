"""Where the tiles of a log lie and how much of one is filled, as C2SP lays them out (c2sp.org/tlog-tiles)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from survey.ledger.merkle import WIDTH

ENTRIES = "entries"
LONGEST = 65_535  # bytes of an entry
DEEPEST = 7  # levels of tiles that a number of rows can have
_PATH = re.compile(r"(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True)
class Tile:
    """So many hashes of one level, or entries (`level` None), of which the first is number `number` times 256."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def first(self) -> int:
        """Return the number of its first hash within its level."""
        return self.number * WIDTH

    @property
    def path(self) -> str:
        """Return where it lies below `tile/`.

        >>> Tile(0, 1234067).path, Tile(None, 0, 7).path
        ('0/x001/x234/067', 'entries/000.p/7')
        """
        rest, groups = divmod(self.number, 1000)[0], [f"{self.number % 1000:03d}"]
        while rest:
            rest, group = divmod(rest, 1000)
            groups.insert(0, f"x{group:03d}")
        place = f"{ENTRIES if self.level is None else self.level}/{'/'.join(groups)}"
        return place if self.width == WIDTH else f"{place}.p/{self.width}"


def parsed(path: str) -> Tile | None:
    """Return the tile that lies there; None where none can.

    >>> parsed("entries/x001/002.p/3")
    Tile(level=None, number=1002, width=3)
    >>> parsed("0/000.p/256"), parsed("0/x000/001"), parsed("00/001")
    (None, None, None)
    """
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    kind, groups, width = match.groups()
    number = int(groups.replace("/", "").replace("x", ""))
    tile = Tile(None if kind == ENTRIES else int(kind), number, int(width or WIDTH))
    deep = tile.level is not None and tile.level > DEEPEST
    return None if deep or tile.path != path else tile


def filled(level: int | None, size: int) -> int:
    """Return how many hashes of a level, or entries, a log of `size` entries has.

    >>> filled(None, 70_000), filled(0, 70_000), filled(1, 70_000), filled(2, 70_000)
    (70000, 70000, 273, 1)
    """
    span: int = WIDTH ** (level or 0)
    return size // span


def bundle(entries: list[bytes]) -> bytes:
    """Return entries as a tile holds them: each behind its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
