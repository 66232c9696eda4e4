"""A text as rules read it: one letter for each that is seen, with and without its marks, and where each one stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from survey.i18n.letters import without_marks
from survey.i18n.stored_text import invisible

# Latin letters with every mark of Vietnamese, composed, and what else is one sign on every keyboard.
_MARKS = "\xc0-\xc3\xc8-\xca\xcc\xcd\xd2-\xd5\xd9\xda\xdd\u0102\u0110\u0128\u0168\u01a0\u01af"
_SMALL_MARKS = "\xe0-\xe3\xe8-\xea\xec\xed\xf2-\xf5\xf9\xfa\xfd\u0103\u0111\u0129\u0169\u01a1\u01b0"
_ORDINARY = re.compile(f"[\t\n\x20-\x7e{_MARKS}{_SMALL_MARKS}\u1ea0-\u1ef9–—“”‘’…]*")


@dataclass(frozen=True)
class Spelling:
    """What is seen of a text.

    `exact` holds one letter for each that is seen: composed, of ordinary width, digits of every script as 0 to 9; signs
    that nobody sees are left out. `plain` is the same in small letters without marks. The letter `i` of both stands in
    the text from `starts[i]` to `starts[i + 1]`.
    """

    exact: str
    plain: str
    starts: Sequence[int]


def spelling(text: str) -> Spelling:
    """Return how rules read a text."""
    if _ORDINARY.fullmatch(text):
        return Spelling(text, plain(text), range(len(text) + 1))
    letters, starts = [], []
    for start, letter in _letters(text):
        letters.append(letter)
        starts.append(start)
    exact = "".join(letters)
    return Spelling(exact, plain(exact), [*starts, len(text)])


def plain(exact: str) -> str:
    """Return letters of one sign each in small letters without marks, as many as they were.

    >>> plain("Đường 30/4")
    'duong 30/4'
    """
    return exact.translate(_PLAIN)


def _letters(text: str) -> Iterator[tuple[int, str]]:
    """Yield each letter that is seen, with the place where it begins; signs that are not seen belong to the one before.

    What stands before the first letter belongs to nobody and stays.
    """
    start, end, length = 0, 0, len(text)
    while start < length:
        end = start + 1
        if invisible(text[start]) and text[start] not in "\t\n":
            start = end
            continue
        while end < length and unicodedata.combining(text[end]):
            end += 1
        yield start, _seen(text[start:end])
        start = end


@lru_cache(maxsize=4096)
def _seen(cluster: str) -> str:
    if (digit := unicodedata.decimal(cluster[0], None)) is not None:
        return str(digit)
    seen = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", cluster[0]) + cluster[1:6])
    return seen if len(seen) == 1 else unicodedata.normalize("NFC", cluster[:6])[0]


class _Plain(dict[int, str]):
    """The plain form of each sign, worked out once."""

    def __missing__(self, code: int) -> str:
        lower = without_marks(chr(code)).lower()
        # The apostrophe of some letters would be a sign more, and the places would no longer agree.
        form = self[code] = lower if len(lower) == 1 else chr(code)
        return form


_PLAIN = _Plain()
