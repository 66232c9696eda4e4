"""Which letters the fonts that we carry can print; a PDF made to be kept refuses any other."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache

from survey.settings import DATA

FOLDER = DATA / "fonts"
MISSING = "□"


def printable(text: str, font: str = "LiberationSans-Regular") -> str:
    """Return a text with a box for each letter that the font lacks, and without marks that nothing shows.

    >>> printable("Quầy 3 \U0001f600, số ₫\u200b")
    'Quầy 3 □, số ₫'
    """
    held = letters(font)
    shown = (c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cf", "Cc", "Mn", "Me"))
    return "".join(c if c in held or c.isspace() else MISSING for c in shown)


@cache
def letters(font: str) -> frozenset[str]:
    """Return every letter that a font of ours holds, read from its character map (OpenType `cmap`, format 4)."""
    data = (FOLDER / f"{font}.ttf").read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    listed = (struct.unpack_from(">4sIII", data, 12 + 16 * i) for i in range(tables))
    start = next(begin for tag, _checksum, begin, _length in listed if tag == b"cmap")
    (maps,) = struct.unpack_from(">H", data, start + 2)
    places = {(p, e): at for p, e, at in (struct.unpack_from(">HHI", data, start + 4 + 8 * i) for i in range(maps))}
    return frozenset(_format_4(data, start + places[3, 1]))


def _format_4(data: bytes, at: int) -> set[str]:
    kind, _, _, doubled = struct.unpack_from(">HHHH", data, at)
    if kind != 4:
        raise ValueError("the font's character map is not of format 4")
    row = f">{doubled // 2}H"
    ends, starts, deltas, offsets = (
        struct.unpack_from(row, data, at + 14 + part * doubled + (2 if part else 0)) for part in range(4)
    )
    held = set()
    for i, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code + delta
            if offset:
                place = at + 16 + 3 * doubled + 2 * i + offset + 2 * (code - first)
                (index,) = struct.unpack_from(">H", data, place)
                glyph = index + delta if index else 0
            if glyph & 0xFFFF:
                held.add(chr(code))
    return held
