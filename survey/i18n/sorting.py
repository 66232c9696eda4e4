"""The order of names in Vietnamese dictionaries."""

from __future__ import annotations

import unicodedata

TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng
LETTERS = {letter: i for i, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}


def sort_key(name: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the key by which Vietnamese dictionaries sort: letters first (a < ă < â … d < đ), then tones.

    >>> sorted(["Đông Hải", "Duyên Hải", "Ăn", "An"], key=sort_key)
    ['An', 'Ăn', 'Duyên Hải', 'Đông Hải']
    """
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for character in unicodedata.normalize("NFC", name).lower():
        parts = unicodedata.normalize("NFD", character)
        tone = next((p for p in parts if p in TONES), "")
        base = unicodedata.normalize("NFC", parts.replace(tone, "", 1) if tone else parts)
        tones.append(TONES.find(tone) + 1 if tone else 0)
        if base in LETTERS:
            letters.append((3, LETTERS[base]))
        elif base.isdecimal():
            letters.append((2, int(base)))
        else:
            letters.append((0, 0) if base.isspace() else (1, ord((base or character)[0])))
    return letters, tones
