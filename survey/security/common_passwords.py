"""What of a password is not common: what is left once the pieces are taken out that everybody else uses, too.

A list of whole passwords would hold few of fourteen letters and more: those are made by putting common pieces together
(`matkhau12345678`, `Vietnam@2025@2026`). So the list (survey/data/passwords/common.txt) has pieces, and runs on the
keyboard, repetitions and years count as such. A sentence of one's own keeps most of its letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from survey.settings import DATA

PIECES = DATA / "passwords" / "common.txt"
RUN = 4  # neighbours on the keyboard or in the alphabet, from which on they are one thought
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "z1x2c3v4b5n6m7",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "147258369",
)
_WAYS = tuple(way for row in _ROWS for way in (row, row[::-1]))
_RUNS = frozenset(way[start : start + RUN] for way in _WAYS for start in range(len(way) - RUN + 1))
_LIKE = str.maketrans("@04135$7!", "aoaiessti")
_MARKS = str.maketrans("đ", "d")
_AGAIN = re.compile(r"(.{2,}?)\1+|(.)\2{2,}")
_YEAR = re.compile(r"(?:[0-3]?\d[01]?\d)?(?:19|20)\d\d")


def uncommon(password: str) -> int:
    """Return how many letters and digits are left of a password once what is common in it is taken out.

    >>> uncommon("matkhau12345678"), uncommon("V1etN@m@20252025"), uncommon("1q2w3e4r5t6y7u8i")
    (0, 1, 0)
    >>> uncommon("một câu dài dễ nhớ"), uncommon("Tôi yêu Việt Nam rất nhiều")
    (14, 8)
    """
    rest = _without_runs(_YEAR.sub("", _plain(password)))
    return min(len(_without_pieces(text)) for text in (rest, rest.translate(_LIKE)))


def _plain(text: str) -> str:
    """Return a text in small letters without marks; gaps and signs stay, for some stand for letters."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_MARKS)


def _without_pieces(text: str) -> str:
    bare = "".join(letter for letter in text if letter.isalnum())
    return _AGAIN.sub(r"\1\2", _without_runs(_pieces().sub("", bare)))


def _without_runs(text: str) -> str:
    inside = {
        start + offset
        for start in range(len(text) - RUN + 1)
        if text[start : start + RUN] in _RUNS
        for offset in range(RUN)
    }
    return "".join(letter for place, letter in enumerate(text) if place not in inside)


@cache
def _pieces() -> re.Pattern[str]:
    lines = PIECES.read_text(encoding="utf-8").splitlines()
    words = {word for line in lines if not line.startswith("#") for word in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
