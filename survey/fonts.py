"""The typefaces that ship with the product, under a family name that no other font on a machine bears.

Asked for by that name, a drawing engine cannot take a system's font instead, which may lack Vietnamese letters. What
reads and draws fonts is large, so it is imported where it is used: a process that serves citizens needs neither.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from survey.settings import DATA

FOLDER = DATA / "fonts"
SANS, SERIF = "Hailong Sans", "Hailong Serif"
FACES = tuple(f"Hailong{f}-{s}" for f in ("Sans", "Serif") for s in ("Regular", "Bold", "Italic", "BoldItalic"))
MISSING = "□"
_LOWER = [
    unicodedata.normalize("NFC", v + tone) for v in "aăâeêioôơuưy" for tone in ("", *"\u0300\u0301\u0303\u0309\u0323")
]
VIETNAMESE = frozenset("".join(_LOWER) + "đ" + "".join(_LOWER).upper() + "Đ")


@cache
def letters(face: str) -> frozenset[str]:
    """Return every letter that a face of ours holds.

    Raises:
        OSError: its file is missing.
        TTLibError: its file is damaged.
    """
    from fontTools.ttLib import TTFont

    with TTFont(FOLDER / f"{face}.ttf", lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap() or ()))


def printable(text: str, face: str = FACES[0]) -> str:
    """Return a text with a box for each letter that the face lacks, and without marks that nothing shows.

    >>> printable("Quầy 3 \U0001f600, số ₫\u200b")
    'Quầy 3 □, số ₫'
    """
    shown = (c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cf", "Cc", "Mn", "Me"))
    return "".join(c if c in letters(face) or c.isspace() else MISSING for c in shown)


def damaged() -> list[str]:
    """Return the faces that are missing, cannot be read or lack a Vietnamese letter."""
    from fontTools.ttLib import TTLibError

    def whole(face: str) -> bool:
        try:
            return letters(face) >= VIETNAMESE
        except (OSError, TTLibError):
            return False

    return [face for face in FACES if not whole(face)]


@cache
def register() -> None:
    """Let the engine that draws charts find our fonts."""
    import vl_convert

    vl_convert.register_font_directory(str(FOLDER))


def in_use() -> bool:
    """Return whether the engine that draws charts takes our font when it is asked for it.

    Where the family is not found, the next one of the list is drawn: the serif font, which looks different.
    """
    register()
    return _picture(f"{SANS}, serif") != _picture("serif")


def _picture(family: str) -> bytes:
    import vl_convert

    text = f'<text y="24" font-size="24" font-family="{family}">Tỷ lệ hài lòng</text>'
    return bytes(vl_convert.svg_to_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40">{text}</svg>'))
